"""The baseline against what a run found: what is excused, what is wrong with the list, what is said of it."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from conformance.baseline import Baseline, Entry, Review, review, updated
from conformance.clauses import Level
from conformance.gate import Gate
from conformance.judging.model import Verdict

PASS, WARN, INFO, FAIL = Verdict.PASS, Verdict.WARN, Verdict.INFO, Verdict.FAIL
ERROR, NOT_APPLICABLE, NOT_JUDGED = Verdict.ERROR, Verdict.NOT_APPLICABLE, None

TODAY = date(2027, 1, 31)
TITLES = {"a.one": "One", "a.two": "Two", "a.three": "Three"}

Found = Mapping[str, Sequence[Verdict | None]]


def baseline(*entries: Entry) -> Baseline:
    return Baseline(Path("known.toml"), {entry.id: entry for entry in entries}, TITLES, TODAY)


def entry(name: str = "a.one", reason: str = "known", expires: date | None = None) -> Entry:
    return Entry(name, reason, expires, line=2)


def reviewed(*entries: Entry, found: Found, level: Level = Level.MUST) -> Review:
    review = Gate(level, baseline(*entries)).review(found)
    assert review is not None
    return review


@pytest.mark.parametrize(
    ("verdicts", "excused", "stale", "not_applicable"),
    [
        pytest.param([FAIL], True, False, False, id="it fails"),
        pytest.param([PASS], False, True, False, id="it passes"),
        pytest.param([WARN], False, False, False, id="it does not pass, but no longer fails"),
        pytest.param([INFO], False, False, False, id="it is informational"),
        pytest.param([ERROR], False, False, False, id="it went wrong"),
        pytest.param([NOT_APPLICABLE], False, False, True, id="it was not applicable"),
        pytest.param([NOT_JUDGED], False, False, False, id="the run was cut off before it"),
        pytest.param([], False, False, False, id="it was not selected"),
        # An entry is of the scenario on every target.
        pytest.param([PASS, FAIL], True, False, False, id="it fails on one target"),
        pytest.param([PASS, PASS], False, True, False, id="it passes on both"),
        pytest.param([NOT_APPLICABLE, PASS], False, True, False, id="it passes where it is applicable"),
        pytest.param([PASS, NOT_JUDGED], False, False, False, id="the run was cut off before the other"),
        pytest.param([PASS, ERROR], False, False, False, id="it went wrong on the other"),
        pytest.param([PASS, WARN], False, False, False, id="it warns on the other"),
        pytest.param([NOT_APPLICABLE, FAIL], True, False, False, id="it fails where it is applicable"),
    ],
)
def test_an_entry_is_compared_with_all_that_was_found(
    verdicts: list[Verdict | None], excused: bool, stale: bool, not_applicable: bool
) -> None:
    shown = reviewed(entry(), found={"a.one": verdicts} if verdicts else {})
    assert (bool(shown.excused), bool(shown.stale), bool(shown.not_applicable)) == (
        excused,
        stale,
        not_applicable,
    )
    assert shown.holds is not stale


@pytest.mark.parametrize(
    ("level", "excused"),
    [
        (Level.MUST, [FAIL]),
        (Level.SHOULD, [FAIL, WARN]),
        (Level.MAY, [FAIL, WARN, INFO]),
    ],
)
def test_what_would_close_the_gate_is_excused_and_nothing_else(level: Level, excused: list[Verdict]) -> None:
    gate = Gate(level, baseline(entry()))
    assert [verdict for verdict in Verdict if gate.excuse("a.one", verdict)] == [
        verdict for verdict in Verdict if verdict in excused
    ]
    assert not any(gate.excuse("a.two", verdict) for verdict in Verdict)
    assert not any(Gate(level).excuse("a.one", verdict) for verdict in Verdict)


@pytest.mark.parametrize(
    ("expires", "good"),
    [(None, True), (date(2027, 1, 31), True), (date(2027, 2, 1), True), (date(2027, 1, 30), False)],
)
def test_an_entry_is_good_until_its_last_day_is_over(expires: date | None, good: bool) -> None:
    shown = reviewed(entry(expires=expires), found={"a.one": [FAIL]})
    assert (shown.holds, bool(shown.excused), bool(shown.expired)) == (good, good, not good)


def test_an_entry_without_a_reason_excuses_nothing() -> None:
    shown = reviewed(entry(reason=""), found={"a.one": [FAIL]})
    assert (shown.holds, shown.excused, [each.id for each in shown.reasonless]) == (False, (), ["a.one"])


def test_what_is_wrong_with_the_file_is_wrong_whatever_is_played() -> None:
    wrong = (entry("a.fnord"), entry("a.two", reason=""), entry("a.three", expires=date(2020, 1, 1)))
    shown = reviewed(*wrong, found={})
    assert [each.id for each in (*shown.unknown, *shown.reasonless, *shown.expired)] == [
        each.id for each in wrong
    ]


def test_each_problem_is_a_sentence_with_file_line_id_and_what_to_do() -> None:
    shown = reviewed(
        entry("a.one"),
        entry("a.tow"),
        entry("a.two", reason=""),
        entry("a.three", expires=date(2020, 1, 1)),
        found={"a.one": [PASS], "a.three": [NOT_APPLICABLE]},
    )
    assert [sentence.removeprefix("known.toml, line 2: ") for sentence in shown.sentences()] == [
        "a.tow is no scenario, so correct or remove the entry; near it are a.two, a.one.",
        "a.two has no reason; write why it is known to fail.",
        "a.three was excused until 2020-01-01; mend the server, or decide on a later day.",
        "a.one passes, so the entry is stale; remove it, or let --update-baseline do so.",
        "a.three was NOT APPLICABLE, which says nothing of it; the entry may stay.",
    ]


def test_of_very_many_problems_of_a_kind_a_few_are_told() -> None:
    shown = reviewed(*(entry(f"b.{number}", reason="") for number in range(300)), found={})
    told = [sentence for sentence in shown.sentences() if "has no reason" in sentence]
    assert len(told) == 8
    assert "known.toml: so it is with 292 more, from b.8 on." in shown.sentences()


def test_the_record_says_it_in_plain_values() -> None:
    shown = reviewed(
        entry("a.one", expires=date(2027, 2, 1)),
        entry("a.two"),
        found={"a.one": [FAIL], "a.two": [PASS]},
    )
    assert shown.recorded() == {
        "file": "known.toml",
        "excused": [{"scenario": "a.one", "reason": "known", "expires": "2027-02-01"}],
        "stale": ["a.two"],
        "unknown": [],
        "reasonless": [],
        "expired": [],
        "sentences": list(shown.sentences()),
    }


def test_what_closes_the_gate_and_is_not_listed_is_new() -> None:
    found = {"a.one": [FAIL], "a.two": [PASS, FAIL], "a.three": [WARN]}
    assert reviewed(entry(), found=found).new == ("a.two",)
    assert reviewed(entry(), found=found, level=Level.SHOULD).new == ("a.two", "a.three")


def test_an_update_leaves_what_is_still_wrong_with_the_file() -> None:
    before = reviewed(
        entry("a.one"),
        entry("a.two", expires=date(2020, 1, 1)),
        found={"a.one": [PASS], "a.two": [FAIL], "a.three": [FAIL]},
    )
    after = updated(before, baseline(entry("a.two", expires=date(2020, 1, 1)), entry("a.three", reason="")))
    assert (after.added, after.dropped, after.stale) == (1, 1, ())
    assert [each.id for each in (*after.reasonless, *after.expired)] == ["a.three", "a.two"]
    assert next(after.sentences()) == "known.toml was brought up to date: 1 added, 1 dropped."


def test_a_review_is_of_the_verdicts_that_close() -> None:
    assert review(baseline(entry()), {"a.one": [WARN]}, frozenset({WARN})).excused
    assert not review(baseline(entry()), {"a.one": [FAIL]}, frozenset({WARN})).excused
