"""The documented classes against the original: the same calls make the same things, but for known bugs."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.original.agreement import BUGS, Rows, changes, disagreements, recorded, said_by
from tests.paths import ROOT


@pytest.mark.parametrize("profile", ["HTTP11", "Documented"])
def test_what_constructors_make_is_what_the_original_makes(profile: str, certificates: Any) -> None:
    """DOC-REQ-10, DOC-REQ-11, DOC-CONN-9, DOC-SRV-12."""
    ours = said_by(Path(sys.executable), "reference_server", certificates.server, profile, path=ROOT)
    assert list(disagreements(recorded(), ours)) == []


def test_the_recording_has_each_call_that_is_marked() -> None:
    assert recorded().keys() >= BUGS.keys()


MADE: Rows = {"row": {"protocol": "http", "path": "/"}, "query-semicolon": {"arguments": {"a": ["1"]}}}


@pytest.mark.parametrize(
    ("row", "attribute", "value", "line"),
    [
        ("row", "path", "", "row, path: '/' expected, but '' found"),
        ("row", "query", "", "row, query: 'nothing' expected, but '' found"),
        ("another", "path", "/", "another, path: 'nothing' expected, but '/' found"),
    ],
)
def test_a_difference_is_told(row: str, attribute: str, value: str, line: str) -> None:
    found = json.loads(json.dumps(MADE))
    found.setdefault(row, {})[attribute] = value
    assert list(changes(MADE, found)) == [line]
    assert line in set(disagreements(MADE, found))


def test_a_bug_of_the_original_may_differ_and_has_to() -> None:
    stale = "query-semicolon, arguments: marked as a bug of the original, but there is no difference"
    assert stale in set(disagreements(MADE, MADE))
    found = {**MADE, "query-semicolon": {"arguments": {}}}
    assert stale not in set(disagreements(MADE, found))
    assert not [line for line in disagreements(MADE, found) if "expected" in line]
