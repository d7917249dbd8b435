"""What a server may do: named outcomes, composed with `&` and `|`, that print themselves as sentences.

An outcome holds (True), does not hold (False), or is unknown (None) because only the witness could show it.
It reads an observation and knows neither scenarios nor verdicts. A new outcome belongs here, with a test;
scenarios do not define their own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from clients.response import Framing, Response
from clients.transcript import Ending
from conformance.judging.echo import echo_in
from conformance.judging.observation import Observation
from conformance.judging.refusals import serves_garbled
from conformance.text import join_or, show

# None: unknown, because only the witness could show it.
Truth = bool | None

SUCCESS = range(200, 300)
REDIRECTION = range(300, 400)
CLIENT_ERROR = range(400, 500)
SERVER_ERROR = range(500, 600)


def _nothing(_: Observation) -> str:
    return ""


def _never(_: Observation) -> bool:
    return False


@dataclass(frozen=True)
class Outcome:
    """Something a server may do."""

    # A phrase whose subject is the server: "answers 400".
    text: str

    # Whether an observation shows it.
    holds: Callable[[Observation], Truth]

    # How many final responses have to arrive before it can be judged.
    answers: int = 1

    # What it asks beyond one final response, by name: that the application sees the "body" or the "version",
    # that the connection stays "open". A control asks for nothing that its scenarios do not ask for.
    asks: frozenset[str] = frozenset()

    # Whether the server closed the connection where it owed an error response or one more pipelined response:
    # it may close at any time (RFC 9112, 9.5). The verdict is then the tolerated one, not a deviation.
    excuse: Callable[[Observation], bool] = _never

    # Whether it holds, or would if any status of an error were as good as the 400 that is due.
    # None: the same as `holds`, because no 400 is due.
    refused: Callable[[Observation], Truth] | None = None

    # What the observed sentence adds about it, without a full stop; empty if there is nothing to add.
    detail: Callable[[Observation], str] = _nothing

    # Whether the text joins alternatives, so that it needs brackets inside a phrase with "and".
    compound: bool = False

    # Whether the text ends in a numbered list, so that a semicolon comes between it and the next phrase.
    listed: bool = False

    def __str__(self) -> str:
        return self.text

    def __and__(self, other: "Outcome") -> "Outcome":
        one, two = self._in_brackets, other._in_brackets
        return one._joined(two, f"{one.text}{';' if one.listed else ''} and {two.text}", _all)

    def __or__(self, other: "Outcome") -> "Outcome":
        text = f"{self.text}{';' if self.listed else ','} or {other.text}"
        either = self._joined(other, text, _any)

        def detail(seen: Observation) -> str:
            # What the other alternative says is not true of what this one allows.
            return next((each for each in (self, other) if each.holds(seen)), either).detail(seen)

        return replace(either, compound=True, detail=detail)

    def _joined(self, other: "Outcome", text: str, join: Callable[[Truth, Truth], Truth]) -> "Outcome":
        return Outcome(
            text,
            lambda seen: join(self.holds(seen), other.holds(seen)),
            answers=max(self.answers, other.answers),
            asks=self.asks | other.asks,
            excuse=lambda seen: self.excuse(seen) or other.excuse(seen),
            refused=lambda seen: join(self.refuses(seen), other.refuses(seen)),
            detail=lambda seen: "; ".join(
                dict.fromkeys(each.detail(seen) for each in (self, other) if each.detail(seen))
            ),
            listed=other.listed,
        )

    def refuses(self, seen: Observation) -> Truth:
        """Whether it holds, or would if the server had refused with the status that is due."""
        return (self.refused or self.holds)(seen)

    @property
    def _in_brackets(self) -> "Outcome":
        """The same outcome, with brackets around its text if it needs them inside a phrase with "and"."""
        if not self.compound:
            return self
        return replace(self, text=f"({self.text})", compound=False, listed=False)


def _all(*truths: Truth) -> Truth:
    return False if False in truths else None if None in truths else True


def _any(*truths: Truth) -> Truth:
    return True if True in truths else None if None in truths else False


def join_and(parts: Sequence[str]) -> str:
    """Join the parts of a sentence: `a`, `a and b`, `a, b and c`."""
    return " and ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


# Answers


def answers(*allowed: int | range) -> Outcome:
    """A complete final response with one of the allowed statuses."""
    names = [f"{status.start // 100}xx" if isinstance(status, range) else str(status) for status in allowed]
    statuses = frozenset[int]().union(*(group if isinstance(group, range) else (group,) for group in allowed))
    refusals = frozenset(status for status in statuses if status >= 400)

    def refused_by_closing(seen: Observation) -> bool:
        # A close is a refusal too, and so is an error response that the server's own reset cut short, or one
        # with a garbled status line. Any other bytes show that the request was served.
        nothing_else = seen.partial is None or seen.partial.status in refusals
        unanswered = not (seen.answers or seen.later) and not serves_garbled(seen)
        return bool(refusals) and seen.transcript.ending.closed and nothing_else and unanswered

    def has_status(seen: Observation, statuses: frozenset[int]) -> bool:
        if seen.answer is None and _is_delimited_by_reset(seen):
            return seen.partial is not None and seen.partial.status in statuses & _ERRORS
        return seen.answer is not None and seen.answer.status in statuses

    # Where 400 is due, any error is a refusal. Where it is not, the status is what the clause is about.
    good_enough = statuses | _ERRORS if _BAD_REQUEST in statuses else statuses
    return Outcome(
        f"answers {join_or(names)}",
        lambda seen: has_status(seen, statuses),
        excuse=refused_by_closing,
        refused=lambda seen: has_status(seen, good_enough),
    )


_BAD_REQUEST = 400
_ERRORS = frozenset((*CLIENT_ERROR, *SERVER_ERROR))


def _is_delimited_by_reset(seen: Observation) -> bool:
    """Whether a response that only a close can delimit was followed by a reset.

    Whether such a close is a FIN or a reset depends on how much of the request the server happened to have
    read by then, so a refusal that ends this way counts as complete.
    """
    partial = seen.partial
    return partial is not None and partial.framing is Framing.CLOSE and seen.transcript.ending is Ending.RESET


_OPEN = frozenset({"open"})


def in_turn(*outcomes: Outcome) -> Outcome:
    """Exactly one response to each request, in the order of the requests, each as its outcome says."""
    listed = "; ".join(f"{number}. {outcome.text}" for number, outcome in enumerate(outcomes, 1))

    def each(seen: Observation, shows: Callable[[Outcome, Observation], Truth]) -> Truth:
        return _all(
            *(shows(outcome, seen.at(number)) for number, outcome in enumerate(outcomes[: len(seen.answers)]))
        )

    def as_expected(seen: Observation) -> Truth:
        return each(seen, lambda outcome, of_one: outcome.holds(of_one))

    def one_each(seen: Observation) -> bool:
        nothing_else = len(seen.later) <= 1 and not seen.rest and not seen.partial
        return len(seen.answers) == len(outcomes) and nothing_else

    def holds(seen: Observation) -> Truth:
        return as_expected(seen) if one_each(seen) else False

    def closed_in_between(seen: Observation) -> bool:
        some = 0 < len(seen.answers) < len(outcomes)
        cut_short = not seen.rest or seen.rest.startswith(b"HTTP/")
        return some and cut_short and seen.transcript.ending.closed and as_expected(seen) is not False

    def detail(seen: Observation) -> str:
        wrong = len(seen.answers) == len(outcomes) and holds(seen) is False
        if wrong and any(holds(seen.with_swapped(one)) for one in range(len(outcomes) - 1)):
            return "two responses came in each other's place"
        details = (outcome.detail(seen.at(index)) for index, outcome in enumerate(outcomes))
        return "; ".join(f"{number}. {text}" for number, text in enumerate(details, 1) if text)

    return Outcome(
        f"answers in order: {listed}",
        holds,
        answers=len(outcomes),
        asks=_OPEN.union(*(outcome.asks for outcome in outcomes)),
        excuse=closed_in_between,
        refused=lambda seen: one_each(seen) and each(seen, lambda outcome, of_one: outcome.refuses(of_one)),
        detail=detail,
        listed=True,
    )


def interim(status: int) -> Outcome:
    """An interim response with that status, in a conversation where no wait was in vain."""
    return Outcome(
        f"sends {status} without waiting for the content",
        lambda seen: (
            not seen.transcript.awaited_in_vain
            and any(response.status == status for response in seen.interims)
        ),
        asks=frozenset({"interim"}),
    )


sends_what_is_awaited = Outcome(
    "sends what the client waits for before the client sends more",
    lambda seen: not seen.transcript.awaited_in_vain,
    answers=0,
)

no_interim = Outcome("sends no interim response", lambda seen: not seen.interims)

no_answer = Outcome(
    "sends no final response",
    lambda seen: not (seen.answers or seen.later or seen.partial or seen.rest),
    answers=0,
)


def has_field(name: bytes, value: bytes | None = None) -> Outcome:
    """The response has the field; with `value`, the field lists that member, in any case."""
    shown = f"{name.decode()}: {value.decode()}" if value is not None else name.decode()

    def holds(answer: Response) -> bool:
        return bool(answer.values(name)) if value is None else value.lower() in answer.members(name)

    return _about_answer(f"sends the field {shown}", holds, lambda answer: _shown_field(answer, name))


def lacks_field(name: bytes) -> Outcome:
    """The response does not have the field."""
    return _about_answer(
        f"sends no {name.decode()} field",
        lambda answer: not answer.values(name),
        lambda answer: _shown_field(answer, name),
    )


def version(wanted: bytes) -> Outcome:
    """The response's status line has that version."""
    return _about_answer(
        f"labels the response {wanted.decode()}",
        lambda answer: answer.version == wanted,
        lambda answer: f"the response is labelled {show(answer.version)}",
    )


