"""The runner: what is played, how often and in which order, and what becomes a finding."""

import time
from typing import Any

import pytest

from clients.transcript import Ending, Transcript
from conformance.clauses import Level
from conformance.judging.model import Need, Verdict
from conformance.judging.outcomes import Outcome, answers
from conformance.judging.witness_outcomes import sees, sees_argument
from conformance.running.pairs import Pair
from conformance.running.runner import Runner
from conformance.targets.pace import CONFIRMING, FIRST, LAST, Pace
from tests.conformance.builders import IN_VAIN, OK, clause, target
from tests.conformance.staged_server import (
    BAD,
    GOOD,
    ONE_BY_ONE,
    REFUSED,
    SERVED,
    TARGET,
    TWO_AT_ONCE,
    WORSE,
    Played,
    Stage,
    corpus_of,
    one,
    pairs_of,
    run,
    run_one,
    transcript,
)

# One play


def test_a_pass_is_played_once_and_hastily(stage: Stage) -> None:
    (found,) = run(one("a.b"))
    assert found.verdict is Verdict.PASS
    assert (found.replayed, found.own_error, found.reason) == (False, False, "")
    assert stage.plays == [("a.b", FIRST)]


def test_a_finding_says_what_was_expected_and_observed(stage: Stage) -> None:
    stage.prepared["a.b"] = [GOOD]
    (found,) = run(one("a.b"))
    assert found.check.id == "a.b"
    assert found.target == "plain"
    assert found.expected == "The server answers 200."
    assert found.observed == "The server answered 200 and kept the connection open."
    assert found.transcript is GOOD
    assert found.seconds == GOOD.events[-1].at


def test_a_pair_is_played_and_judged_once(stage: Stage) -> None:
    pairs = pairs_of(one("a.b"))
    with Runner({}) as runner:
        assert len(list(runner.findings(pairs, evidence=pairs))) == 1
    assert stage.names == ["a.b"]


def test_the_same_scenario_on_two_targets_is_two_pairs(stage: Stage) -> None:
    first, second = Pair(TARGET, one("a.b")), Pair(target(name="other"), one("a.b"))
    with Runner({}) as runner:
        assert {found.target for found in runner.findings([first, second])} == {"plain", "other"}
    assert (first.id, second.id) == ("plain/a.b", "other/a.b")
    assert stage.names == ["a.b", "a.b"]


@pytest.mark.parametrize(
    ("accept", "offers", "verdict"),
    [
        pytest.param(sees(method=b"GET"), set(), Verdict.NOT_APPLICABLE, id="no witness to ask"),
        pytest.param(sees(method=b"GET"), {Need.WITNESS}, Verdict.FAIL, id="a witness that did not see it"),
        pytest.param(sees_argument("a"), {Need.WITNESS}, Verdict.NOT_APPLICABLE, id="no forms to ask for"),
        pytest.param(sees_argument("a"), {Need.FORMS}, Verdict.FAIL, id="forms that were not seen"),
    ],
)
def test_the_judge_is_told_what_the_target_offers(
    stage: Stage, accept: Outcome, offers: set[Need], verdict: Verdict
) -> None:
    (found,) = run(one("a.b", accept=accept), on=target(offers=frozenset(offers)))
    assert found.verdict is verdict
    assert stage.names[0] == "a.b"


# Confirmation


def test_a_failure_is_played_again_with_full_patience(stage: Stage) -> None:
    stage.prepared["a.b"] = [BAD]
    (found,) = run(one("a.b"))
    assert found.verdict is Verdict.FAIL
    assert found.replayed
    assert found.reason == ""
    assert stage.plays == [("a.b", FIRST), ("a.b", CONFIRMING)]


def test_a_failure_by_silence_is_played_with_the_last_patience_before_it_counts(stage: Stage) -> None:
    silent = transcript(b"", ending=Ending.SILENCE)
    stage.prepared["a.b"] = [silent, GOOD]
    (found,) = run(one("a.b"))
    assert found.verdict is Verdict.PASS
    assert stage.plays == [("a.b", FIRST), ("a.b", LAST)]


