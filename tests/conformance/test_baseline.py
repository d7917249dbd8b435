"""How a run compares with a baseline: which failures are excused, and what is wrong with the list."""

from datetime import date
from pathlib import Path

import pytest

from conformance.baseline import Baseline, Entry, Review, Verdicts, review, review_after_update
from conformance.gate import Gate, Strictness
from conformance.judging.model import Verdict

PASS, WARN, INFO = Verdict.PASS, Verdict.WARN, Verdict.INFO
RISK, FAIL = Verdict.RISK, Verdict.FAIL
ERROR, NOT_APPLICABLE, NOT_JUDGED = Verdict.ERROR, Verdict.NOT_APPLICABLE, None

TODAY = date(2027, 1, 31)
TITLES = {"a.one": "One", "a.two": "Two", "a.three": "Three"}


def baseline(*entries: Entry) -> Baseline:
    return Baseline(Path("known.toml"), {entry.id: entry for entry in entries}, TITLES, TODAY)


def entry(
    name: str = "a.one", reason: str = "known", expires: date | None = None, *, crash: bool = False
) -> Entry:
    return Entry(name, reason, expires, line=2, crash=crash)


def reviewed(
    *entries: Entry,
    verdicts: Verdicts,
    crashed: frozenset[str] = frozenset(),
    gate: Strictness = Strictness.RISK,
) -> Review:
    review = Gate(gate, baseline(*entries)).review(verdicts, crashed)
    assert review is not None
    return review


def sentences(review: Review) -> list[str]:
    return [sentence.removeprefix("known.toml, line 2: ") for sentence in review.sentences()]


@pytest.mark.parametrize(
    ("verdicts", "excused", "stale", "not_applicable"),
    [
        pytest.param([FAIL], True, False, False, id="it fails"),
        pytest.param([PASS], False, True, False, id="it passes"),
        pytest.param([WARN], False, False, False, id="it does not pass, but no longer fails"),
        pytest.param([INFO], False, False, False, id="it is informational"),
        pytest.param([ERROR], False, False, False, id="it met an error"),
        pytest.param([NOT_APPLICABLE], False, False, True, id="it was not applicable"),
        pytest.param([NOT_JUDGED], False, False, False, id="the run was cut off before it"),
        pytest.param([], False, False, False, id="it was not selected"),
        # An entry applies to the scenario on every target.
        pytest.param([PASS, FAIL], True, False, False, id="it fails on one target"),
        pytest.param([PASS, PASS], False, True, False, id="it passes on both"),
        pytest.param([NOT_APPLICABLE, PASS], False, True, False, id="it passes where it is applicable"),
        pytest.param([PASS, NOT_JUDGED], False, False, False, id="the run was cut off before the other"),
        pytest.param([PASS, ERROR], False, False, False, id="it met an error on the other"),
        pytest.param([PASS, WARN], False, False, False, id="it warns on the other"),
        pytest.param([NOT_APPLICABLE, FAIL], True, False, False, id="it fails where it is applicable"),
    ],
)
def test_an_entry_is_compared_with_the_verdicts_on_all_targets(
    verdicts: list[Verdict | None], excused: bool, stale: bool, not_applicable: bool
) -> None:
    review = reviewed(entry(), verdicts={"a.one": verdicts} if verdicts else {})
    assert (bool(review.excused), bool(review.stale), bool(review.not_applicable)) == (
        excused,
        stale,
        not_applicable,
    )
    assert review.holds is not stale


@pytest.mark.parametrize(
    ("strictness", "excused"),
    [
        (Strictness.MUST, [FAIL]),
        (Strictness.RISK, [FAIL, RISK]),
        (Strictness.SHOULD, [FAIL, RISK, WARN]),
        (Strictness.MAY, [FAIL, RISK, WARN, INFO]),
    ],
)
def test_only_verdicts_that_fail_the_gate_are_excused(strictness: Strictness, excused: list[Verdict]) -> None:
    gate = Gate(strictness, baseline(entry()))
    assert [verdict for verdict in Verdict if gate.excuse("a.one", verdict)] == [
        verdict for verdict in Verdict if verdict in excused
    ]
    assert not any(gate.excuse("a.two", verdict) for verdict in Verdict)
    assert not any(Gate(strictness).excuse("a.one", verdict) for verdict in Verdict)


@pytest.mark.parametrize(
    ("expires", "good"),
    [(None, True), (date(2027, 1, 31), True), (date(2027, 2, 1), True), (date(2027, 1, 30), False)],
)
def test_an_entry_applies_until_its_last_day_is_over(expires: date | None, good: bool) -> None:
    review = reviewed(entry(expires=expires), verdicts={"a.one": [FAIL]})
    assert (review.holds, bool(review.excused), bool(review.expired)) == (good, good, not good)


def test_an_entry_without_a_reason_excuses_nothing() -> None:
    review = reviewed(entry(reason=""), verdicts={"a.one": [FAIL]})
    assert (review.holds, review.excused, [each.id for each in review.reasonless]) == (False, (), ["a.one"])


def test_errors_in_the_file_count_whatever_is_played() -> None:
    wrong = (entry("a.fnord"), entry("a.two", reason=""), entry("a.three", expires=date(2020, 1, 1)))
    review = reviewed(*wrong, verdicts={})
    assert [each.id for each in (*review.unknown, *review.reasonless, *review.expired)] == [
        each.id for each in wrong
    ]


# Crashes


