"""Interruption: a signal ends a run whenever it comes, is not lost, and ends it once."""

import signal
import subprocess
import sys
from collections.abc import Callable

import pytest

from conformance.gate import Exit
from conformance.interruption import SIGNALS
from tests.paths import ROOT

BEGINNING = """
import os, signal, sys
from conformance.interruption import *
from conformance.interruption import Interruption
def interrupt(number=signal.SIGTERM):
    os.kill(os.getpid(), number)
def attempt(what, *arguments):
    try:
        what(*arguments)
    except KeyboardInterrupt:
        print("interrupted", flush=True)
    else:
        print("went on", flush=True)
interruption = Interruption()
"""


def run(script: str, prepare: Callable[[], object] | None = None) -> tuple[int, list[str], str]:
    """Run a script in a process of its own; return its exit code, its output, and its complaints."""
    ended = subprocess.run(
        [sys.executable, "-c", BEGINNING + script],
        check=False,
        capture_output=True,
        text=True,
        cwd=ROOT,
        preexec_fn=prepare,
    )
    return ended.returncode, ended.stdout.splitlines(), ended.stderr


@pytest.mark.parametrize("number", SIGNALS)
def test_each_signal_interrupts_what_is_done(number: signal.Signals) -> None:
    code, said, _ = run(f"interruption.listen(); attempt(interrupt, {int(number)})")
    assert (code, said) == (0, ["interrupted"])


def test_what_was_ignored_from_the_beginning_stays_ignored() -> None:
    script = "interruption.listen(); attempt(interrupt, signal.SIGHUP); attempt(interrupt)"
    code, said, _ = run(script, lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN))
    assert (code, said) == (0, ["went on", "interrupted"])


def test_what_the_interpreter_loses_is_found_by_asking() -> None:
    code, said, complaint = run("""
class Loser:
    def __del__(self):
        interrupt()
def lose():
    Loser()
interruption.listen()
attempt(interruption.check)
attempt(lose)
attempt(interruption.check)
""")
    assert (code, said) == (0, ["went on", "went on", "interrupted"])
    assert "Exception ignored" in complaint


def test_a_second_signal_is_no_news() -> None:
    code, said, _ = run("interruption.listen(); attempt(interrupt); attempt(interrupt)")
    assert (code, said) == (0, ["interrupted", "went on"])


def test_a_third_signal_ends_the_process_at_once_and_says_what_is_kept() -> None:
    script = "interruption.listen(); attempt(interrupt); interruption.heed('a/run.jsonl')\n"
    code, said, complaint = run(script + "interrupt(); interrupt(); attempt(interrupt)")
    assert (code, said) == (Exit.INTERRUPTED, ["interrupted"])
    assert complaint == (
        "wirecheck: interrupted 3 times, and ended at once; what was judged until then is in a/run.jsonl\n"
    )


def test_a_signal_waits_while_it_is_held() -> None:
    script = "interruption.listen(); interruption.hold(); attempt(interrupt); attempt(interruption.release)"
    code, said, _ = run(script)
    assert (code, said) == (0, ["went on", "interrupted"])


def test_no_signal_interrupts_what_ends_the_run() -> None:
    code, said, _ = run("""
interruption.listen()
interruption.heed()
attempt(interrupt)
attempt(interruption.check)
""")
    assert (code, said) == (0, ["went on", "went on"])


# The process

LOADED = """
import types
from conformance import __main__
class Finder:
    def find_spec(name, path, target=None):
        if name == "conformance.command.command":
            WHAT
sys.meta_path.insert(0, Finder)
__main__.command()
"""


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_process_while_it_loads(number: signal.Signals) -> None:
    code, _, complaint = run(LOADED.replace("WHAT", f"interrupt({int(number)})"))
    assert (code, complaint) == (Exit.INTERRUPTED, "wirecheck: interrupted before there was a result\n")


def test_a_signal_at_the_end_changes_no_result() -> None:
    code, _, complaint = run(
        "import atexit; atexit.register(interrupt); atexit.register(interrupt, signal.SIGINT)\n"
        "import types; module = types.ModuleType('conformance.command.command'); module.main = lambda: 5\n"
        "sys.modules['conformance.command.command'] = module\n"
        "from conformance import __main__; __main__.command()"
    )
    assert (code, complaint) == (5, "")
