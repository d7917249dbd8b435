"""A transcript as the verdict sees it: the responses it contains, and the state of the connection.

Everything here is derived from the bytes; nothing is judged. Only the witness shows how the server understood
a request: without it, `echo` is None.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from clients.reader import read_responses
from clients.response import TOKEN_CHARACTER, Response
from clients.transcript import Transcript
from conformance.judging.echo import Echo, echo_in
from conformance.judging.placeholders import fill

# A request line in the bytes that a scenario sends.
_REQUEST_LINE = re.compile(rb"(%b++) \S++ (HTTP/\d\.\d)\r?" % TOKEN_CHARACTER)
_VERSION, _FIRST_OF_VERSION = b"HTTP/", b"H"


def requests_in(sent: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """Return the method and the version of each request line in the bytes of a conversation."""
    requests = []
    # Some conversations are megabytes, in which searching for a letter is much faster than for a word.
    found = sent.find(_FIRST_OF_VERSION)
    while found >= 0:
        end = found + 1
        if sent.startswith(_VERSION, found):
            start, end = sent.rfind(b"\n", 0, found) + 1, sent.find(b"\n", found)
            end = end if end >= 0 else len(sent)
            match = _REQUEST_LINE.fullmatch(sent, start, end)
            if match:
                requests.append((match[1], match[2]))
        found = sent.find(_FIRST_OF_VERSION, end)
    return tuple(requests)


def methods_in(sent: bytes) -> tuple[bytes, ...]:
    """Return the methods of the request lines in the bytes of a conversation; they delimit the responses."""
    return tuple(method for method, _ in requests_in(sent))


@dataclass(frozen=True)
class Observation:
    """What was seen in one conversation."""

    transcript: Transcript
    answers: tuple[Response, ...]  # the complete final responses before the follow-up was sent
    later: tuple[Response, ...]  # the complete final responses after it
    interims: tuple[Response, ...]  # the complete 1xx responses before the first final response
    partial: Response | None  # a response that began and did not finish
    rest: bytes  # bytes that are not an HTTP response, as far as they were kept
    rest_size: int  # how many there were
    filled: Mapping[bytes, bytes]  # the values of the placeholders
    witness: bool  # whether the target has the witness
    forms: bool  # whether the witness reports form arguments and files
    requests: int = 1  # how many requests were sent before the follow-up, as they are meant to be read

    def fill(self, data: bytes) -> bytes:
        """Fill in the placeholders as in the bytes that were sent."""
        return fill(data, self.filled)

    def at(self, index: int) -> "Observation":
        """Return the same observation with the answer at `index` as its first."""
        return replace(self, answers=self.answers[index:])

    def with_swapped(self, index: int) -> "Observation":
        """Return the same observation with the answers at `index` and after it in each other's place."""
        answers = list(self.answers)
        answers[index : index + 2] = reversed(answers[index : index + 2])
        return replace(self, answers=tuple(answers))

    @cached_property
    def answer(self) -> Response | None:
        """The first answer, if there is one."""
        return self.answers[0] if self.answers else None

    @cached_property
    def echo(self) -> Echo | None:
        """What the witness saw, if the first answer is an echo of it."""
        return echo_in(self.answer) if self.answer else None

    @property
    def labels_http11(self) -> bool:
        """Whether any response is labelled HTTP/1.1 or higher."""
        everything = (*self.answers, *self.later, *self.interims, *((self.partial,) if self.partial else ()))
        return any(response.version > b"HTTP/1.0" for response in everything)

    @property
    def has_more_answers_than_requests(self) -> bool:
        """Whether something that is not a request was answered as one."""
        return len(self.answers) > self.requests or len(self.later) > 1

    @property
    def silent(self) -> bool:
        """Whether not a single byte was received."""
        return not (self.answers or self.later or self.interims or self.partial or self.rest)


def observe(
    transcript: Transcript,
    *,
    filled: Mapping[bytes, bytes],
    witness: bool = False,
    forms: bool = False,
    requests: int = 1,
) -> Observation:
    """Read a transcript's bytes as responses, and separate those before the follow-up from those after it.

    requests: how many were sent before the follow-up, as they are meant to be read.
    """
    reading = transcript.reading or read_responses(
        transcript.received, methods_in(transcript.sent), ended=transcript.ending.orderly
    )
    complete = [response for response in reading.finals if response.complete]
    partial = next((response for response in reading.responses if not response.complete), None)
    turn = transcript.received_before_follow_up
    # Empty lines received before the follow-up do not count: the response begins at its status line.
    before = [response for response in complete if turn is None or response.begins < turn]
    first_final = reading.finals[0].start if reading.finals else math.inf
    return Observation(
        transcript=transcript,
        answers=tuple(before),
        later=tuple(complete[len(before) :]),
        interims=tuple(
            response
            for response in reading.responses
            if response.interim and response.complete and response.start < first_final
        ),
        partial=partial,
        rest=reading.rest,
        rest_size=len(reading.rest) + reading.cut,
        filled=filled,
        witness=witness,
        forms=forms,
        requests=requests,
    )
