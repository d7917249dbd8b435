"""What a server may do: named outcomes, composed with `&` and `|`, that print themselves as sentences.

An outcome holds, does not hold, or cannot be told (None) because only the witness could show it. It reads an
observation and knows neither scenarios nor verdicts. A new outcome belongs here, with a test; no scenario
brings its own.
"""

from collections.abc import Callable
from dataclasses import dataclass

from clients.response import Framing, Response
from clients.transcript import Ending
from conformance.judging.echo import echo_in
from conformance.judging.observation import Observation
from conformance.text import join_or, show

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
    """Something a server may do.

    text: a phrase whose subject is the server. holds: whether an observation shows it, None when that cannot
    be told without the witness. answers: how many final responses have to come before it can be looked at.
    refuses: whether an error status meets it. detail: what to add to the observed sentence about it.
    """

    text: str
    holds: Callable[[Observation], Truth]
    answers: int = 1
    excuse: Callable[[Observation], bool] = _never
    detail: Callable[[Observation], str] = _nothing
    compound: bool = False

    def __str__(self) -> str:
        return self.text

    def __and__(self, other: "Outcome") -> "Outcome":
        return self._joined(other, f"{self._inner} and {other._inner}", _all)

    def __or__(self, other: "Outcome") -> "Outcome":
        return self._joined(other, f"{self.text}, or {other.text}", _any, compound=True)

    def _joined(
        self, other: "Outcome", text: str, join: Callable[[Truth, Truth], Truth], *, compound: bool = False
    ) -> "Outcome":
        return Outcome(
            text,
            lambda seen: join(self.holds(seen), other.holds(seen)),
            answers=max(self.answers, other.answers),
            excuse=lambda seen: self.excuse(seen) or other.excuse(seen),
            detail=lambda seen: "; ".join(
                dict.fromkeys(filter(None, (self.detail(seen), other.detail(seen))))
            ),
            compound=compound,
        )

    @property
    def _inner(self) -> str:
        return f"({self.text})" if self.compound else self.text


def _all(*truths: Truth) -> Truth:
    return False if False in truths else None if None in truths else True


def _any(*truths: Truth) -> Truth:
    return True if True in truths else None if None in truths else False


# Answers


def answers(*allowed: int | range) -> Outcome:
    """A complete final response with one of the statuses."""
    names = [f"{status.start // 100}xx" if isinstance(status, range) else str(status) for status in allowed]
    statuses = frozenset[int]().union(*(group if isinstance(group, range) else (group,) for group in allowed))
    refusals = frozenset(status for status in statuses if status >= 400)

    def refused_all_the_same(seen: Observation) -> bool:
        # Hanging up is a refusal, too, whatever came instead of a response, and so is an error response that
        # its own reset cut short.
        at_most = seen.partial is None or seen.partial.status in refusals
        return (
            bool(refusals) and seen.transcript.ending.closed and at_most and not (seen.answers or seen.later)
        )

    def holds(seen: Observation) -> bool:
        if seen.answer is None and _refusal_cut_by_chance(seen):
            return seen.partial is not None and seen.partial.status in refusals
        return seen.answer is not None and seen.answer.status in statuses

    return Outcome(f"answers {join_or(names)}", holds, excuse=refused_all_the_same)


def _refusal_cut_by_chance(seen: Observation) -> bool:
    """Whether there is the head of a response that only a close delimits, and a reset was that close.

    It is a FIN where the server happened to have read all that was sent by then. So a refusal is no other.
    """
    said = seen.partial
    return said is not None and said.framing is Framing.CLOSE and seen.transcript.ending is Ending.RESET


def in_turn(*outcomes: Outcome) -> Outcome:
    """One answer after the other and no more, in the order of the requests, each as its outcome says."""
    listed = "; ".join(f"{number}. {outcome.text}" for number, outcome in enumerate(outcomes, 1))

    def came_as_wanted(seen: Observation) -> Truth:
        truth: Truth = True
        for index in range(min(len(outcomes), len(seen.answers))):
            truth = _all(truth, outcomes[index].holds(seen.at(index)))
        return truth

    def holds(seen: Observation) -> Truth:
        if len(seen.answers) != len(outcomes) or len(seen.later) > 1 or seen.rest or seen.partial:
            return False
        return came_as_wanted(seen)

    def closed_in_between(seen: Observation) -> bool:
        some = 0 < len(seen.answers) < len(outcomes)
        cut_short = not seen.rest or seen.rest.startswith(b"HTTP/")
        return some and cut_short and seen.transcript.ending.closed and came_as_wanted(seen) is not False

    def detail(seen: Observation) -> str:
        said = (outcome.detail(seen.at(index)) for index, outcome in enumerate(outcomes))
        return "; ".join(f"{number}. {text}" for number, text in enumerate(said, 1) if text)

    return Outcome(
        f"answers in order: {listed}",
        holds,
        answers=len(outcomes),
        excuse=closed_in_between,
        detail=detail,
    )


