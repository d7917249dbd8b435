"""The data of a page: everything that a record says about a finding, once, and nothing else."""

from collections.abc import Callable
from typing import Any

import pytest

from conformance.record import Run
from reports.run.page_data import anchor, conversations, data, entries

MakeRun = Callable[..., Run]
Make = Callable[..., Any]


def test_a_finding_has_everything_that_is_known_about_it(run: MakeRun, finding: Make, clause: Make) -> None:
    second = clause(
        id="DOC-SRV-1", source="documented server", section="SRV", keyword="DOC", text="Of it.", link=""
    )
    judged = finding(
        verdict="FAIL", reason="So it is.", replayed=True, clauses=[clause(), second], tags=["large", "holds"]
    )
    values = data(run(judged, finding("framing.chunked-body")))
    control, found = values["findings"]
    assert values["scenarios"][found["scenario"]] == {
        "id": "framing.te-with-content-length",
        "title": "Transfer-Encoding and Content-Length in one request",
        "topic": "framing",
        "level": "MUST",
        "risk": "",
        "why": "Two readers that trust different lengths disagree on where the next request starts.",
        "control": "framing.chunked-body",
        "tags": ["large", "holds"],
        "clauses": [0, 1],
    }
    assert found["control"] == 0
    assert values["clauses"][1] == {key: second[key] for key in values["clauses"][1]}
    assert (found["target"], found["verdict"], found["reason"]) == ("plain", "FAIL", "So it is.")
    assert found["expected"] == "answers 400 and closes the connection"
    assert found["observed"] == "answers 200 and keeps the connection open"
    assert found["ending"] == (
        "After 0.012 s, the server closed the connection. The scenario was played again to confirm this."
    )
    assert found["command"].startswith("python -m conformance replay framing.te-with-content-length http://")
    assert found["shell"].startswith("(printf 'GET / HTTP/1.1")
    assert values["scenarios"][control["scenario"]]["id"] == "framing.chunked-body"


def test_a_follow_up_is_in_the_ending_and_without_a_conversation_there_is_none(
    run: MakeRun, finding: Make
) -> None:
    followed = [{"at": 0.1, "kind": "FOLLOWED_UP"}]
    values = data(run(finding("a.x", events=followed), finding("a.y", events=[])))
    assert " and a follow-up request that asks it to close, the server" in values["findings"][0]["ending"]
    assert values["findings"][1]["ending"] == ""


def test_what_is_the_same_on_several_targets_is_there_once(run: MakeRun, finding: Make, target: Make) -> None:
    targets = [target(), target(name="tls")]
    found = [finding(name, target=place["name"]) for place in targets for name in ("a.x", "a.y")]
    values = data(run(*found, targets=targets))
    assert (len(values["findings"]), len(values["scenarios"]), len(values["clauses"])) == (4, 2, 1)
    assert [found["target"] for found in values["findings"]] == ["plain", "tls", "plain", "tls"]


def test_what_differs_stays_apart_whatever_its_id(run: MakeRun, finding: Make) -> None:
    values = data(run(finding("a.x"), finding("a.x", title="Another", target="tls")))
    assert [scenario["title"] for scenario in values["scenarios"]][1] == "Another"


def test_a_control_is_the_one_on_the_same_target(run: MakeRun, finding: Make) -> None:
    here, there = finding("a.x", control="a.b"), finding("a.b", target="tls", control=None)
    (_, without) = data(run(here, there))["findings"]
    assert without["control"] is None
    (control, found) = data(run(here, finding("a.b", control=None)))["findings"]
    assert (control["control"], found["control"]) == (None, 0)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "JAVASCRIPT:x", "//a.test", "data:text/html,x", ""])
def test_a_clause_links_to_the_web_only(run: MakeRun, finding: Make, clause: Make, link: str) -> None:
    (values,) = data(run(finding(clauses=[clause(link=link)])))["clauses"]
    assert values["link"] == ""


def test_conversations_and_rows_are_numbered_as_the_data(run: MakeRun, finding: Make) -> None:
    whole = run(
        finding("b.x", events=[{"at": 1.0, "kind": "CONNECTED"}]),
        finding("a.x", "FAIL", events=[{"at": 2.0, "kind": "CONNECTED"}]),
        finding("c.x", "FAIL", events=[]),
    )
    assert [[event["at"] for event in events] for events in conversations(whole)] == [[2.0], [1.0], []]
    assert [(entry.number, entry.finding["scenario"]) for entry in entries(whole)] == [
        (0, "a.x"),
        (2, "c.x"),
        (1, "b.x"),
    ]


def test_an_anchor_has_one_slash_and_no_more() -> None:
    assert anchor("a/b", "\ud800 é") == "a%2Fb/%5Cud800%20%C3%A9"
