"""The driver over TCP: the endings, the answers, the follow-up, and the steps but those of TLS."""

import errno
import math
import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import count
from types import SimpleNamespace

import pytest

from clients import driver as playing
from clients.endpoint import Endpoint
from clients.raw import Conversation, Patience, play
from clients.steps import ASIDE, CLOSE_NOTIFY, HALF_CLOSE, PAUSE, Await, Handshake
from clients.transcript import Ending, Kind, Transcript
from clients.waits import Wait, Waits

Serve = Callable[..., Endpoint]
Heard = Callable[[], list[bytes]]

# Where something ends each wait, and where silence is the finding.
PATIENT = Patience(quiet=5, silence=10, whole=20)
HASTY = Patience(quiet=0.05, silence=0.3, whole=2)

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
FOLLOW_UP = b"GET /again HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def kinds(transcript: Transcript) -> list[Kind]:
    """What happened, without how many pieces the server's bytes came in."""
    happened = [event.kind for event in transcript.events]
    return [kind for kind, before in zip(happened, [None, *happened], strict=False) if kind is not before]


def asking(*steps: bytes | Await, answers: int = 1, follow_up: bytes = b"") -> Conversation:
    return Conversation(steps or (REQUEST,), answers=answers, follow_up=follow_up)


# The endings


@pytest.mark.parametrize(
    ("script", "ending"),
    [
        pytest.param(("request", LAST), Ending.FIN, id="answer-and-fin"),
        pytest.param(("request",), Ending.FIN, id="fin-without-answer"),
        pytest.param(("request", LAST, "finish", "end"), Ending.FIN, id="fin-of-one-side"),
        pytest.param(("request", OK[:-1]), Ending.FIN, id="fin-amid-an-answer"),
        pytest.param(("request", "reset"), Ending.RESET, id="reset-without-answer"),
        pytest.param(("request", LAST, "reset"), Ending.RESET, id="answer-and-reset"),
        pytest.param((5, "reset"), Ending.RESET, id="reset-amid-a-request"),
    ],
)
def test_an_end_that_the_server_makes_is_told(
    serve: Serve, script: tuple[bytes | str], ending: Ending
) -> None:
    transcript = play(serve(script), asking(), PATIENT)
    assert (transcript.ending, transcript.note) == (ending, "")
    assert transcript.received == b"".join(action for action in script if isinstance(action, bytes))
    assert transcript.events[-1].kind is Kind.ENDED


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(("end",), id="no-answer"),
        pytest.param((CONTINUE, "end"), id="only-an-interim-answer"),
        pytest.param((OK[:-1], "end"), id="half-an-answer"),
        pytest.param((b"noise", "end"), id="noise"),
        pytest.param((b"HTTP/1.1 200 OK\r\n\r\nto the end", "end"), id="a-close-that-never-comes"),
    ],
)
def test_a_server_that_neither_answers_nor_closes_is_silent(serve: Serve, script: tuple[bytes | str]) -> None:
    transcript = play(serve(script), asking(follow_up=FOLLOW_UP), HASTY)
    assert transcript.ending is Ending.SILENCE
    assert Kind.FOLLOWED_UP not in kinds(transcript)


def test_a_server_that_answers_and_is_not_asked_again_is_left_at_once(serve: Serve) -> None:
    transcript = play(serve(("request", OK, "end")), asking(), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.LEFT, OK)


def test_a_server_that_announces_a_close_and_stays_is_silent(serve: Serve) -> None:
    transcript = play(serve(("request", LAST, "end")), asking(), HASTY)
    assert (transcript.ending, transcript.received) == (Ending.SILENCE, LAST)


def test_a_port_without_a_server_refuses(nobody: Endpoint) -> None:
    transcript = play(nobody, asking(), PATIENT)
    assert (transcript.ending, transcript.note) == (Ending.REFUSED, "Connection refused")
    assert kinds(transcript) == [Kind.ENDED]


