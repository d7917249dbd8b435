"""What transcripts show of crashes: when the target crashed, and which conversations are suspects."""

import pytest

from clients.transcript import Ending, Event, Kind, Transcript
from conformance.running.inquest import last_heard, refusals, suspects
from conformance.targets.liveness import Crash


def conversation(
    began: float, *events: tuple[float, Kind], ending: Ending = Ending.FIN, note: str = ""
) -> Transcript:
    made = [Event(at, kind, b"x" if kind is Kind.RECEIVED else b"") for at, kind in events]
    return Transcript(tuple(made), ending, note, began)


def answered(began: float) -> Transcript:
    return conversation(began, (0, Kind.CONNECTED), (0.1, Kind.SENT), (0.2, Kind.RECEIVED))


def cut_off(began: float, sent: float = 0.1) -> Transcript:
    return conversation(began, (0, Kind.CONNECTED), (sent, Kind.SENT), (0.9, Kind.ENDED), ending=Ending.RESET)


def refused(began: float, note: str = "Connection refused") -> Transcript:
    return conversation(began, (0, Kind.ENDED), ending=Ending.REFUSED, note=note)


def test_nobody_has_died_where_nobody_was_refused() -> None:
    assert refusals([answered(0), cut_off(1)]) == ()


def test_a_full_queue_is_no_crash() -> None:
    assert refusals([answered(0), refused(1, "timed out")]) == ()


def test_each_time_that_nobody_is_there_any_more_is_a_crash() -> None:
    crashes = refusals([refused(5), answered(0), refused(1), refused(2), answered(3), refused(6)])
    assert [crash.moment for crash in crashes] == [1, 5]


def test_what_was_heard_last_is_the_last_byte_of_all() -> None:
    assert last_heard([answered(3), answered(1), cut_off(7)]) == 7
    assert last_heard([answered(3), answered(1)]) == pytest.approx(3.2)
    assert last_heard([]) == 0.0


def test_suspects_are_those_under_way_who_got_no_answer_the_nearest_first() -> None:
    conversations = {
        "long-over": answered(10),
        "answered": answered(19.5),
        "near": cut_off(19.5, sent=0.4),
        "far": cut_off(19.5, sent=0.1),
        "never-there": refused(20),
        "behind": answered(22),
    }
    assert suspects(Crash(20, "ended"), conversations) == ("near", "far", "answered")


def test_there_are_no_more_suspects_than_can_be_played() -> None:
    many = {f"n{number}": cut_off(20) for number in range(200)}
    assert len(suspects(Crash(20, "ended"), many)) == 60
