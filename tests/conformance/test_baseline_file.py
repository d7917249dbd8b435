"""The file of a baseline: reading it, the errors about a wrong one, and what an update leaves as it was."""

from datetime import date
from pathlib import Path

import pytest

from conformance.baseline import Baseline, Entry, review
from conformance.baseline_file import new_baseline, read_baseline, update_file
from conformance.errors import BadUsage
from conformance.judging.model import Verdict
from tests.conformance.builders import RAW

TODAY = date(2027, 1, 31)
TITLES = {f"a.{name}": name.capitalize() for name in ("one", "two", "three", "four", "five")}

WRITTEN_BY_PEOPLE = """\
# Ours, since 2026.
[known]
# The proxy in front does this.
"a.one" = "see #12"   # do not touch
'a.two' = { expires = 2027-12-31, reason = 'until 3.0' } # by then


# Last, and in many lines.
"a.three" = \"\"\"
    A reason
    of two lines\"\"\"
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "known.toml"


def read(file: Path, text: str) -> Baseline:
    file.write_text(text, encoding="utf-8")
    return read_baseline(file, TITLES, TODAY)


def update(baseline: Baseline, *, passing: str = "", failing: str = "", crashing: str = "") -> str:
    """Update the file after a run with these passes, failures and crashes; return its text."""
    verdicts = {name: [Verdict.PASS] for name in passing.split()} | {
        name: [Verdict.FAIL] for name in f"{failing} {crashing}".split()
    }
    after = update_file(review(baseline, verdicts, frozenset({Verdict.FAIL}), set(crashing.split())))
    assert after.unwritten == ""
    return baseline.file.read_text(encoding="utf-8")


def test_an_entry_is_a_reason_or_a_table_with_one(file: Path) -> None:
    assert dict(read(file, WRITTEN_BY_PEOPLE).entries) == {
        "a.one": Entry("a.one", "see #12", None, 4),
        "a.two": Entry("a.two", "until 3.0", date(2027, 12, 31), 5),
        "a.three": Entry("a.three", "A reason of two lines", None, 9),
    }


@pytest.mark.parametrize("reason", ['""', '"  "', '"""\n  \n"""', "{}", "{ expires = 2027-12-31 }"])
def test_a_blank_reason_does_not_count(reason: str, file: Path) -> None:
    assert read(file, f'[known]\n"a.one" = {reason}\n').entries["a.one"].reason == ""


@pytest.mark.parametrize(("value", "crash"), [("true", True), ("false", False)])
def test_an_entry_may_excuse_a_crash(value: str, crash: bool, file: Path) -> None:
    entry = read(file, f'[known]\n"a.one" = {{ crash = {value}, reason = "why" }}\n').entries["a.one"]
    assert entry == Entry("a.one", "why", None, 2, crash=crash)


def test_an_entry_may_be_a_table_with_a_head_of_its_own(file: Path) -> None:
    entry = read(file, '[known."a.one"]\nreason = "why"\nexpires = 2027-12-31\n').entries["a.one"]
    assert entry == Entry("a.one", "why", date(2027, 12, 31), 1)


def test_a_file_may_be_empty(file: Path) -> None:
    assert read(file, "# nothing is known\n").entries == {}


OUTSIDE = "is outside the table [known]"
NOT_OF_AN_ENTRY = "but an entry has only reason, expires and crash"
NO_DATE = "has an expires that is not a date such as 2027-12-31"
NO_BOOLEAN = "has a crash that is neither true nor false"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            '[known]\n"a.one" "why"',
            " is not valid TOML: Expected '=' after a key in a key/value pair (at line 2",
        ),
        ('[known]\n"a.one" = "x"\n"a.one" = "y"', " is not valid TOML: Cannot overwrite a value (at "),
        ('"a.one" = "why"\n', f", line 1: 'a.one' {OUTSIDE}"),
        ('[konwn]\n"a.one" = "why"\n', f", line 1: 'konwn' {OUTSIDE}"),
        ('known = "why"', ", line 1: 'known' is not a table of ids and reasons"),
        (
            '[known]\na.one = "why"',
            f", line 2: 'a' has 'one', {NOT_OF_AN_ENTRY}; put the id in quotes: 'a.one'",
        ),
        ('[known]\n"a.one" = { reson = "why" }', f", line 2: 'a.one' has 'reson', {NOT_OF_AN_ENTRY}"),
        (
            '[known]\n\n"a.one" = true',
            ", line 3: 'a.one' is neither a reason in quotes nor a table with one",
        ),
        ('[known]\n"a.one" = { reason = 7 }', ", line 2: 'a.one' has a reason that is not text in quotes"),
        ('[known]\n"a.one" = { expires = "2027" }', f", line 2: 'a.one' {NO_DATE}"),
        ('[known]\n"a.one" = { expires = 2027-01-01T00:00:00 }', f", line 2: 'a.one' {NO_DATE}"),
        ('[known]\n"a.one" = { crash = "yes" }', f", line 2: 'a.one' {NO_BOOLEAN}"),
        ('[known]\n"a.one" = { crash = 1 }', f", line 2: 'a.one' {NO_BOOLEAN}"),
    ],
)
def test_an_error_in_the_file_names_its_line(text: str, problem: str, file: Path) -> None:
    with pytest.raises(BadUsage) as error:
        read(file, text)
    assert str(error.value).startswith(f"baseline {file}{problem}")


def test_a_file_that_cannot_be_read_is_an_error(file: Path) -> None:
    with pytest.raises(BadUsage, match=r"baseline .*known\.toml does not exist; --update-baseline "):
        read_baseline(file, TITLES, TODAY)
    file.write_bytes(b"\xff")
    with pytest.raises(BadUsage, match="cannot be read: 'utf-8' codec can't decode"):
        read_baseline(file, TITLES, TODAY)
    with pytest.raises(BadUsage, match=r"cannot be read: .*Is a directory"):
        read_baseline(file.parent, TITLES, TODAY)


# Updates


def test_an_update_keeps_all_that_stays_as_it_was_written(file: Path) -> None:
    baseline = read(file, WRITTEN_BY_PEOPLE)
    assert update(baseline, failing="a.one a.two a.three") == WRITTEN_BY_PEOPLE
    # A scenario that was not played is not known to pass.
    assert update(baseline) == WRITTEN_BY_PEOPLE
    assert update(baseline, passing="a.one", failing="a.five a.four") == (
        WRITTEN_BY_PEOPLE.replace('"a.one" = "see #12"   # do not touch\n', "")
        + '"a.five" = "" # Five\n"a.four" = "" # Four\n'
    )


def test_an_update_keeps_the_line_ends(file: Path) -> None:
    file.write_bytes(WRITTEN_BY_PEOPLE.replace("\n", "\r\n").encode())
    update(read_baseline(file, TITLES, TODAY), passing="a.two", failing="a.four")
    assert file.read_bytes().count(b"\r\n") == WRITTEN_BY_PEOPLE.count("\n") - 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[known]\n",
        '[known]\n"a.one" = "x"\n[known."a.two"]\nreason = "y"\n',
        '[known."a.one"]\nreason = "x"\n[known."a.two"]\nreason = "y"\n',
        '[known]\n"a.one" = "x"\n\n# the end',
        'known = { "a.one" = "x", "a.two" = "y" }\n',
        'known."a.one" = "x"\n',
    ],
)
def test_an_update_works_in_every_layout(text: str, file: Path) -> None:
    before = read(file, text).entries
    update(read_baseline(file, TITLES, TODAY), passing="a.one", failing="a.four")
    after = read_baseline(file, TITLES, TODAY).entries
    assert {name: entry.reason for name, entry in after.items()} == {
        name: entry.reason for name, entry in before.items() if name != "a.one"
    } | {"a.four": ""}


def test_an_entry_added_for_a_crash_does_not_excuse_it_and_says_how(file: Path) -> None:
    text = update(new_baseline(file, TITLES, TODAY), failing="a.two", crashing="a.three")
    assert text.endswith(
        '"a.two" = "" # Two\n'
        '"a.three" = "" # Three; it crashed the target: { crash = true, reason = "…" } would excuse that\n'
    )
    assert not read_baseline(file, TITLES, TODAY).entries["a.three"].crash


def test_an_update_leaves_crash_to_people(file: Path) -> None:
    text = '[known]\n"a.one" = { crash = true, reason = "x" }\n"a.two" = "y"\n'
    assert update(read(file, text), failing="a.one", crashing="a.two") == text


def test_a_new_file_says_what_it_is_for(file: Path) -> None:
    text = update(new_baseline(file, TITLES, TODAY), failing="a.two")
    assert text.startswith("# Scenarios that are known to fail")
    assert text.endswith('[known]\n"a.two" = "" # Two\n')
    assert read_baseline(file, TITLES, TODAY).entries["a.two"].line == len(text.splitlines())


def test_a_new_file_needs_a_folder(file: Path) -> None:
    with pytest.raises(BadUsage, match="there is no folder"):
        new_baseline(file.parent / "nowhere" / "known.toml", TITLES, TODAY)


def test_an_added_entry_fails_the_gate_until_it_has_a_reason(file: Path) -> None:
    after = update_file(
        review(new_baseline(file, TITLES, TODAY), {"a.two": [Verdict.FAIL]}, frozenset({Verdict.FAIL}))
    )
    assert (after.holds, after.added, [entry.id for entry in after.reasonless]) == (False, 1, ["a.two"])


def test_a_new_file_is_written_even_if_nothing_fails(file: Path) -> None:
    update(new_baseline(file, TITLES, TODAY), passing="a.two")
    assert read_baseline(file, TITLES, TODAY).entries == {}


def test_a_symbolic_link_and_the_mode_of_a_file_are_kept(file: Path) -> None:
    behind = file.with_name("behind.toml")
    baseline = read(behind, WRITTEN_BY_PEOPLE)
    behind.chmod(0o640)
    file.symlink_to(behind)
    update(read_baseline(file, TITLES, TODAY), failing="a.four")
    assert file.is_symlink()
    assert '"a.four"' in baseline.file.read_text()
    assert behind.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in file.parent.iterdir()) == ["behind.toml", "known.toml"]


def test_a_file_that_cannot_be_written_fails_the_gate_with_a_sentence(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    baseline = read(file, WRITTEN_BY_PEOPLE)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    after = update_file(review(baseline, {"a.four": [Verdict.FAIL]}, frozenset({Verdict.FAIL})))
    assert not after.holds
    assert f"{file} could not be updated: No space left on device." in after.sentences()
    assert [path.name for path in file.parent.iterdir()] == ["known.toml"]
    assert file.read_text() == WRITTEN_BY_PEOPLE


def test_a_file_that_became_invalid_during_the_run_is_left_alone(file: Path) -> None:
    baseline = read(file, WRITTEN_BY_PEOPLE)
    file.write_text("half a sent")
    after = update_file(review(baseline, {"a.four": [Verdict.FAIL]}, frozenset({Verdict.FAIL})))
    assert after.unwritten == "it was changed during the run"
    assert file.read_text() == "half a sent"


def test_a_title_cannot_break_out_of_its_comment(file: Path) -> None:
    baseline = new_baseline(file, {"a.two": "Two\n[known]\x1b"}, TODAY)
    text = update(baseline, failing="a.two")
    assert RAW.sub("", text.replace("\n", "")) == text.replace("\n", "")
    assert list(read_baseline(file, TITLES, TODAY).entries) == ["a.two"]