def test_a_connection_that_is_reset_as_soon_as_it_is_accepted_is_a_reset(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def reset(*_: object) -> Waits[None]:
        yield Wait(0)
        raise ConnectionResetError(errno.ECONNRESET, "Connection reset by peer")

    monkeypatch.setattr("clients.driver.connecting", reset)
    assert play(Endpoint("127.0.0.1", 1), asking(), PATIENT).ending is Ending.RESET


def test_more_than_can_be_taken_is_a_flood(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "_MOST_RECEIVED", 99)
    transcript = play(serve(("request", b"x" * 100, "end")), asking(), PATIENT)
    assert (transcript.ending, len(transcript.received)) == (Ending.FLOOD, 100)


def test_as_much_as_can_be_taken_is_no_flood(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "_MOST_RECEIVED", len(LAST))
    transcript = play(serve(("request", LAST)), asking(), PATIENT)
    assert transcript.ending is Ending.FIN


def test_a_server_that_drips_is_left_when_the_whole_time_is_over(serve: Serve) -> None:
    transcript = play(serve(("request", "drip")), asking(), Patience(quiet=5, silence=10, whole=0.3))
    assert transcript.ending is Ending.SILENCE
    assert transcript.received


def test_no_connection_is_made_when_the_whole_time_is_over(serve: Serve) -> None:
    patience = Patience(quiet=5, silence=10, whole=0.2)
    transcript = play(serve(("request", "drip")), Conversation((REQUEST, PAUSE, ASIDE, REQUEST)), patience)
    assert (transcript.ending, transcript.note) == (Ending.REFUSED, "timed out")
    assert kinds(transcript).count(Kind.CONNECTED) == 1


def test_time_in_which_the_machine_stood_still_is_no_silence(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    leaps = count(step=1000.0)
    monkeypatch.setattr(playing, "time", SimpleNamespace(monotonic=lambda: next(leaps)))
    transcript = play(serve(("request", LAST)), asking(), Patience(quiet=5, silence=10, whole=math.inf))
    assert (transcript.received, transcript.ending) == (LAST, Ending.FIN)


def test_a_conversation_that_is_called_off_is_left(serve: Serve) -> None:
    called_off = threading.Event()
    transcript = play(serve(("request", called_off, "end")), asking(), PATIENT, called_off)
    assert (transcript.ending, transcript.note) == (Ending.LEFT, "called off")


# Answers


def test_all_wanted_answers_are_waited_for(serve: Serve, heard: Heard) -> None:
    endpoint = serve((len(REQUEST), OK, len(REQUEST), LAST))
    transcript = play(endpoint, asking(REQUEST, REQUEST, answers=2), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, OK + LAST)
    assert heard() == [REQUEST + REQUEST]


def test_neighbouring_writes_are_one(serve: Serve) -> None:
    transcript = play(serve((2 * len(REQUEST), OK)), asking(REQUEST, REQUEST), PATIENT)
    assert [event.data for event in transcript.events if event.kind is Kind.SENT] == [REQUEST + REQUEST]


def test_an_interim_answer_is_none_of_the_wanted(serve: Serve) -> None:
    transcript = play(serve(("request", CONTINUE, OK)), asking(follow_up=FOLLOW_UP), PATIENT)
    assert transcript.received == CONTINUE + OK


@pytest.mark.parametrize("methods", [(b"HEAD", b"GET"), (b"GET", b"HEAD")], ids=["head-first", "head-last"])
def test_the_methods_delimit_the_answers(serve: Serve, methods: tuple[bytes, ...]) -> None:
    said = [OK.removesuffix(b"OK") if method == b"HEAD" else OK for method in methods]
    steps = (REQUEST, Await.RESPONSE, REQUEST)
    conversation = Conversation(steps, methods, answers=2, follow_up=FOLLOW_UP)
    endpoint = serve(("request", said[0], "request", said[1], "request", LAST))
    transcript = play(endpoint, conversation, PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, b"".join(said) + LAST)
    assert transcript.received_before_follow_up == len(b"".join(said))


def test_an_answer_in_single_bytes_is_an_answer(serve: Serve) -> None:
    pieces = [bytes([byte]) for byte in OK]
    transcript = play(serve(("request", pieces, "request", LAST)), asking(follow_up=FOLLOW_UP), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, OK + LAST)


def test_where_no_answer_is_wanted_only_the_end_is(serve: Serve) -> None:
    transcript = play(serve(("request", OK, "finish", "end")), asking(answers=0), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, OK)


# The follow-up


def test_a_follow_up_that_is_answered_proves_the_connection_open(serve: Serve, heard: Heard) -> None:
    transcript = play(serve(("request", OK, "request", LAST)), asking(follow_up=FOLLOW_UP), PATIENT)
    assert kinds(transcript) == [
        Kind.CONNECTED,
        Kind.SENT,
        Kind.RECEIVED,
        Kind.FOLLOWED_UP,
        Kind.RECEIVED,
        Kind.ENDED,
    ]
    assert (transcript.ending, transcript.received_before_follow_up) == (Ending.FIN, len(OK))
    assert heard() == [REQUEST + FOLLOW_UP]


def test_a_server_that_stays_open_behind_the_follow_up_is_left(serve: Serve) -> None:
    patience = Patience(quiet=0.05, silence=10, whole=20)
    transcript = play(serve(("request", OK, "request", LAST, "end")), asking(follow_up=FOLLOW_UP), patience)
    assert (transcript.ending, transcript.received) == (Ending.LEFT, OK + LAST)


def test_a_follow_up_that_is_answered_twice_shows_both_answers(serve: Serve) -> None:
    transcript = play(serve(("request", OK, "request", OK, LAST)), asking(follow_up=FOLLOW_UP), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, OK + OK + LAST)
    assert transcript.received_before_follow_up == len(OK)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param((), id="nothing"),
        pytest.param((b"noise",), id="noise"),
        pytest.param((CONTINUE,), id="an-interim-answer"),
    ],
)
def test_a_follow_up_without_an_answer_is_silence(serve: Serve, said: tuple[bytes, ...]) -> None:
    endpoint = serve(("request", OK, "request", *said, "end"))
    transcript = play(endpoint, asking(follow_up=FOLLOW_UP), HASTY)
    assert transcript.ending is Ending.SILENCE
    assert transcript.received_before_follow_up == len(OK)