@pytest.mark.parametrize(
    ("crash", "crashed", "excused"),
    [(False, False, True), (False, True, False), (True, False, True), (True, True, True)],
)
def test_a_crash_is_excused_only_by_an_entry_that_says_so(crash: bool, crashed: bool, excused: bool) -> None:
    gate = Gate(baseline=baseline(entry(crash=crash)))
    assert bool(gate.excuse("a.one", FAIL, crashed=crashed)) is excused
    review = gate.review({"a.one": [FAIL]}, {"a.one"} if crashed else frozenset())
    assert review is not None
    assert (bool(review.excused), review.new) == (excused, ())


def test_a_crash_that_is_not_excused_is_a_sentence_about_its_entry() -> None:
    review = reviewed(entry(), verdicts={"a.one": [FAIL]}, crashed=frozenset({"a.one"}))
    assert sentences(review) == ["a.one crashed the target; only crash = true excuses that."]
    assert review.holds  # the finding fails the gate, not the list


def test_a_scenario_that_crashes_one_target_and_fails_on_another_is_not_excused() -> None:
    review = reviewed(entry(), verdicts={"a.one": [FAIL, FAIL]}, crashed=frozenset({"a.one"}))
    assert review.excused == ()


def test_a_listed_crash_that_passes_is_stale() -> None:
    review = reviewed(entry(crash=True), verdicts={"a.one": [PASS]})
    assert ([each.id for each in review.stale], review.holds) == (["a.one"], False)


def test_a_listed_crash_that_merely_fails_is_excused_with_advice() -> None:
    review = reviewed(entry(crash=True), verdicts={"a.one": [FAIL]})
    assert sentences(review) == ["a.one fails without crashing the target; remove crash = true."]
    assert (review.holds, bool(review.excused)) == (True, True)


def test_a_crash_that_is_not_listed_is_new() -> None:
    review = reviewed(verdicts={"a.one": [FAIL]}, crashed=frozenset({"a.one"}))
    assert (review.new, sentences(review)) == (("a.one",), [])


# Sentences


def test_each_problem_is_a_sentence_with_file_line_id_and_what_to_do() -> None:
    review = reviewed(
        entry("a.one"),
        entry("a.tow"),
        entry("b.fnord"),
        entry("a.two", reason=""),
        entry("a.three", expires=date(2020, 1, 1)),
        verdicts={"a.one": [PASS], "a.three": [NOT_APPLICABLE]},
    )
    assert sentences(review) == [
        "a.tow is not a scenario; correct or remove the entry; did you mean a.two or a.one?",
        "b.fnord is not a scenario; correct or remove the entry.",
        "a.two has no reason; write why it is known to fail.",
        "a.three was excused until 2020-01-01; fix the server or set a later date.",
        "a.one passes, so the entry is stale; remove it, or use --update-baseline.",
        "a.three was NOT APPLICABLE, so it was not checked; the entry may stay.",
    ]


def test_of_many_problems_of_one_kind_only_the_first_are_sentences() -> None:
    review = reviewed(*(entry(f"b.{number}", reason="") for number in range(300)), verdicts={})
    assert len([sentence for sentence in review.sentences() if "has no reason" in sentence]) == 8
    assert "known.toml: and 292 more, starting with b.8." in review.sentences()


def test_the_record_has_the_review_as_plain_values() -> None:
    review = reviewed(
        entry("a.one", expires=date(2027, 2, 1)),
        entry("a.two"),
        verdicts={"a.one": [FAIL], "a.two": [PASS]},
    )
    assert review.as_record() == {
        "file": "known.toml",
        "excused": [{"scenario": "a.one", "reason": "known", "expires": "2027-02-01"}],
        "stale": ["a.two"],
        "unknown": [],
        "reasonless": [],
        "expired": [],
        "sentences": list(review.sentences()),
    }


def test_a_failure_that_is_not_listed_is_new() -> None:
    verdicts = {"a.one": [FAIL], "a.two": [PASS, FAIL], "a.three": [WARN]}
    assert reviewed(entry(), verdicts=verdicts).new == ("a.two",)
    assert reviewed(entry(), verdicts=verdicts, gate=Strictness.SHOULD).new == ("a.two", "a.three")


def test_after_an_update_the_review_has_what_is_still_wrong_with_the_file() -> None:
    before = reviewed(
        entry("a.one"),
        entry("a.two", expires=date(2020, 1, 1)),
        verdicts={"a.one": [PASS], "a.two": [FAIL], "a.three": [FAIL]},
        crashed=frozenset({"a.three"}),
    )
    after = review_after_update(
        before, baseline(entry("a.two", expires=date(2020, 1, 1)), entry("a.three", reason=""))
    )
    assert (after.added, after.removed, after.stale) == (1, 1, ())
    assert [each.id for each in (*after.reasonless, *after.expired)] == ["a.three", "a.two"]
    assert sentences(after) == [
        "known.toml was updated: 1 added, 1 removed.",
        "a.three has no reason; write why it is known to fail.",
        "a.two was excused until 2020-01-01; fix the server or set a later date.",
        "a.three crashed the target; only crash = true excuses that.",
    ]


def test_the_verdicts_that_fail_the_gate_are_a_parameter() -> None:
    assert review(baseline(entry()), {"a.one": [WARN]}, frozenset({WARN})).excused
    assert not review(baseline(entry()), {"a.one": [FAIL]}, frozenset({WARN})).excused