def test_a_failure_that_turns_into_silence_is_played_with_the_last_patience(stage: Stage) -> None:
    silent = transcript(b"", ending=Ending.SILENCE)
    stage.prepared["a.b"] = [BAD, silent, GOOD]
    (found,) = run(one("a.b"))
    assert found.verdict is Verdict.PASS
    assert stage.plays == [("a.b", FIRST), ("a.b", CONFIRMING), ("a.b", LAST)]


def test_a_silence_that_outlasts_the_last_patience_is_a_failure(stage: Stage) -> None:
    stage.prepared["a.b"] = [transcript(b"", ending=Ending.SILENCE)]
    (found,) = run(one("a.b"))
    assert found.verdict is Verdict.FAIL
    assert found.replayed
    assert stage.names == ["a.b"] * 2


def test_all_that_is_silent_is_waited_for_together(stage: Stage) -> None:
    silent = transcript(b"", ending=Ending.SILENCE)
    stage.prepared = {
        "a.b": [silent],
        "a.late": [silent, GOOD],
        "a.silent-by-right": [Transcript((GOOD.events[0], IN_VAIN, *GOOD.events[1:]), GOOD.ending)],
        "a.other": [BAD],
        "a.good": [GOOD],
        "a.killed-by-its-control": [silent],
    }
    scenarios = [
        one(name, control="a.other" if name == "a.killed-by-its-control" else None) for name in stage.prepared
    ]
    pairs = pairs_of(*scenarios)
    with Runner(corpus_of(*scenarios), pace=TWO_AT_ONCE) as runner:
        found = list(runner.findings(pairs))
    verdicts = [{each.check.id: each for each in found}[pair.check.id].verdict for pair in pairs]
    assert found[0].check.id == "a.good"
    assert verdicts == [
        Verdict.FAIL,
        Verdict.PASS,
        Verdict.PASS,
        Verdict.FAIL,
        Verdict.PASS,
        Verdict.NOT_APPLICABLE,
    ]
    # What answered wrongly alone, then all that was silent at once, and nothing twice.
    confirmed = [(name, patience) for name, patience in stage.plays if patience != FIRST]
    assert confirmed[0] == ("a.other", CONFIRMING)
    assert sorted(confirmed[1:], key=lambda play: play[0]) == [
        ("a.b", LAST),
        ("a.late", LAST),
        ("a.silent-by-right", CONFIRMING),
    ]


def test_the_second_play_counts(stage: Stage) -> None:
    stage.prepared["a.b"] = [BAD, GOOD]
    (found,) = run(one("a.b"))
    assert found.verdict is Verdict.PASS
    assert found.replayed
    assert found.transcript is GOOD
    assert found.reason == (
        "played again, since at first it was FAIL: The server answered 400 and kept the connection open."
    )


def test_a_second_failure_is_shown_in_place_of_the_first(stage: Stage) -> None:
    stage.prepared["a.b"] = [BAD, WORSE]
    (found,) = run(one("a.b"))
    assert found.verdict is Verdict.FAIL
    assert found.transcript is WORSE
    assert found.observed == "The server answered 500 and kept the connection open."
    assert found.reason == ""


def test_a_reason_of_the_second_play_comes_first(stage: Stage) -> None:
    stage.prepared["a.b"] = [BAD, SERVED]
    (found,) = run(one("a.b", tolerate=answers(204)))
    assert found.verdict is Verdict.WARN
    assert found.reason == (
        "tolerated: the server answers 204; played again, since at first it was FAIL: "
        "The server answered 400 and kept the connection open."
    )


@pytest.mark.parametrize(
    ("changes", "played", "verdict"),
    [
        pytest.param({"tolerate": answers(400)}, BAD, Verdict.WARN, id="a warning"),
        pytest.param({"clause": clause(Level.MAY)}, BAD, Verdict.INFO, id="an information"),
        pytest.param({}, REFUSED, Verdict.ERROR, id="a refused connection"),
    ],
)
def test_all_that_is_no_pass_is_confirmed(
    stage: Stage, changes: dict[str, Any], played: Transcript, verdict: Verdict
) -> None:
    stage.prepared["a.b"] = [played]
    (found,) = run(one("a.b", **changes))
    assert found.verdict is verdict
    assert found.replayed
    assert stage.names == ["a.b", "a.b"]


