"""The liveness of a target: how a crash is noticed, and what is waited for."""

import pytest

from clients.conversation import Patience
from clients.transcript import Ending, Event, Kind, Transcript
from conformance.targets.liveness import Crash, Liveness
from conformance.targets.target import locate
from tests.conformance.builders import OK
from tests.conformance.scripted_server import always, free_port, serving, silent

BRIEF = Patience(quiet=0.02, silence=0.2, whole=2.0)


def conversation(
    began: float, *events: tuple[float, Kind], ending: Ending = Ending.FIN, note: str = ""
) -> Transcript:
    made = [Event(at, kind, b"x" if kind is Kind.RECEIVED else b"") for at, kind in events]
    return Transcript(tuple(made), ending, note, began)


def cut_off(began: float, sent: float = 0.1) -> Transcript:
    return conversation(began, (0, Kind.CONNECTED), (sent, Kind.SENT), (0.9, Kind.ENDED), ending=Ending.RESET)


def refused(began: float, note: str = "Connection refused") -> Transcript:
    return conversation(began, (0, Kind.ENDED), ending=Ending.REFUSED, note=note)


class Supervisor:
    """Starts nothing, and says so."""

    def __init__(self, *crashes: Crash) -> None:
        self.crashes = crashes
        self.started_again = 0

    def start_again(self) -> None:
        self.started_again += 1


def test_one_that_answers_lives() -> None:
    with serving(always(OK)) as server:
        liveness = Liveness(locate(server.url), BRIEF)
        liveness.probe(0)
        assert liveness.crash_since(0) is None
        assert liveness.look_after(refused(0))
        assert liveness.recover()
    assert (liveness.lost, liveness.crashes) == (None, ())


def test_one_that_says_nothing_is_gone_without_a_supervisor() -> None:
    with serving(silent) as server:
        liveness = Liveness(locate(server.url), BRIEF)
        liveness.probe(0)
        assert liveness.crash_since(0) == "stopped answering"
    assert liveness.lost == "stopped answering"
    assert not liveness.recover()
    assert not liveness.look_after(refused(0))


def test_one_that_says_nothing_is_started_again_by_its_supervisor() -> None:
    supervisor = Supervisor()
    with serving(silent, always(OK)) as server:
        liveness = Liveness(locate(server.url), BRIEF, supervisor)
        liveness.probe(0)
        assert liveness.crash_since(0) == "stopped answering"
    assert (supervisor.started_again, liveness.lost) == (1, None)


def test_one_that_is_not_there_is_gone_without_a_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.targets.liveness._RETURNS_WITHIN", 0.0)
    liveness = Liveness(locate(f"http://127.0.0.1:{free_port()}/"), BRIEF)
    liveness.probe(0)
    assert liveness.crash_since(0) == "stopped accepting connections"
    assert liveness.lost == "stopped accepting connections"


def test_how_it_died_is_what_the_supervisor_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.targets.liveness._RESTARTS_WITHIN", 0.0)
    supervisor = Supervisor(Crash(1, "was killed by SIGSEGV"))
    liveness = Liveness(locate(f"http://127.0.0.1:{free_port()}/"), BRIEF, supervisor)
    liveness.probe(0.5)
    assert liveness.crash_since(0.5) == "was killed by SIGSEGV"
    assert liveness.crashes == supervisor.crashes


def test_a_doubt_that_is_older_than_the_last_answer_is_none() -> None:
    with serving(always(OK)) as server:
        liveness = Liveness(locate(server.url), BRIEF)
        assert liveness.look_after(cut_off(0))
        assert liveness.look_after(cut_off(0))
        assert server.connections == 1