def content(wanted: bytes) -> Outcome:
    """The response's content is exactly these bytes."""
    return _about_answer(
        f"sends the content {show(wanted)}",
        lambda answer: answer.content == wanted,
        lambda answer: f"the content is {show(answer.content)}",
    )


def content_lacks(unwanted: bytes) -> Outcome:
    """The response's content does not contain these bytes."""
    return _about_answer(
        f"sends no content that contains {show(unwanted)}",
        lambda answer: unwanted not in answer.content,
        lambda answer: f"the content contains {show(unwanted)}" if unwanted in answer.content else "",
    )


def _flaws(seen: Observation) -> str:
    flaws = [
        flaw.value for response in (*seen.interims, *seen.answers, *seen.later) for flaw in response.flaws
    ]
    return f"the response has {', and '.join(dict.fromkeys(flaws))}" if flaws else ""


def content_size(octets: int) -> Outcome:
    """The response's content has that many octets."""
    return _about_answer(
        f"sends content of {octets} octets",
        lambda answer: answer.length == octets,
        lambda answer: f"the content has {answer.length} octets",
    )


well_formed = Outcome(
    "sends only responses that follow the grammar of HTTP/1.1",
    lambda seen: (
        bool(seen.answers)
        and not seen.rest
        and not any(response.flaws for response in (*seen.interims, *seen.answers, *seen.later))
    ),
    detail=_flaws,
)