def test_a_confirmation_is_not_confirmed_again(stage: Stage) -> None:
    stage.prepared["a.b"] = [GOOD, BAD]
    (found,) = run(one("a.b"))
    assert found.verdict is Verdict.PASS
    stage.prepared["a.c"] = [BAD, REFUSED, GOOD]
    (found,) = run(one("a.c"))
    assert found.verdict is Verdict.ERROR
    assert stage.names == ["a.b", "a.c", "a.c"]


def test_a_pass_that_rests_on_silence_is_confirmed(stage: Stage) -> None:
    stage.prepared["a.b"] = [Transcript((GOOD.events[0], IN_VAIN, *GOOD.events[1:]), GOOD.ending)]
    (found,) = run(one("a.b"))
    assert (found.verdict, found.replayed, found.reason) == (Verdict.PASS, True, "")
    assert stage.plays == [("a.b", FIRST), ("a.b", CONFIRMING)]


def test_what_is_not_applicable_by_silence_is_confirmed(stage: Stage) -> None:
    stage.prepared["a.b"] = [transcript(OK, ending=Ending.SILENCE), GOOD]
    (found,) = run(one("a.b", accept=sees(method=b"GET")))
    assert (found.verdict, found.replayed) == (Verdict.NOT_APPLICABLE, True)


def test_what_is_no_pass_is_not_applicable_without_a_second_look(stage: Stage) -> None:
    (found,) = run(one("a.b", accept=sees(method=b"GET")))
    assert (found.verdict, found.replayed) == (Verdict.NOT_APPLICABLE, False)
    assert stage.names == ["a.b"]


# The deadline


def test_what_is_begun_behind_the_deadline_is_an_error_and_not_played(stage: Stage) -> None:
    pair = Pair(TARGET, one("a.b"))
    with Runner({}, pace=Pace(deadline=0)) as runner:
        (found,) = runner.findings([pair])
    assert (found.verdict, found.own_error) == (Verdict.ERROR, False)
    assert found.reason == "not judged: the run took longer than 0 s (--max-time)"
    assert stage.plays == []


def test_what_the_deadline_has_cut_off_is_an_error(stage: Stage) -> None:
    def cut_off() -> Transcript:
        while time.monotonic() < began + 0.1:
            pass
        return BAD

    stage.prepared["a.b"] = [cut_off]
    pair = Pair(TARGET, one("a.b"))
    began = time.monotonic()
    with Runner({}, pace=Pace(deadline=0.1)) as runner:
        (found,) = runner.findings([pair])
    assert found.verdict is Verdict.ERROR
    assert [patience.whole <= 0.1 for _, patience in stage.plays] == [True]


# What is not played


def test_what_the_target_does_not_offer_is_not_played(stage: Stage) -> None:
    (found,) = run(one("a.b", needs=frozenset({Need.TLS})))
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert found.reason == "the target is not reached over TLS"
    assert (found.observed, found.transcript, found.seconds) == ("Not played.", None, 0.0)
    assert found.expected == "The server answers 200."
    assert stage.plays == []


# Controls


def test_a_control_is_played_before_what_it_controls(stage: Stage) -> None:
    control, controlled = one("a.control"), one("a.b", control="a.control")
    found = run_one(control, controlled)
    assert found.verdict is Verdict.PASS
    assert stage.names == ["a.control", "a.b"]


def test_a_control_is_started_before_what_it_controls_and_once(stage: Stage) -> None:
    control = one("a.control")
    first, second = one("a.b", control="a.control"), one("a.c", control="a.control")
    with Runner(corpus_of(control, first, second), pace=ONE_BY_ONE) as runner:
        pairs = pairs_of(first, second, control)
        assert {found.verdict for found in runner.findings(pairs)} == {Verdict.PASS}
    assert stage.names == ["a.control", "a.b", "a.c"]


