"""Runs against servers that die or stall: what did it is named, and the rest is judged where it can be."""

import select
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clients.tcp import listens
from conformance.gate import Exit
from conformance.judging.model import Verdict
from conformance.record_lines import Footer
from tests.conformance.scripted_server import free_port
from tests.hostile.command import Ended, command
from tests.paths import ROOT

SELECTED = ("--only", "methods.*", "--only", "basics.*", "--only", "persistence.*", "--patience", "0.3")

# What sends a PATCH, whatever else it is about.
KILLERS = {"methods.refused-patch", "methods.body-like-a-request-patch"}


def server(port: int, how: str) -> list[str]:
    return [sys.executable, "-m", "tests.hostile.mortal", str(port), "PATCH", how]


def verdicts(ended: Ended, *of: Verdict) -> set[str]:
    wanted = {verdict.value for verdict in of}
    return {finding["scenario"] for finding in ended.run.findings if finding["verdict"] in wanted}


def footer(ended: Ended) -> Footer:
    assert ended.run.footer is not None
    assert ended.run.footer["exit_code"] == ended.code
    assert "Traceback" not in ended.stdout + ended.stderr
    return ended.run.footer


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("killed", "was ended by signal 9 (SIGKILL)"),
        ("ended", "exited with code 3"),
        ("stalled", "stopped answering"),
    ],
)
def test_what_a_spawned_server_dies_of_is_named_and_the_rest_is_judged(
    how: str, said: str, tmp_path: Path
) -> None:
    port = free_port()
    spawn = shlex.join(server(port, how))
    ended = command(f"http://127.0.0.1:{port}/", "--spawn", spawn, *SELECTED, output=tmp_path)
    assert ended.code == Exit.FAILURES
    crashes = footer(ended)["crashes"]
    assert {crash["scenario"] for crash in crashes} == KILLERS
    assert {crash["how"] for crash in crashes} == {said}
    assert verdicts(ended, Verdict.FAIL) == KILLERS
    assert not verdicts(ended, Verdict.ERROR)
    assert f"methods.refused-patch crashed the target: it {said}." in " ".join(ended.stdout.split())
    for finding in ended.run.findings:
        if finding["scenario"] in KILLERS:
            assert f"Then the target {said}." in finding["observed"]
            assert finding["crash"] == said


@contextmanager
def running(how: str) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(server(port, how), cwd=ROOT)
    try:
        while not listens(("127.0.0.1", port)):
            assert process.poll() is None
            select.select([], [], [], 0.05)
        yield port
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("how", ["ended", "stalled"])
def test_a_server_that_nobody_starts_again_leaves_the_rest_unjudged(how: str, tmp_path: Path) -> None:
    with running(how) as port:
        ended = command(
            f"http://127.0.0.1:{port}/",
            *SELECTED,
            *("--only", "fields.*"),
            output=tmp_path,
        )
    assert ended.code == Exit.UNTESTABLE
    assert footer(ended)["crashes"]
    assert not verdicts(ended, Verdict.FAIL, Verdict.WARN)
    unjudged = [finding for finding in ended.run.findings if finding["verdict"] == Verdict.ERROR.value]
    assert unjudged
    assert all("in the run and did not come back" in finding["reason"] for finding in unjudged)
