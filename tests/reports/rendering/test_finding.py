"""A finding as data: names of the record become phrases, and events get a direction and a role."""

from collections.abc import Callable
from typing import Any

import pytest

from clients.transcript import Ending, Kind
from reports.rendering.finding import brief_data, crash_sentence, ending_phrase, events_data, verdict_data

Make = Callable[..., Any]


@pytest.mark.parametrize(
    ("kind", "way", "role"),
    [
        (Kind.CONNECTED, "→", None),
        (Kind.SECURED, "·", None),
        (Kind.SENT, "→", "bytes"),
        (Kind.RECEIVED, "←", None),
        (Kind.PAUSED, "→", "step"),
        (Kind.HALF_CLOSED, "→", "step"),
        (Kind.FOLLOWED_UP, "→", "follow-up"),
    ],
)
def test_an_event_has_a_direction_and_a_role(finding: Make, kind: Kind, way: str, role: str | None) -> None:
    (event,) = events_data(finding(events=[{"at": 0.5, "kind": kind.name, "note": "so"}]))
    assert (event["way"], event.get("role"), event["text"], event["note"]) == (way, role, kind.value, "so")


@pytest.mark.parametrize("kind", Kind)
def test_each_kind_of_event_is_shown_as_a_phrase(finding: Make, kind: Kind) -> None:
    (event,) = events_data(finding(events=[{"at": 0, "kind": kind.name}], ending=""))
    assert event["text"] == kind.value


def test_the_end_says_how_the_server_ended_it(finding: Make) -> None:
    (event,) = events_data(finding(events=[{"at": 0, "kind": "ENDED"}], ending="RESET"))
    assert event["text"] == f"the server {Ending.RESET.value}"


def test_names_of_a_newer_version_are_shown_as_they_are(finding: Make) -> None:
    (event,) = events_data(finding(events=[{"at": 0, "kind": "WHISTLED\x1b"}]))
    assert event == {"at": 0, "way": "", "text": "WHISTLED\\x1b"}
    assert ending_phrase("EVAPORATED") == "EVAPORATED"


def test_a_crash_is_a_sentence(finding: Make) -> None:
    assert crash_sentence(finding()) == ""
    assert crash_sentence(finding(crash="exited with code 7")) == "The target exited with code 7."
    assert verdict_data(finding(crash="fell \x07", added=True))["crash"] == (
        "The target fell \\x07. The scenario was not selected; it was added to the run because of the crash."
    )


def test_brief_data_is_as_the_record_has_it(finding: Make) -> None:
    assert brief_data(None) is None
    assert brief_data(finding(verdict="FAIL", crash="fell \x07")) == {
        "verdict": "FAIL",
        "expected": "answers 400 and closes the connection",
        "observed": "answers 200 and keeps the connection open",
        "reason": "",
        "crash": "fell \x07",
    }
