"""The memory of a run does not follow what its target sends. The figures of whole runs are in benchmarks/."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.run_memory import MEBIBYTE, SMALL, peak_of_run, serving
from conformance.judging.model import Verdict
from tests.paths import ROOT

# As many conversations as show what is kept of each: with all of it kept, 300 MiB are not enough for a page.
PLAYED = ("--only", "topic:host", "--only", "topic:fields")

# An invariant looks at the responses to all scenarios, so these are played as well.
WITH_ALL = (*PLAYED, "--only", "invariant.*")

# What a run may take above the same on a small page. It takes less; to keep a tenth of all would be more.
MOST = 100 * MEBIBYTE


@pytest.fixture(scope="module")
def of_a_small_page() -> int:
    with serving(*SMALL) as url:
        return peak_of_run([url, *WITH_ALL]).resident


@pytest.mark.parametrize(
    ("kind", "octets", "played"),
    [("page", 1_000_000, WITH_ALL), ("field", 1_000_000, PLAYED), ("chunks", 100_000, PLAYED)],
)
def test_memory_does_not_follow_what_a_target_sends(
    kind: str, octets: int, played: tuple[str, ...], of_a_small_page: int
) -> None:
    with serving(kind, octets) as url:
        peak = peak_of_run([url, *played])
    assert peak.exit_code == (1 if played is WITH_ALL else 0), "as responses without Date have it"
    assert peak.resident < of_a_small_page + MOST


def test_a_large_page_is_judged_like_a_small_one(tmp_path: Path) -> None:
    found = []
    for octets in (1000, 1_000_000):
        output = tmp_path / str(octets)
        with serving("page", octets) as url:
            command = [sys.executable, "-m", "conformance", url, *PLAYED, "--output", str(output), "--quiet"]
            subprocess.run(command, cwd=ROOT, check=False, stdout=subprocess.DEVNULL)
        lines = map(json.loads, (output / "run.jsonl").read_text(encoding="utf-8").splitlines())
        found.append({line["scenario"]: line["verdict"] for line in lines if line["type"] == "finding"})
    small, large = found
    assert small == large
    assert Verdict.PASS.value in small.values()
    cut = [
        event
        for line in map(json.loads, (output / "run.jsonl").read_text(encoding="utf-8").splitlines())
        for event in line.get("events", ())
        if "cut" in event
    ]
    assert cut
    assert all(
        event["size"] == len(event["data"]) + event["cut"] + len(event.get("tail", "")) for event in cut
    )
