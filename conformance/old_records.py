"""Upgrades the records of older formats, so that everything else knows one format.

A format that was once published stays readable. Its words are repeated here as they were then, because the
enums that they came from may be worded differently today. Files are not known here.

Format 2 knew no risks, and its default gate was `must`.

Format 1 (wirecheck 0.1) had phrases where there are names of kinds of events and of endings now. It called
crashes deaths, repeated them in the footer's note, and told in the words of a finding alone that its scenario
crashed the target.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

OLDER_FORMATS = (1, 2)

Line = dict[str, Any]

_KINDS_OF_FORMAT_1 = {
    "connected": "CONNECTED",
    "TLS established": "SECURED",
    "sent": "SENT",
    "could not send": "SEND_FAILED",
    "received": "RECEIVED",
    "sent nothing for a quiet window": "PAUSED",
    "awaited in vain": "AWAITED_IN_VAIN",
    "closed our sending side": "HALF_CLOSED",
    "sent close_notify": "CLOSE_NOTIFY_SENT",
    "reset the connection": "RESET_SENT",
    "left the connection open and made another": "LEFT_ASIDE",
    "sent a follow-up request": "FOLLOWED_UP",
    "the end": "ENDED",
}

_ENDINGS_OF_FORMAT_1 = {
    "closed the connection": "FIN",
    "reset the connection": "RESET",
    "closed TLS with close_notify": "CLOSE_NOTIFY",
    "closed the connection without close_notify": "TRUNCATED",
    "ended TLS with a fatal alert": "ALERT",
    "did not speak TLS that we could accept": "TLS_BROKEN",
    "fell silent without closing the connection": "SILENCE",
    "kept the connection open until we left": "LEFT",
    "sent more than we were willing to read": "FLOOD",
    "did not accept the connection": "REFUSED",
}


def upgrade(lines: Sequence[Line], to: int) -> list[Line]:
    """Return the lines of an older record as those of format `to`.

    Raises AttributeError, LookupError or TypeError when they are not as the older format has them.
    """
    upgraded = list(lines)
    for older in range(lines[0]["format"], to):
        upgraded = _STEPS[older](upgraded)
    return [line | ({"format": to} if line["type"] == "header" else {}) for line in upgraded]


def _from_format_2(lines: Sequence[Line]) -> list[Line]:
    return [_UPGRADES_OF_FORMAT_2[line["type"]](line) for line in lines]


def _gated(header: Line) -> Line:
    return header | {"options": {"gate": "must"} | header["options"]}


def _without_risk(finding: Line) -> Line:
    return {"risk": None} | finding


def _unchanged(line: Line) -> Line:
    return line


_UPGRADES_OF_FORMAT_2: Mapping[str, Callable[[Line], Line]] = {
    "header": _gated,
    "finding": _without_risk,
    "footer": _unchanged,
}


def _from_format_1(lines: Sequence[Line]) -> list[Line]:
    deaths = [death for line in lines if line["type"] == "footer" for death in line.get("deaths", ())]
    return [_UPGRADES_OF_FORMAT_1[line["type"]](line, deaths) for line in lines]


def _header(line: Line, _: Sequence[Line]) -> Line:
    targets = [{"second_opinion": ""} | target for target in line["targets"]]
    return {"plan": []} | line | {"targets": targets}


def _finding(line: Line, deaths: Sequence[Line]) -> Line:
    judged = (line["target"], line["scenario"])
    caused = [death["how"] for death in deaths if (death["target"], death["scenario"]) == judged]
    return {
        "tags": [],
        **line,
        "observed": _without_death(line["observed"], caused),
        "crash": caused[0] if caused else None,
        "added": False,
        "ending": _ENDINGS_OF_FORMAT_1.get(line["ending"], line["ending"]),
        "events": [_event(event) for event in line["events"]],
    }


def _without_death(observed: str, caused: Sequence[str]) -> str:
    """Return what was observed without the sentence that says what the finding's crash says."""
    return observed.removesuffix(f" The target died of it: it {caused[0]}.") if caused else observed


def _event(event: Line) -> Line:
    return event | {"kind": _KINDS_OF_FORMAT_1.get(event["kind"], event["kind"])}


def _footer(line: Line, deaths: Sequence[Line]) -> Line:
    kept = {key: value for key, value in line.items() if key != "deaths"}
    crashes = [death | {"scenario": death["scenario"] or None} for death in deaths]
    upgraded = kept | {"crashes": crashes, "note": _without_deaths(line["note"], deaths)}
    if "baseline" in line:
        baseline = dict(line["baseline"])
        upgraded["baseline"] = {"sentences": baseline.pop("said")} | baseline
    return upgraded


def _without_deaths(note: str, deaths: Sequence[Line]) -> str:
    """Return a note without the sentences that say what the crashes say."""
    for death in deaths:
        scenario = death["scenario"]
        cause = f"{scenario} brought it about" if scenario else "what brought it about is not known"
        sentence = f"In the run, the target {death['target']} {death['how']}; {cause}."
        note = note.replace(f"{sentence} ", "").replace(sentence, "").rstrip()
    return note


_UPGRADES_OF_FORMAT_1: Mapping[str, Callable[[Line, Sequence[Line]], Line]] = {
    "header": _header,
    "finding": _finding,
    "footer": _footer,
}

_STEPS: Mapping[int, Callable[[Sequence[Line]], list[Line]]] = {1: _from_format_1, 2: _from_format_2}
