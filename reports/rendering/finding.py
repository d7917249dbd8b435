"""A finding as data for pages: its scenario and clauses, what became of it, and its conversation.

Names of the record become phrases here, and words are made visible; bytes stay as the record has them, one
latin-1 character each, and a page's script shows each one as what it is. HTML is not known here.
"""

from typing import Any

from clients.transcript import Ending, Kind
from conformance.judging.model import Risk
from conformance.record_lines import ClauseLine, EventLine, FindingLine
from conformance.text import visible
from reports.rendering.text import web_address

Values = dict[str, Any]

# What an event is to a comparison of what two scenarios send; every other kind is nothing to it.
_ROLES = {
    Kind.SENT: "bytes",
    Kind.PAUSED: "step",
    Kind.HALF_CLOSED: "step",
    Kind.CLOSE_NOTIFY_SENT: "step",
    Kind.RESET_SENT: "step",
    Kind.LEFT_ASIDE: "step",
    Kind.FOLLOWED_UP: "follow-up",
}


def clause_data(clause: ClauseLine) -> Values:
    """Return a clause; its link is empty unless it leads to the web."""
    return {
        "id": visible(clause["id"]),
        "source": visible(clause["source"]),
        "section": visible(clause["section"]),
        "keyword": visible(clause["keyword"]),
        "text": visible(clause["text"]),
        "link": visible(web_address(clause["link"]) or ""),
    }


def scenario_data(finding: FindingLine) -> Values:
    """Return the part of a finding's data that depends on its scenario alone."""
    return {
        "id": visible(finding["scenario"]),
        "title": visible(finding["title"]),
        "risk": visible(risk_phrase(finding)),
        "why": visible(finding["why"]),
        "clauses": [clause_data(clause) for clause in finding["clauses"]],
    }


def verdict_data(finding: FindingLine) -> Values:
    """Return the part of a finding's data that depends on the target too, without the conversation."""
    return {
        "verdict": visible(finding["verdict"]),
        "expected": visible(finding["expected"]),
        "observed": visible(finding["observed"]),
        "reason": visible(finding["reason"]),
        "crash": visible(crash_sentence(finding)),
    }


def finding_data(finding: FindingLine) -> Values:
    """Return the part of a finding's data that depends on the target too."""
    return verdict_data(finding) | {"events": events_data(finding)}


def events_data(finding: FindingLine) -> list[Values]:
    """Return the events of a finding's conversation."""
    return [_event_data(event, finding["ending"]) for event in finding["events"]]


def brief_data(finding: FindingLine | None) -> Values | None:
    """Return what programs read of a finding: its sentences as the record has them, without the bytes."""
    if finding is None:
        return None
    return {
        "verdict": finding["verdict"],
        "expected": finding["expected"],
        "observed": finding["observed"],
        "reason": finding["reason"],
        "crash": finding["crash"],
    }


def risk_phrase(finding: FindingLine) -> str:
    """Return the risk of a deviation and how it does harm; "" when none is known."""
    name = finding["risk"]
    if name is None:
        return ""
    known = name.upper() in Risk.__members__
    return f"{name}: {Risk[name.upper()].value}" if known else name


def ending_phrase(ending: str) -> str:
    """Return the name of an ending as a phrase that follows "the server"; an unknown name as it is."""
    return Ending[ending].value if ending in Ending.__members__ else ending


def crash_sentence(finding: FindingLine) -> str:
    """Say how the scenario crashed the target; "" when it did not."""
    if finding["crash"] is None:
        return ""
    added = " The scenario was not selected; it was added to the run because of the crash."
    return f"The target {finding['crash']}.{added if finding['added'] else ''}"


def _event_data(event: EventLine, ending: str) -> Values:
    # An unknown kind comes from a newer version; it is shown by its name.
    kind = Kind[event["kind"]] if event["kind"] in Kind.__members__ else None
    values: Values = {
        "at": event["at"],
        "way": kind.direction.value if kind else "",
        "text": visible(_phrase(kind, ending) if kind else event["kind"]),
    }
    if kind in _ROLES:
        values["role"] = _ROLES[kind]
    if "note" in event:
        values["note"] = visible(event["note"])
    if "data" in event:
        values["data"] = event["data"]
    if "cut" in event:
        values["cut"] = event["cut"]
    if "tail" in event:
        values["tail"] = event["tail"]
    return values


def _phrase(kind: Kind, ending: str) -> str:
    return f"the server {ending_phrase(ending)}" if kind is Kind.ENDED and ending else kind.value
