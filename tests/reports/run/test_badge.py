"""The badge: green only for a server that conforms, and for a complete run."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from conformance.record import Run
from reports.run.badge import render

MakeRun = Callable[..., Run]
Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("verdicts", "header", "message", "color"),
    [
        pytest.param(["PASS", "PASS"], {}, "2 of 2", "brightgreen", id="all pass"),
        pytest.param(["PASS", "WARN", "NOT APPLICABLE"], {}, "1 of 2", "brightgreen", id="a warning"),
        pytest.param(["PASS", "FAIL"], {}, "1 of 2", "red", id="a failure"),
        pytest.param(["PASS", "ERROR"], {}, "1 of 1", "lightgrey", id="undecided"),
        pytest.param(["NOT APPLICABLE"], {}, "nothing verified", "lightgrey", id="nothing verified"),
        pytest.param([], {}, "nothing verified", "lightgrey", id="nothing"),
        pytest.param(["PASS"], {"planned": 2}, "cut off", "lightgrey", id="cut off"),
        pytest.param(["PASS"], {"planned": 2, "footer": False}, "cut off", "lightgrey", id="killed"),
        pytest.param(["FAIL"], {"planned": 2}, "cut off", "red", id="cut off after a failure"),
    ],
)
def test_a_badge_says_the_truth(
    run: MakeRun, finding: Make, *, verdicts: list[str], header: dict[str, Any], message: str, color: str
) -> None:
    found = [finding(f"a.n{number}", verdict) for number, verdict in enumerate(verdicts)]
    assert json.loads(render(run(*found, **header))) == {
        "schemaVersion": 1,
        "label": "HTTP/1.1",
        "message": message,
        "color": color,
    }
