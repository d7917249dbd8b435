"""The life of a target: how a death is noticed, who is suspected of it, and what is waited for."""

from collections.abc import Sequence

import pytest

from clients.raw import Patience
from clients.transcript import Ending, Event, Kind, Transcript
from conformance.targets.liveness import Death, Life, Loss, inquire, last_heard, refusals, suspects
from conformance.targets.target import locate
from tests.conformance.builders import OK
from tests.conformance.scripted_server import always, free_port, serving, silent

BRIEF = Patience(quiet=0.02, silence=0.2, whole=2.0)


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


class Mortal(Life):
    """A life without a server: it dies of some names, and comes back or does not."""

    def __init__(self, *deaths: Death, now: str = "", returns: bool = True) -> None:
        super().__init__(locate("http://127.0.0.1:1/"), BRIEF)
        self._noticed = list(deaths)
        self._now = now
        self._returns = returns

    def died_since(self, _: float) -> str:
        return self._now

    def recover(self) -> bool:
        return self._returns


def found(life: Life, conversations: dict[str, Transcript], *killers: str) -> tuple[Sequence[str], list[str]]:
    """The culprits, and who was played alone to find them."""
    played: list[str] = []

    def kills(name: str) -> bool:
        played.append(name)
        return name in killers

    return [loss.culprit for loss in inquire(life, conversations, kills)], played


# What conversations tell


def test_nobody_has_died_where_nobody_was_refused() -> None:
    assert refusals([answered(0), cut_off(1)]) == ()


def test_a_full_queue_is_no_death() -> None:
    assert refusals([answered(0), refused(1, "timed out")]) == ()


def test_each_time_that_nobody_is_there_any_more_is_a_death() -> None:
    deaths = refusals([refused(5), answered(0), refused(1), refused(2), answered(3), refused(6)])
    assert [death.moment for death in deaths] == [1, 5]


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
    assert suspects(Death(20, "ended"), conversations) == ("near", "far", "answered")


def test_there_are_no_more_suspects_than_can_be_played() -> None:
    many = {f"n{number}": cut_off(20) for number in range(200)}
    assert len(suspects(Death(20, "ended"), many)) == 60


# Who did it


def test_the_one_that_does_it_again_did_it() -> None:
    conversations = {"a": cut_off(19.5, sent=0.4), "b": cut_off(19.5, sent=0.3), "c": cut_off(19.5, sent=0.2)}
    assert found(Mortal(Death(20, "ended")), conversations, "b", "c") == (["b"], ["a", "b"])


def test_who_is_known_to_kill_is_not_played_again() -> None:
    conversations = {"a": cut_off(19.5, sent=0.4), "b": cut_off(19.5, sent=0.3)}
    twice = Mortal(Death(20, "ended"), Death(20.1, "ended"))
    assert found(twice, conversations, "b") == (["b", "b"], ["a", "b"])


def test_a_death_that_nobody_repeats_has_no_culprit() -> None:
    assert found(Mortal(Death(20, "ended")), {"a": cut_off(19.5)}) == ([""], ["a"])


def test_where_nobody_died_nobody_is_played() -> None:
    assert found(Mortal(), {"a": cut_off(19.5)}, "a") == ([], [])


def test_one_that_stalls_is_noticed_when_all_is_played() -> None:
    life = Mortal(now="answered nothing any more")
    conversations = {"a": answered(10), "b": cut_off(10)}
    (loss,) = inquire(life, conversations, lambda name: name == "b")
    assert loss == Loss(Death(10.2, "answered nothing any more"), "b", ("b", "a"))


@pytest.mark.parametrize(
    ("conversations", "culprit"),
    [
        pytest.param({"a": cut_off(19.5)}, "a", id="the only one"),
        pytest.param({"a": cut_off(19.5), "b": cut_off(19.5)}, "", id="one of two"),
        pytest.param({"a": answered(19.5)}, "", id="one that was answered"),
    ],
)
def test_where_nobody_is_left_to_ask_only_the_one_suspect_is_blamed(
    conversations: dict[str, Transcript], culprit: str
) -> None:
    gone = Mortal(Death(20, "ended"), returns=False)
    assert found(gone, conversations, "a", "b") == ([culprit], [])


# Asking a server


class Keeper:
    """Starts nothing, and says so."""

    def __init__(self, *crashes: Death) -> None:
        self.crashes = crashes
        self.started_again = 0

    def start_again(self) -> None:
        self.started_again += 1


def test_one_that_answers_lives() -> None:
    with serving(always(OK)) as server:
        life = Life(locate(server.url), BRIEF)
        assert life.died_since(0) == ""
        assert life.look_after(refused(0))
        assert life.recover()
    assert (life.gone, life.deaths) == ("", ())


def test_one_that_says_nothing_is_gone_without_a_keeper() -> None:
    with serving(silent) as server:
        life = Life(locate(server.url), BRIEF)
        assert life.died_since(0) == "answered nothing any more"
    assert life.gone == "answered nothing any more"
    assert not life.recover()
    assert not life.look_after(refused(0))


def test_one_that_says_nothing_is_started_again_by_its_keeper() -> None:
    keeper = Keeper()
    with serving(silent, always(OK)) as server:
        life = Life(locate(server.url), BRIEF, keeper)
        assert life.died_since(0) == "answered nothing any more"
    assert (keeper.started_again, life.gone) == (1, "")


def test_one_that_is_not_there_is_gone_without_a_keeper(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.targets.liveness._RETURNS_WITHIN", 0.0)
    life = Life(locate(f"http://127.0.0.1:{free_port()}/"), BRIEF)
    assert life.died_since(0) == "accepted no more connections"
    assert life.gone == "accepted no more connections"


def test_how_it_died_is_what_the_keeper_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("conformance.targets.liveness._RESTARTS_WITHIN", 0.0)
    keeper = Keeper(Death(1, "was killed by SIGSEGV"))
    life = Life(locate(f"http://127.0.0.1:{free_port()}/"), BRIEF, keeper)
    assert life.died_since(0.5) == "was killed by SIGSEGV"
    assert life.deaths == keeper.crashes


def test_a_doubt_that_is_older_than_the_last_answer_is_none() -> None:
    with serving(always(OK)) as server:
        life = Life(locate(server.url), BRIEF)
        assert life.look_after(cut_off(0))
        assert life.look_after(cut_off(0))
        assert server.connections == 1