def interim(status: int) -> Outcome:
    """An interim response of that status that comes without being waited for in vain."""
    return Outcome(
        f"sends {status} without waiting for the content",
        lambda seen: (
            not seen.transcript.awaited_in_vain
            and any(response.status == status for response in seen.interims)
        ),
    )


sends_what_is_awaited = Outcome(
    "sends all that is waited for before the next octets come",
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
    """The answer has the field; with `value`, the field lists that member, without regard to case."""
    shown = f"{name.decode()}: {value.decode()}" if value is not None else name.decode()

    def holds(answer: Response) -> bool:
        return bool(answer.values(name)) if value is None else value.lower() in answer.members(name)

    return _about_answer(f"sends the field {shown}", holds, lambda answer: _shown_field(answer, name))


def lacks_field(name: bytes) -> Outcome:
    """The answer does not have the field."""
    return _about_answer(
        f"sends no {name.decode()} field",
        lambda answer: not answer.values(name),
        lambda answer: _shown_field(answer, name),
    )


def version(wanted: bytes) -> Outcome:
    """The answer's status line names that version."""
    return _about_answer(
        f"labels the answer {wanted.decode()}",
        lambda answer: answer.version == wanted,
        lambda answer: f"the answer is labelled {show(answer.version)}",
    )


def content(wanted: bytes) -> Outcome:
    """The answer's content is just these bytes."""
    return _about_answer(
        f"sends the content {show(wanted)}",
        lambda answer: answer.content == wanted,
        lambda answer: f"the content is {show(answer.content)}",
    )


def content_lacks(unwanted: bytes) -> Outcome:
    """These bytes are nowhere in the answer's content."""
    return _about_answer(
        f"sends no content with {show(unwanted)} in it",
        lambda answer: unwanted not in answer.content,
        lambda answer: f"the content has {show(unwanted)} in it" if unwanted in answer.content else "",
    )


def _flaws(seen: Observation) -> str:
    flaws = [
        flaw.value for response in (*seen.interims, *seen.answers, *seen.later) for flaw in response.flaws
    ]
    return f"the response has {', and '.join(dict.fromkeys(flaws))}" if flaws else ""


def content_size(octets: int) -> Outcome:
    """The answer's content has so many octets."""
    return _about_answer(
        f"sends content of {octets} octets",
        lambda answer: len(answer.content) == octets,
        lambda answer: f"the content has {len(answer.content)} octets",
    )


well_formed = Outcome(
    "answers in the grammar of HTTP/1.1",
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
    return f"{name.decode()} is {', '.join(map(show, values))}" if values else f"no {name.decode()} is there"


# The connection

closes = Outcome(
    "closes the connection",
    lambda seen: seen.transcript.ending.closed and not seen.later,
    answers=0,
)

closes_gracefully = Outcome(
    "closes the connection without resetting it",
    lambda seen: closes.holds(seen) is True and seen.transcript.ending is not Ending.RESET,
    answers=0,
)

# What the target of the follow-up request ends in, so that the witness can tell it from all other requests.
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
)

hangs_up = Outcome(
    "closes the connection without an answer",
    lambda seen: seen.transcript.ending.closed and seen.silent,
    answers=0,
)

falls_silent = Outcome(
    "goes on waiting for a rest that cannot come any more",
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
    answers, requests = len(seen.answers) + len(seen.later), 1 + bool(seen.later)
    if answers > requests:
        return f"{answers} answers came to {requests} request{'s' if requests > 1 else ''}"
    if _in_step(seen) is not False or seen.rest or seen.partial:
        return ""
    return "the follow-up request was not understood as it was sent"


in_step = Outcome("takes no byte of it for another request", _in_step, detail=_out_of_step)


# TLS

closes_cleanly = Outcome(
    "sends close_notify before it closes the connection",
    lambda seen: seen.transcript.ending is Ending.CLOSE_NOTIFY,
    answers=0,
)

# The first bytes of a TLS record that carries an alert.
_ALERT_RECORD = b"\x15\x03"

refuses_tls = Outcome(
    "ends the connection, at most with a TLS alert",
    lambda seen: (
        seen.transcript.ending.closed
        and not (seen.answers or seen.partial)
        and (not seen.rest or seen.rest.startswith(_ALERT_RECORD))
    ),
    answers=0,
)

sends_alert = Outcome(
    "ends the connection with a TLS alert",
    lambda seen: (
        seen.transcript.ending.closed
        and (seen.transcript.ending is Ending.ALERT or seen.rest.startswith(_ALERT_RECORD))
    ),
    answers=0,
)