def _about_answer(text: str, holds: Callable[[Response], bool], detail: Callable[[Response], str]) -> Outcome:
    return Outcome(
        text,
        lambda seen: seen.answer is not None and holds(seen.answer),
        detail=lambda seen: detail(seen.answer) if seen.answer else "",
    )


def _shown_field(answer: Response, name: bytes) -> str:
    values = answer.values(name)
    if not values:
        return f"there is no {name.decode()} field"
    return f"{name.decode()} is {', '.join(map(show, values))}"


# The connection

closes = Outcome(
    "closes the connection",
    lambda seen: seen.transcript.ending.closed and not seen.later,
    answers=0,
    asks=frozenset({"close"}),
)

closes_gracefully = Outcome(
    "closes the connection without resetting it",
    lambda seen: closes.holds(seen) is True and seen.transcript.ending is not Ending.RESET,
    answers=0,
)

# The query of the follow-up request's target, by which the witness's echo identifies that request.
FOLLOW_UP_MARK = b"?follow-up"


def _answers_follow_up(seen: Observation, answer: Response) -> Truth:
    if not seen.witness:
        return True
    echo = echo_in(answer)
    if echo is None:
        return False
    return None if echo.query is None else echo.query == FOLLOW_UP_MARK[1:]


stays_open = Outcome(
    "keeps the connection open",
    lambda seen: _any(*(_answers_follow_up(seen, answer) for answer in seen.later)),
    asks=_OPEN,
)

hangs_up = Outcome(
    "closes the connection without a response",
    lambda seen: seen.transcript.ending.closed and seen.silent,
    answers=0,
)

falls_silent = Outcome(
    "keeps waiting for bytes that can no longer arrive",
    lambda seen: seen.transcript.ending is Ending.SILENCE and seen.silent,
    answers=0,
)

waits = Outcome(
    "sends nothing before the request is complete",
    lambda seen: seen.transcript.received_before_pause_ended == 0,
)


def _in_step(seen: Observation) -> Truth:
    if len(seen.answers) > 1 or len(seen.later) > 1 or seen.rest or seen.partial:
        return False
    return _all(*(_answers_follow_up(seen, answer) for answer in seen.later))


def _out_of_step(seen: Observation) -> str:
    answers, requests = len(seen.answers) + len(seen.later), seen.requests + bool(seen.later)
    if answers > requests:
        return f"it sent {answers} responses to {requests} request{'s' if requests > 1 else ''}"
    if _in_step(seen) is not False or seen.rest or seen.partial:
        return ""
    return "the follow-up request was not understood as it was sent"


in_step = Outcome("does not treat any of these bytes as another request", _in_step, detail=_out_of_step)
