"""The GitHub action and the page about CI: both are read, and their scripts are run."""

import json
import os
import re
import subprocess
import sys
import tomllib
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from conformance.baseline_file import read_baseline
from conformance.command.options import parser
from conformance.gate import DEFAULT_STRICTNESS
from conformance.scenarios import CORPUS
from tests.paths import ROOT

PAGE = (ROOT / "docs" / "ci.md").read_text(encoding="utf-8")
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
STEPS: dict[str, dict[str, Any]] = {step["name"]: step for step in ACTION["runs"]["steps"]}

MOST_LINES = 8


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


def given_to(command: str, line: str) -> list[str]:
    """Return the arguments that a shell would pass to a command in a line."""
    echo = f'{command}() {{ for word in "$@"; do printf "%s\\n" "$word"; done; }}\n'
    done = subprocess.run(["bash", "-c", echo + line], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


# The action


def test_the_action_is_composite_and_every_input_is_described_and_used() -> None:
    assert ACTION["runs"]["using"] == "composite"
    script = json.dumps(STEPS)
    for name, described in ACTION["inputs"].items():
        assert described["description"]
        assert f"inputs.{name} " in script
    assert {"url", "spawn", "baseline", "gate", "arguments", "output"} <= set(ACTION["inputs"])
    assert ACTION["inputs"]["gate"]["default"] == DEFAULT_STRICTNESS.name.lower()


def test_no_input_becomes_part_of_a_script() -> None:
    scripts = [step for step in STEPS.values() if "run" in step]
    assert len(scripts) == 2
    for step in scripts:
        assert step["shell"] == "bash"  # a composite action must name it
        assert "${{" not in step["run"]


def test_reports_are_uploaded_whatever_the_run_found() -> None:
    upload = STEPS["Upload the reports"]
    assert upload["if"] == "${{ always() }}"
    assert upload["with"]["path"] == STEPS["Run wirecheck"]["env"]["OUTPUT"] == "${{ inputs.output }}"


def run_step(folder: Path, stub: str, **inputs: str) -> subprocess.CompletedProcess[str]:
    """Run the action's step as GitHub does, with a stub instead of the installed command."""
    command = folder / "wirecheck" / "bin" / "wirecheck"
    command.parent.mkdir(parents=True)
    command.write_text(f"#!/bin/sh\n{stub}\n")
    command.chmod(0o755)
    given = {name: str(described.get("default", "")) for name, described in ACTION["inputs"].items()} | inputs
    step = STEPS["Run wirecheck"]
    variables = {
        name: re.sub(r"\$\{\{ inputs\.(\w+) \}\}", lambda found: given[found[1]], value)
        for name, value in step["env"].items()
    }
    return subprocess.run(
        ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]],
        cwd=folder,
        env=os.environ | variables | {"RUNNER_TEMP": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


PRINTING = 'for word in "$@"; do printf "[%s]\\n" "$word"; done'


def test_the_step_passes_each_input_as_one_argument(tmp_path: Path) -> None:
    done = run_step(
        tmp_path,
        PRINTING,
        url="http://127.0.0.1:8080/a b",
        spawn="./server --name 'a b' $(touch no)",
        baseline="known failures.toml",
        arguments='--safe --header \'X-Token: a "b"\' -k "host or line" -- -x',
    )
    assert done.stdout.splitlines() == [
        "[--server-url=http://127.0.0.1:8080/a b]",
        "[--gate=risk]",
        "[--output=wirecheck-reports]",
        "[--spawn=./server --name 'a b' $(touch no)]",
        "[--baseline=known failures.toml]",
        "[--safe]",
        "[--header]",
        '[X-Token: a "b"]',
        "[-k]",
        "[host or line]",
        "[--]",
        "[-x]",
    ]
    assert not (tmp_path / "no").exists()


def test_the_step_leaves_out_empty_inputs(tmp_path: Path) -> None:
    done = run_step(tmp_path, PRINTING, url="http://a/")
    assert done.stdout.splitlines() == [
        "[--server-url=http://a/]",
        "[--gate=risk]",
        "[--output=wirecheck-reports]",
    ]


def test_the_step_ends_with_the_exit_code_of_the_run(tmp_path: Path) -> None:
    command = f'PYTHONPATH={ROOT} exec {sys.executable} -m conformance "$@"'
    done = run_step(tmp_path, command, url="http://127.0.0.1:8080/", baseline="known.toml")
    assert (done.returncode, done.stderr) == (
        4,
        "wirecheck: baseline known.toml does not exist; --update-baseline creates it\n",
    )


def test_arguments_with_a_quote_left_open_fail_the_step(tmp_path: Path) -> None:
    done = run_step(tmp_path, PRINTING, url="http://a/", arguments="-k 'never closed")
    assert done.returncode != 0
    assert done.stdout == ""


# The page


@pytest.mark.parametrize("snippet", [*blocks("yaml"), *blocks("sh")])
def test_a_snippet_is_short(snippet: str) -> None:
    assert len(snippet.splitlines()) <= MOST_LINES


def test_the_snippet_for_github_uses_inputs_that_exist() -> None:
    _, use = yaml.safe_load(blocks("yaml")[0])
    assert use["uses"].startswith("OWNER/wirecheck@")
    assert set(use["with"]) <= set(ACTION["inputs"])


def test_the_snippet_for_gitlab_uses_options_that_exist() -> None:
    (job,) = yaml.safe_load(blocks("yaml")[1]).values()
    *_, line = job["script"]
    given = parser().parse_args(given_to("wirecheck", line))
    assert job["artifacts"]["paths"] == [str(given.output)]
    assert job["artifacts"]["reports"]["junit"] == str(given.output / "junit.xml")
    assert (given.spawn, str(given.baseline)) == ("./server --port 8080", "known.toml")


def test_the_snippet_for_a_shell_uses_options_that_exist() -> None:
    *_, line = blocks("sh")[0].splitlines()
    given = parser().parse_args(given_to("wirecheck", line.removeprefix(".wirecheck/bin/")))
    assert (given.spawn, str(given.baseline)) == ("./server --port 8080", "known.toml")


def test_the_baseline_of_the_page_is_valid(tmp_path: Path) -> None:
    (text,) = blocks("toml")
    file = tmp_path / "known.toml"
    file.write_text(text)
    baseline = read_baseline(
        file, {name: scenario.title for name, scenario in CORPUS.items()}, date(2027, 1, 1)
    )
    assert len(baseline.entries) == len(tomllib.loads(text)["known"]) == 2
    assert all(baseline.excuse(name) for name in CORPUS if name in baseline.entries)
    assert set(baseline.entries) <= set(CORPUS)


@pytest.mark.parametrize("page", ["ci.md", "exit-codes.md"])
def test_links_lead_somewhere(page: str) -> None:
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    for place, anchor in re.findall(r"\]\(([^)#]*)(?:#([^)]*))?\)", text):
        linked = ROOT / "docs" / place if place else ROOT / "docs" / page
        assert linked.exists(), place
        if anchor:
            headings = re.findall(r"^#+ (.*)$", linked.read_text(encoding="utf-8"), re.MULTILINE)
            assert anchor in [heading.lower().replace(" ", "-") for heading in headings]
