"""The two ways to show a run, the plugin and the command: what they print, what they write, how they fail."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from reports import plugin as plugin_module
from reports.__main__ import USAGE, main
from reports.plugin import pytest_terminal_summary
from reports.run import page, terminal
from reports.run.publish import JOB_SUMMARY, publish
from tests.paths import ROOT

Write = Callable[..., Path]
Make = Callable[..., dict[str, Any]]


def plugin(where: Path, *options: str) -> subprocess.CompletedProcess[str]:
    (where / "test_one.py").write_text("def test_one():\n    pass\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "reports.plugin",
        "-p",
        "no:cacheprovider",
        "-c",
        os.devnull,
    ]
    return subprocess.run(
        [*command, "--rootdir", str(where), *options, "test_one.py"],
        cwd=where,
        env=os.environ | {"PYTHONPATH": str(ROOT), "COLUMNS": "100", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


@pytest.mark.parametrize(
    ("footer", "sentence"),
    [
        (True, "Not conforming: 1 requirement broken in 1 of 2 verified scenarios."),
        (False, "The run was cut off: 2 of 2 scenarios were judged, 1 of them fails."),
    ],
)
def test_the_plugin_writes_the_page_and_prints_the_summary(
    write: Write, finding: Make, *, footer: bool, sentence: str
) -> None:
    path = write(finding(), finding("a.x", "FAIL"), footer=footer)
    done = plugin(path.parent, "--wirecheck-record", "run.jsonl")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "FAIL  a.x on plain" in done.stdout
    places = ("report   report.html", "junit    junit.xml", "summary  summary.md", "badge    badge.json")
    assert "\n".join(("", *places, "record   run.jsonl", "")) in done.stdout
    assert f"\n{sentence}\n" in done.stdout
    assert (path.parent / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_plugin_says_in_a_line_that_the_record_is_missing(tmp_path: Path) -> None:
    done = plugin(tmp_path, "--wirecheck-record", "none.jsonl")
    assert done.returncode == 0
    assert "\nnone.jsonl cannot be read: " in done.stdout
    assert "Traceback" not in done.stdout + done.stderr


def test_the_plugin_survives_a_finding_that_lacks_things(tmp_path: Path, write: Write) -> None:
    with write(footer=False).open("a") as record:
        record.write('{"type": "finding", "scenario": "a.b", "target": "plain", "verdict": "FAIL"}\n')
    done = plugin(tmp_path, "--wirecheck-record", "run.jsonl")
    assert done.returncode == 0
    assert "The report report.html could not be written: KeyError: " in done.stdout
    assert "The summary of run.jsonl could not be made: KeyError: " in done.stdout


def test_the_plugin_is_silent_when_it_is_not_asked(tmp_path: Path) -> None:
    assert "verified" not in plugin(tmp_path).stdout


def test_the_plugin_never_raises_and_passes_colours_on(
    write: Write, finding: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = FakeConfig(write(finding()))
    terminal = FakeTerminal()
    pytest_terminal_summary(terminal, config)  # type: ignore[arg-type]
    assert terminal.lines[-1] == (
        "Conforming: 1 of 1 verified scenario passes.",
        {"green": True, "bold": True},
    )
    assert vars(config.option) == {"wirecheck_unwritten": False}
    monkeypatch.setattr(plugin_module, "publish", _broken)
    pytest_terminal_summary(terminal, config)  # type: ignore[arg-type]
    assert vars(config.option) == {"wirecheck_unwritten": True}
    assert terminal.lines[-1] == ("The run cannot be shown: RuntimeError()", {"red": True, "bold": True})
    pytest_terminal_summary(terminal, FakeConfig(Path("none\x1b")))  # type: ignore[arg-type]
    assert capsys.readouterr().out == ""


def test_the_command_writes_the_page_beside_the_record(
    write: Write, finding: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(finding())
    assert main([str(path)]) == 0
    assert path.with_name("report.html").exists()
    assert capsys.readouterr().out.endswith("\n\nConforming: 1 of 1 verified scenario passes.\n")


def test_the_command_writes_all_reports_of_all_runs(
    write: Write, finding: Make, *, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        write(finding()).rename(folder / "run.jsonl")
    assert main([str(folders[0]), str(folders[1] / "run.jsonl")]) == 0
    for folder in folders:
        names = {path.name for path in folder.iterdir()}
        assert names == {"run.jsonl", "report.html", "junit.xml", "summary.md", "badge.json"}
    assert capsys.readouterr().out.count("Conforming: ") == 2


def test_the_page_of_a_job_gets_the_summary_after_what_it_has(
    write: Write, finding: Make, *, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = tmp_path / "job.md"
    job.write_text("of another step\n")
    monkeypatch.setenv(JOB_SUMMARY, str(job))
    assert main([str(write(finding()))]) == 0
    assert job.read_text() == "of another step\n" + (tmp_path / "summary.md").read_text()


def test_a_page_of_a_job_that_cannot_be_written_is_one_line(
    write: Write, finding: Make, *, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(finding())
    monkeypatch.setenv(JOB_SUMMARY, str(path / "below-a-file"))
    assert main([str(path)]) == USAGE
    printed = capsys.readouterr()
    assert "The summary of the job " in printed.err
    assert len(printed.err.splitlines()) == 1
    assert "summary.md" in printed.out


def test_the_command_writes_the_page_to_the_file_asked_for(write: Write, finding: Make) -> None:
    path = write(finding(verdict="FAIL"))
    assert main([str(path), "--html", str(path.parent / "new" / "page.html")]) == 0
    assert (path.parent / "new" / "page.html").exists()
    assert not path.with_name("report.html").exists()


def test_a_file_that_is_not_a_record_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_text("{}\n[]\n")
    assert main([str(path)]) == USAGE
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_a_wrong_command_is_misuse(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--nonsense"])
    assert ended.value.code == USAGE
    assert "required: RUN" in capsys.readouterr().err


def test_a_page_that_cannot_be_written_is_one_line_and_the_summary_stands(
    write: Write, finding: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    path = write(finding())
    assert main([str(path), "--html", str(path / "below-a-file.html")]) == USAGE
    printed = capsys.readouterr()
    assert "could not be written" in printed.err
    assert len(printed.err.splitlines()) == 1
    assert "Conforming: " in printed.out
    assert "below-a-file" not in printed.out


def test_a_mistake_of_ours_hides_neither_the_record_nor_the_summary(
    write: Write, finding: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(finding())
    before = path.read_bytes()
    monkeypatch.setattr(page, "render", _broken)
    published = publish(path, width=80)
    assert "RuntimeError" in published.problems[0].text
    assert published.lines[-1].text.startswith("Conforming")
    monkeypatch.setattr(terminal, "summary_lines", _broken)
    assert len(publish(path, width=80).problems) == 2
    assert path.read_bytes() == before


@pytest.mark.parametrize(("no_color", "coloured"), [(None, True), ("1", False)])
def test_a_terminal_gets_colours_unless_it_wants_none(
    write: Write,
    finding: Make,
    *,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    no_color: str | None,
    coloured: bool,
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color:
        monkeypatch.setenv("NO_COLOR", no_color)
    main([str(write(finding()))])
    assert ("\x1b[32;1mConforming" in capsys.readouterr().out) is coloured


class FakeConfig:
    """The part of pytest's configuration that the plugin looks at."""

    def __init__(self, record: Path) -> None:
        self._record = record
        self.option = SimpleNamespace()

    def getoption(self, name: str, default: object = None) -> object:
        return str(self._record) if name == "--wirecheck-record" else default

    def get_terminal_writer(self) -> SimpleNamespace:
        return SimpleNamespace(fullwidth=100)


class FakeTerminal:
    """A terminal that keeps what is written."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, bool]]] = []

    def write_line(self, line: str, **markup: bool) -> None:
        self.lines.append((line, markup))


def _broken(*_: object, **__: object) -> str:
    raise RuntimeError
