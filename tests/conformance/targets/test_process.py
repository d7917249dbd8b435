"""Children of a run: what they say first, how they end, and that they end."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from conformance.errors import Untestable
from conformance.targets.embedded import IN_CLEAR, served_targets
from conformance.targets.process import how_it_ended, own_module, start_guarded, start_own
from tests.paths import ROOT


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


@pytest.mark.parametrize(
    ("code", "phrase"),
    [
        (0, "exited with code 0"),
        (7, "exited with code 7"),
        (-signal.SIGSEGV, "was ended by signal 11 (SIGSEGV)"),
        (-250, "was ended by signal 250"),
    ],
)
def test_the_end_of_a_process_is_a_phrase(code: int, phrase: str) -> None:
    assert how_it_ended(code) == phrase


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("print('ready'); print('more')", b"ready\n"),
        ("print('cut off', end='')", b"cut off"),
        ("pass", b""),
    ],
)
def test_the_first_line_is_read(code: str, line: bytes, tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log, start_own(python(code), log, {}) as process:
        assert process.first_line().partition(b"more")[0] == line


def test_a_child_that_says_nothing_is_not_waited_for_without_end(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        with start_own(python("import time; time.sleep(600)"), log, {}) as process:
            assert process.first_line(within=0.1) == b""
        assert process.wait() == -signal.SIGTERM


def test_a_child_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    code = "import signal as s, time; s.signal(s.SIGTERM, s.SIG_IGN); print(1, flush=True); time.sleep(600)"
    with (tmp_path / "log").open("wb") as log:
        process = start_own(python(code), log, {})
    assert process.first_line() == b"1\n"
    process.end(within=0.1)
    assert process.wait() == -signal.SIGKILL


def test_a_child_that_has_ended_can_be_ended_again(tmp_path: Path) -> None:
    with (tmp_path / "log").open("wb") as log:
        process = start_guarded(python("print('hello'); raise SystemExit(3)"), log)
    assert process.wait() == 3
    process.end()
    process.end()
    assert (tmp_path / "log").read_text() == "hello\n"


def test_the_environment_of_a_child_is_ours_and_more(tmp_path: Path) -> None:
    code = "import os; print(os.environ['PATH'] != '', os.environ['MORE'])"
    with (tmp_path / "log").open("wb") as log, start_own(python(code), log, {"MORE": "1"}) as process:
        assert process.first_line() == b"True 1\n"


def test_a_module_of_ours_is_found_whatever_folder_the_command_is_run_in(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conformance").mkdir()
    (tmp_path / "conformance" / "__init__.py").write_text("raise SystemExit(9)")
    monkeypatch.chdir(tmp_path)
    command, environment = own_module("conformance.targets.guard")
    ended = subprocess.run(
        command, check=False, env={**os.environ, **environment}, input=b"", start_new_session=True
    )
    assert ended.returncode == -signal.SIGKILL  # so it ends its group, when its input ends


def test_a_server_of_ours_that_does_not_start_cannot_be_tested(tmp_path: Path) -> None:
    log = tmp_path / "log"
    commands = {"broken": ("http11", python("raise SystemExit('oh no')"))}
    with (
        pytest.raises(Untestable, match="did not start; its output is in "),
        served_targets(commands, log, {}, transports=[IN_CLEAR]),
    ):
        pass
    assert log.read_text() == "oh no\n"


# Starts a server with a guard; the server ends the run as soon as it can.
_KILLED = """
import pathlib, sys
from conformance.targets.process import start_guarded
number, folder = sys.argv[1], pathlib.Path(sys.argv[2])
script = f"kill -{number} $PPID; echo $$ > {folder}/new; mv {folder}/new {folder}/pid; exec sleep 600"
with (folder / "log").open("wb") as log:
    start_guarded(["sh", "-c", script], log).wait()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGQUIT, signal.SIGHUP])
def test_no_server_outlives_a_run_that_is_killed_as_soon_as_it_has_started_it(
    number: signal.Signals, tmp_path: Path
) -> None:
    command = [sys.executable, "-c", _KILLED, str(int(number)), str(tmp_path)]
    ended = subprocess.run(command, check=False, cwd=ROOT, preexec_fn=_without_core)
    assert ended.returncode == -number
    last_moment = time.monotonic() + 30
    while not (tmp_path / "pid").exists() or Path("/proc", (tmp_path / "pid").read_text().strip()).exists():
        if not (tmp_path / "pid").exists() and time.monotonic() > last_moment - 25:
            return  # it was killed before it could say anything
        assert time.monotonic() < last_moment, "the server is still there"
        time.sleep(0.01)  # a poll with a deadline: its parent is gone, so nothing waits for it


def test_no_server_outlives_an_interrupt_while_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = subprocess.Popen
    started = []

    def interrupted(*arguments: Any, **options: Any) -> Any:
        process = start(*arguments, **options)
        started.append(process)
        if len(started) > 1:
            raise KeyboardInterrupt  # the server is there, but nobody knows it
        return process

    monkeypatch.setattr("conformance.targets.process.subprocess.Popen", interrupted)
    with (tmp_path / "log").open("wb") as log, pytest.raises(KeyboardInterrupt):
        start_guarded(python("import time; time.sleep(600)"), log)
    assert [process.wait(30) for process in started] == [-signal.SIGKILL] * 2


def _without_core() -> None:
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
