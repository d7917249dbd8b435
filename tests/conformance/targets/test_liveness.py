"""The liveness of a target: how a crash is noticed, and what is waited for."""

import time

import pytest

from clients.conversation import Patience
from clients.transcript import Ending, Event, Kind, Transcript
from conformance.targets.liveness import Crash, Liveness
from conformance.targets.target import locate
from tests.conformance.builders import OK
from tests.conformance.scripted_server import (
    Script,
    always,
    free_port,
    serving,
    silent,
    then_close,
    then_reset,
)

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
        liveness = Liveness(locate(server.url), BRIEF, BRIEF)
        liveness.probe(0)
        assert liveness.crash_since(0) is None
        assert liveness.look_after(refused(0))
        assert liveness.recover()
    assert (liveness.lost, liveness.crashes) == (None, ())


def test_one_that_says_nothing_is_gone_without_a_supervisor() -> None:
    with serving(silent) as server:
        liveness = Liveness(locate(server.url), BRIEF, BRIEF)
        liveness.probe(0)
        assert liveness.crash_since(0) == "stopped answering"
    assert liveness.lost == "stopped answering"
    assert not liveness.recover()
    assert not liveness.look_after(refused(0))


def test_one_that_says_nothing_is_started_again_by_its_supervisor() -> None:
    supervisor = Supervisor()
    with serving(silent, silent, silent, always(OK)) as server:
        liveness = Liveness(locate(server.url), BRIEF, BRIEF, supervisor)
        liveness.probe(0)
        assert liveness.crash_since(0) == "stopped answering"
    assert (supervisor.started_again, liveness.lost) == (1, None)


def test_one_that_is_not_there_is_gone_without_a_supervisor(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.targets.liveness._RETURNS_WITHIN", 0.0)
    liveness = Liveness(locate(f"http://127.0.0.1:{free_port()}/"), BRIEF, BRIEF)
    liveness.probe(0)
    assert liveness.crash_since(0) == "stopped accepting connections"
    assert liveness.lost == "stopped accepting connections"


def test_how_it_died_is_what_the_supervisor_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.targets.liveness._RESTARTS_WITHIN", 0.0)
    supervisor = Supervisor(Crash(1, "was killed by SIGSEGV"))
    liveness = Liveness(locate(f"http://127.0.0.1:{free_port()}/"), BRIEF, BRIEF, supervisor)
    liveness.probe(0.5)
    assert liveness.crash_since(0.5) == "was killed by SIGSEGV"
    assert liveness.crashes == supervisor.crashes


def test_a_doubt_that_is_older_than_the_last_answer_is_none() -> None:
    with serving(always(OK)) as server:
        liveness = Liveness(locate(server.url), BRIEF, BRIEF)
        assert liveness.look_after(cut_off(0))
        assert liveness.look_after(cut_off(0))
        assert server.connections == 1


@pytest.mark.parametrize("first", [silent, then_close(b"")], ids=["ignored", "closed"])
def test_one_plain_get_in_vain_is_no_crash(first: Script) -> None:
    supervisor = Supervisor()
    with serving(first, always(OK)) as server:
        liveness = Liveness(locate(server.url), BRIEF, BRIEF, supervisor)
        liveness.probe(0)
        assert liveness.crash_since(0) is None
    assert (supervisor.started_again, liveness.lost) == (0, None)


LASTING = 0.3


def test_new_connections_that_are_reset_for_a_moment_are_an_outage_and_no_crash() -> None:
    with serving(then_reset, then_reset, then_reset, always(OK)) as server:
        liveness = Liveness(locate(server.url), BRIEF, BRIEF, lasting=60.0)
        before = time.monotonic()
        liveness.probe(before)
        assert (liveness.crashes, liveness.lost) == ((), None)
        (outage,) = liveness.outages
        assert outage.moment == before
        assert 0 < outage.seconds <= outage.ended - before
        assert not outage.nobody
        assert liveness.outage_since(outage.ended) == outage
        assert liveness.outage_since(time.monotonic()) is None


def test_new_connections_that_are_reset_for_long_are_a_crash() -> None:
    with serving(*[then_reset] * 3, always(OK)) as server:
        liveness = Liveness(locate(server.url), BRIEF, BRIEF)
        liveness.probe(0)
        assert liveness.crash_since(0) == "stopped answering"
        assert (liveness.lost, liveness.outages) == (None, ())


def test_a_plain_get_that_is_cut_in_its_middle_is_no_outage() -> None:
    with serving(*[then_close(OK[:20])] * 2, always(OK)) as server:
        liveness = Liveness(locate(server.url), BRIEF, BRIEF, lasting=60.0)
        liveness.probe(0)
    assert (liveness.crashes, liveness.outages) == ((), ())


def test_a_crash_that_its_supervisor_saw_is_no_outage() -> None:
    supervisor = Supervisor(Crash(1, "exited with code 0"))
    with serving(then_reset, then_reset, always(OK)) as server:
        liveness = Liveness(locate(server.url), BRIEF, BRIEF, supervisor, lasting=60.0)
        liveness.probe(0.5)
    assert (liveness.crash_since(0.5), liveness.outages) == ("exited with code 0", ())
    assert supervisor.started_again == 0


def test_a_restart_that_is_still_under_way_is_no_outage() -> None:
    supervisor = Supervisor(Crash(1, "exited with code 0"))
    with serving(then_reset, then_reset, always(OK)) as server:
        liveness = Liveness(locate(server.url), BRIEF, BRIEF, supervisor, lasting=60.0)
        liveness.probe(2)
    assert liveness.outages == ()


def test_calm_is_a_time_without_a_crash_and_without_an_outage() -> None:
    with serving(always(OK)) as server:
        liveness = Liveness(locate(server.url), BRIEF, BRIEF, lasting=60.0)
        assert liveness.is_calm(LASTING)
        assert server.connections > 1
    with serving(always(OK), then_reset, then_reset, always(OK)) as server:
        assert not Liveness(locate(server.url), BRIEF, BRIEF, lasting=60.0).is_calm(60.0)
    with serving(always(OK), *[then_reset] * 3, always(OK)) as server:
        assert not Liveness(locate(server.url), BRIEF, BRIEF).is_calm(60.0)
