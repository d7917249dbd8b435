"""A run that is killed leaves a record of all that it judged, and whatever is made of that says so."""

import json
import signal
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from reports.__main__ import main
from reports.rendering.verdicts import Tone
from reports.run.publish import JOB_SUMMARY
from reports.run.result import result_of
from tests.conformance.scripted_server import Peer, by_request, witnessing
from tests.hostile import killer
from tests.hostile.command import Ended, command
from tests.hostile.serving import serving


def killed(output: Path) -> Ended:
    answer = by_request(witnessing())
    with serving(lambda connection: answer(Peer(connection, []))) as port:
        return command(f"http://127.0.0.1:{port}/", "-k", "basics", output=output)


def test_what_was_judged_before_a_kill_is_kept_and_shown_as_what_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(JOB_SUMMARY, raising=False)
    monkeypatch.setenv("PYTEST_ADDOPTS", f"-p {killer.__name__}")
    ended = killed(tmp_path)
    assert ended.code == -signal.SIGKILL
    run = ended.run
    assert run.footer is None
    assert killer.LAST in {finding["scenario"] for finding in run.findings}
    assert run.not_run
    assert len(run.findings) + len(run.not_run) == run.header["planned"]
    assert result_of(run).tone is not Tone.GOOD

    assert main([str(tmp_path)]) == 0
    assert "The run was cut off" in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert (
        (tmp_path / "summary.md").read_text(encoding="utf-8").startswith("### wirecheck: The run was cut off")
    )
    assert json.loads((tmp_path / "badge.json").read_text())["color"] != "brightgreen"
    junit = ET.parse(tmp_path / "junit.xml").getroot()
    assert junit.attrib["errors"] == "1"
    assert {case.attrib["name"] for case in junit.iter("testcase") if case.find("skipped") is not None} >= {
        name.rpartition("/")[2] for name in run.not_run
    }
