"""A transcript as a verdict looks at it: the responses it holds, and how the connection stood.

All of it is derived, nothing is judged. Where the witness is not mounted, nothing is known of how a request
was understood, and the fields that would say so are None.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from clients.response import Response, read_responses
from clients.transcript import Ending, Transcript
from conformance.judging.echo import Echo, echo_in
from conformance.judging.placeholders import fill

# A line of a conversation that reads as a request line; it is in the bytes that we wrote ourselves.
_REQUEST_LINE = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]++) \S++ (HTTP/\d\.\d)\r?")
_VERSION, _IN_VERSION = b"HTTP/", b"H"

_ORDERLY = frozenset({Ending.FIN, Ending.CLOSE_NOTIFY})


def requests_in(sent: bytes) -> tuple[tuple[bytes, bytes], ...]:
    """The method and the version of each request line in the bytes of a conversation."""
    requests = []
    # There are megabytes to go through, in which a letter is found much sooner than a word.
    found = sent.find(_IN_VERSION)
    while found >= 0:
        end = found + 1
        if sent.startswith(_VERSION, found):
            start, end = sent.rfind(b"\n", 0, found) + 1, sent.find(b"\n", found)
            end = end if end >= 0 else len(sent)
            match = _REQUEST_LINE.fullmatch(sent, start, end)
            if match:
                requests.append((match[1], match[2]))
        found = sent.find(_IN_VERSION, end)
    return tuple(requests)


def methods_in(sent: bytes) -> tuple[bytes, ...]:
    """The methods of the request lines in the bytes of a conversation, to delimit the responses by."""
    return tuple(method for method, _ in requests_in(sent))


@dataclass(frozen=True)
class Observation:
    """What was seen in one conversation.

    answers: the complete final responses that came before the follow-up was sent. later: those behind it.
    interims: the 1xx responses before the first final one. partial: a response that was begun and not
    finished. rest: bytes that are no response. filled: what the placeholders stood for. witness, forms:
    whether the target has the witness, and whether that reports arguments and files.
    """

    transcript: Transcript
    answers: tuple[Response, ...]
    later: tuple[Response, ...]
    interims: tuple[Response, ...]
    partial: Response | None
    rest: bytes
    filled: Mapping[bytes, bytes]
    witness: bool
    forms: bool

    def fill(self, data: bytes) -> bytes:
        """Replace the placeholders as they were replaced in what was sent."""
        return fill(data, self.filled)

    def at(self, index: int) -> "Observation":
        """The same conversation with the answer at `index` as its first."""
        return replace(self, answers=self.answers[index:])

    @cached_property
    def answer(self) -> Response | None:
        """The first answer."""
        return self.answers[0] if self.answers else None

    @cached_property
    def echo(self) -> Echo | None:
        """What the witness saw, if the first answer is its echo."""
        return echo_in(self.answer) if self.answer else None

    @property
    def silent(self) -> bool:
        """Whether no byte came, neither of a response nor of anything else."""
        return not (self.answers or self.later or self.interims or self.partial or self.rest)


def observe(
    transcript: Transcript, *, filled: Mapping[bytes, bytes], witness: bool = False, forms: bool = False
) -> Observation:
    """Read a transcript's bytes as responses, and part them by the moment of the follow-up."""
    reading = read_responses(
        transcript.received, methods_in(transcript.sent), ended=transcript.ending in _ORDERLY
    )
    complete = [response for response in reading.finals if response.complete]
    partial = next((response for response in reading.responses if not response.complete), None)
    turn = transcript.received_before_follow_up
    # Empty lines that came before the turn do not make an answer of what follows them behind it.
    before = [
        response
        for response in complete
        if turn is None or transcript.received.find(b"HTTP/", response.start) < turn
    ]
    first_final = reading.finals[0].start if reading.finals else len(transcript.received)
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
        filled=filled,
        witness=witness,
        forms=forms,
    )