def test_a_control_that_fails_is_confirmed_and_takes_the_others_with_it(stage: Stage) -> None:
    stage.prepared["a.control"] = [BAD]
    found = run_one(one("a.control"), one("a.b", control="a.control"))
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert found.reason == "its control a.control did not pass (FAIL)"
    assert found.observed == "Not played."
    assert stage.names == ["a.control", "a.b", "a.control"]


def test_a_control_that_passes_at_the_second_play_is_good_enough(stage: Stage) -> None:
    stage.prepared["a.control"] = [BAD, GOOD]
    assert run_one(one("a.control"), one("a.b", control="a.control")).verdict is Verdict.PASS


def test_a_control_that_is_not_applicable_hands_on_its_reason(stage: Stage) -> None:
    control = one("a.control", needs=frozenset({Need.WITNESS}))
    found = run_one(control, one("a.b", control="a.control"), one("a.c", control="a.b"))
    assert (found.verdict, found.reason) == (Verdict.NOT_APPLICABLE, "the witness is not mounted")
    # They are played for the rules that bind every response.
    assert stage.names == ["a.b", "a.c"]


def test_controls_are_a_chain(stage: Stage) -> None:
    stage.prepared["a.first"] = [BAD]
    found = run_one(one("a.first"), one("a.second", control="a.first"), one("a.third", control="a.second"))
    assert found.verdict is Verdict.NOT_APPLICABLE
    assert found.reason == "its control a.first did not pass (FAIL)"


def test_a_control_is_played_on_the_same_target(stage: Stage) -> None:
    control, controlled = one("a.control"), one("a.b", control="a.control")
    first, second = Pair(TARGET, controlled), Pair(target(name="other"), controlled)
    with Runner(corpus_of(control, controlled), pace=ONE_BY_ONE) as runner:
        assert [found.verdict for found in runner.findings([first, second])] == [Verdict.PASS] * 2
    assert stage.names == ["a.control", "a.b", "a.control", "a.b"]


# Our own errors


def raising(_: object) -> bool:
    raise ZeroDivisionError("a mistake of ours")


@pytest.mark.parametrize(
    "where",
    [
        pytest.param({"accept": Outcome("errs", raising)}, id="in an outcome"),
        pytest.param({"accept": answers(400), "tolerate": Outcome("errs", raising)}, id="in a tolerance"),
        pytest.param({"accept": Outcome("errs", lambda _: False, excuse=raising)}, id="in an excuse"),
    ],
)
def test_a_mistake_of_ours_is_an_error_and_ends_nothing(stage: Stage, where: dict[str, Any]) -> None:
    broken, good = run(one("a.b", **where), one("a.c"))
    assert (broken.verdict, broken.own_error) == (Verdict.ERROR, True)
    assert broken.reason == "wirecheck's own error: ZeroDivisionError('a mistake of ours')"
    assert broken.observed == "Not played."
    assert good.verdict is Verdict.PASS
    assert stage.names == ["a.b", "a.c"]


@pytest.mark.parametrize("played", [[ValueError("odd")], [BAD, ValueError("odd")]], ids=["first", "second"])
def test_a_driver_that_breaks_is_an_error_of_ours(stage: Stage, played: list[Played]) -> None:
    stage.prepared["a.b"] = played
    (found,) = run(one("a.b"))
    assert (found.verdict, found.own_error) == (Verdict.ERROR, True)
    assert found.reason == "wirecheck's own error: ValueError('odd')"


def test_a_refused_connection_is_no_error_of_ours(stage: Stage) -> None:
    stage.prepared["a.b"] = [REFUSED]
    (found,) = run(one("a.b"))
    assert (found.verdict, found.own_error) == (Verdict.ERROR, False)
    assert found.reason == "the target accepted no connection: Connection refused"


def test_a_control_with_an_error_of_ours_is_no_ground_to_judge(stage: Stage) -> None:
    stage.prepared["a.control"] = [ValueError("odd")]
    found = run_one(one("a.control"), one("a.b", control="a.control"))
    assert (found.verdict, found.own_error) == (Verdict.ERROR, False)
    assert found.reason == "wirecheck's own error: ValueError('odd')"