def test_a_follow_up_that_meets_a_close_shows_the_close(serve: Serve) -> None:
    transcript = play(serve(("request", OK, "request")), asking(follow_up=FOLLOW_UP), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, OK)


@pytest.mark.parametrize(
    "answer",
    [LAST, b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\nto the end"],
    ids=["connection-close", "http-1.0", "close-delimited"],
)
def test_no_follow_up_is_sent_where_the_answer_announces_the_close(
    serve: Serve, heard: Heard, answer: bytes
) -> None:
    transcript = play(serve(("request", answer, "finish", "end")), asking(follow_up=FOLLOW_UP), PATIENT)
    assert (transcript.ending, transcript.received_before_follow_up) == (Ending.FIN, None)
    assert heard() == [REQUEST]


def test_a_close_that_is_announced_and_does_not_come_is_asked_after(serve: Serve, heard: Heard) -> None:
    transcript = play(serve(("request", LAST, "request", OK)), asking(follow_up=FOLLOW_UP), HASTY)
    assert transcript.received == LAST + OK
    assert heard() == [REQUEST + FOLLOW_UP]


def test_no_follow_up_is_sent_behind_a_half_close(serve: Serve, heard: Heard) -> None:
    conversation = Conversation((REQUEST, HALF_CLOSE), follow_up=FOLLOW_UP)
    transcript = play(serve(("end", OK)), conversation, PATIENT)
    assert kinds(transcript) == [
        Kind.CONNECTED,
        Kind.SENT,
        Kind.HALF_CLOSED,
        Kind.RECEIVED,
        Kind.ENDED,
    ]
    assert transcript.ending is Ending.FIN
    assert heard() == [REQUEST]


# Awaiting


def test_what_stands_behind_an_await_is_sent_when_the_response_has_come(serve: Serve, heard: Heard) -> None:
    conversation = asking(REQUEST, Await.RESPONSE, REQUEST, answers=2)
    transcript = play(serve(("request", CONTINUE, OK, "request", LAST)), conversation, PATIENT)
    assert [event.data for event in transcript.events if event.kind is Kind.SENT] == [REQUEST, REQUEST]
    assert (transcript.received, transcript.awaited_in_vain) == (CONTINUE + OK + LAST, False)
    assert heard() == [REQUEST + REQUEST]


@pytest.mark.parametrize("said", [CONTINUE, OK], ids=["interim", "final-in-its-place"])
def test_an_interim_response_is_awaited(serve: Serve, heard: Heard, said: bytes) -> None:
    endpoint = serve(("request", said, len(b"content"), LAST))
    transcript = play(endpoint, asking(REQUEST, Await.INTERIM, b"content"), PATIENT)
    assert kinds(transcript)[1:4] == [Kind.SENT, Kind.RECEIVED, Kind.SENT]
    assert not transcript.awaited_in_vain
    assert heard() == [REQUEST + b"content"]


def test_an_interim_response_is_awaited_anew_behind_an_earlier_answer(serve: Serve) -> None:
    conversation = asking(REQUEST, Await.RESPONSE, REQUEST, Await.INTERIM, b"content", answers=2)
    endpoint = serve(("request", OK, "request", CONTINUE, len(b"content"), LAST))
    transcript = play(endpoint, conversation, PATIENT)
    assert kinds(transcript)[1:6] == [Kind.SENT, Kind.RECEIVED, Kind.SENT, Kind.RECEIVED, Kind.SENT]


def test_two_interim_responses_are_awaited_one_by_one(serve: Serve) -> None:
    conversation = asking(REQUEST, Await.INTERIM, REQUEST, Await.INTERIM, REQUEST)
    endpoint = serve(("request", CONTINUE, "request", CONTINUE, "request", LAST))
    transcript = play(endpoint, conversation, PATIENT)
    assert kinds(transcript)[1:6] == [Kind.SENT, Kind.RECEIVED, Kind.SENT, Kind.RECEIVED, Kind.SENT]


def test_a_final_response_in_the_place_of_an_interim_one_is_still_to_be_awaited(serve: Serve) -> None:
    conversation = asking(REQUEST, Await.INTERIM, b"content", Await.RESPONSE, b"more", answers=2)
    transcript = play(serve(("request", OK, len(b"contentmore"), LAST)), conversation, PATIENT)
    assert not transcript.awaited_in_vain


def test_two_responses_that_come_at_once_end_two_waits(serve: Serve, heard: Heard) -> None:
    conversation = asking(REQUEST, Await.RESPONSE, REQUEST, Await.RESPONSE, REQUEST, answers=3)
    transcript = play(serve(("request", OK + OK, "request", "request", LAST)), conversation, PATIENT)
    assert (transcript.awaited_in_vain, transcript.received) == (False, OK + OK + LAST)
    assert heard() == [REQUEST * 3]


@pytest.mark.parametrize(
    ("what", "said"),
    [
        pytest.param(Await.INTERIM, (), id="interim"),
        pytest.param(Await.RESPONSE, (), id="response"),
        pytest.param(Await.RESPONSE, (CONTINUE,), id="response-but-interim"),
        pytest.param(Await.INTERIM, (OK[:-1],), id="half-a-response"),
    ],
)
def test_awaiting_in_vain_is_recorded_and_the_conversation_goes_on(
    serve: Serve, heard: Heard, what: Await, said: tuple[bytes, ...]
) -> None:
    endpoint = serve(("request", *said, len(b"more")))
    transcript = play(endpoint, asking(REQUEST, what, b"more"), HASTY)
    assert transcript.awaited_in_vain
    assert heard() == [REQUEST + b"more"]


def test_an_end_while_a_response_is_awaited_is_the_end_and_not_in_vain(serve: Serve, heard: Heard) -> None:
    transcript = play(serve(("request",)), asking(REQUEST, Await.RESPONSE, b"more"), PATIENT)
    assert (transcript.ending, transcript.awaited_in_vain) == (Ending.FIN, False)
    assert heard() == [REQUEST]


# Steps that do not fit


@pytest.mark.parametrize("step", [Handshake(), CLOSE_NOTIFY])
def test_a_tls_step_for_an_endpoint_without_tls_is_our_own_error(serve: Serve, step: Handshake) -> None:
    with pytest.raises(ValueError, match="step needs"):
        play(serve(("end",)), Conversation((step,)), PATIENT)


def test_a_response_that_has_no_room_is_a_flood_of_which_the_beginning_is_kept(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(playing, "_KEPT_OF_A_FLOOD", 7)
    asked = replace(asking(), room=99)
    transcript = play(serve(("request", b"HTTP/1.1 200 OK\r\n" + b"x" * 100, "end")), asked, PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FLOOD, b"HTTP/1.")


def test_responses_without_end_are_a_flood(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "_MOST_RESPONSES", 3)
    transcript = play(serve(("request", b"HTTP/1.1 100 Continue\r\n\r\n" * 9, "end")), asking(), PATIENT)
    assert transcript.ending is Ending.FLOOD
