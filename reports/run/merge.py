"""Joins records into one: shards of a selection, runs of several targets, one run split over machines.

Targets of one name are the same when all that is known of them agrees, but for what was measured and for the
address of a server that was started for the run; others get a number behind their name. Where two records
judge the same, the worse verdict stays. What not all were asked for alike is left out of the options and said
in the note. Records of different versions are not joined: their verdicts may not mean the same.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from conformance.judging.model import Verdict
from conformance.record import BadRecord, Run
from reports.rendering.text import counted
from reports.run.result import is_complete

# Of verdicts on the same, those further in front stay.
_WORST_FIRST = tuple(
    verdict.value
    for verdict in (
        Verdict.FAIL,
        Verdict.ERROR,
        Verdict.WARN,
        Verdict.INFO,
        Verdict.PASS,
        Verdict.NOT_APPLICABLE,
    )
)

# Exit codes in the order in which the gate looks for what they stand for: interrupted, our own error,
# failures, untestable, conforming, and nothing verified, which is only what nothing else is. So of several
# runs the code furthest in front is what the gate would say of all their findings together; and unlike a gate
# that is asked again, it keeps what only the run knew: its baseline, and whether the server lived through it.
_STRONGEST_FIRST = (2, 3, 1, 6, 0, 5)
_INTERRUPTED = 2


@dataclass(frozen=True)
class _Shard:
    """A record, with the targets of its findings, its plan and its deaths named as in the whole."""

    path: str
    run: Run
    findings: tuple[dict[str, Any], ...]
    plan: tuple[str, ...]
    deaths: tuple[dict[str, Any], ...]


def joined(runs: Mapping[str, Run]) -> Run:
    """Return one record of the runs, which are named by their paths.

    Raises BadRecord when they are not of one version.
    """
    _refuse_other_versions(runs)
    targets: dict[str, dict[str, Any]] = {}
    shards = [_shard(path, run, targets) for path, run in runs.items()]
    findings, contested = _judged(shards)
    plan = tuple(dict.fromkeys(name for shard in shards for name in shard.plan))
    headers = [run.header for run in runs.values()]
    header = {
        "type": "header",
        "format": headers[0]["format"],
        "wirecheck": headers[0]["wirecheck"],
        "started": min(header["started"] for header in headers),
        "targets": list(targets.values()),
        "options": _shared(headers),
        # A record may plan more than it names.
        "planned": len(plan) + sum(max(0, s.run.header["planned"] - len(s.plan)) for s in shards),
        "plan": list(plan),
    }
    footer = {
        "type": "footer",
        "ended": max(run.footer["ended"] if run.footer else run.header["started"] for run in runs.values()),
        "counts": dict(Counter(finding["verdict"] for finding in findings)),
        "exit_code": min((_code(run) for run in runs.values()), key=_strength),
        "note": " ".join(_notes(shards, contested)),
        "complete": all(is_complete(run) for run in runs.values()),
        "deaths": [death for shard in shards for death in shard.deaths],
    }
    return Run(header, findings, footer | _baseline(runs.values()))


def _baseline(runs: Iterable[Run]) -> dict[str, Any]:
    """Return what the runs have shown of their baselines, if they had any."""
    shown = [run.footer["baseline"] for run in runs if run.footer and "baseline" in run.footer]
    if not shown:
        return {}
    whole: dict[str, Any] = {
        key: list(dict.fromkeys(item for one in shown for item in one[key]))
        for key in ("stale", "unknown", "reasonless", "expired", "said")
    }
    whole["file"] = ", ".join(dict.fromkeys(one["file"] for one in shown))
    whole["excused"] = list({entry["scenario"]: entry for one in shown for entry in one["excused"]}.values())
    return {"baseline": whole}


def _refuse_other_versions(runs: Mapping[str, Run]) -> None:
    (first, version), *others = ((path, run.header["wirecheck"]) for path, run in runs.items())
    for path, other in others:
        if other != version:
            raise BadRecord(
                f"{first} is of wirecheck {version} and {path} of {other}; records to join are of one version"
            )


def _shard(path: str, run: Run, targets: dict[str, dict[str, Any]]) -> _Shard:
    """Return a run as part of the whole. What is new among its targets joins those of the whole, by name."""
    names = {target["name"]: _placed(target, targets) for target in run.header["targets"]}
    findings = tuple(f | {"target": names.get(f["target"], f["target"])} for f in run.findings)
    planned = [name.rpartition("/") for name in run.header.get("plan", ())]
    plan = [f"{names.get(target, target)}/{scenario}" for target, _, scenario in planned]
    died = (run.footer or {}).get("deaths", ())
    deaths = tuple(death | {"target": names.get(death["target"], death["target"])} for death in died)
    # A record need not have a plan.
    return _Shard(path, run, findings, tuple(plan or map(_name, findings)), deaths)


def _placed(target: dict[str, Any], targets: dict[str, dict[str, Any]]) -> str:
    """Return what the whole calls the target, having added it unless it is there."""
    own: str = target["name"]
    name = next(
        name
        for name in chain([own], (f"{own}-{number}" for number in count(2)))
        if name not in targets or _known(targets[name]) == _known(target)
    )
    there = targets.setdefault(name, target | {"name": name})
    if there.get("measured") != target.get("measured"):
        targets[name] = there | {"measured": None}
    return name


def _known(target: dict[str, Any]) -> dict[str, Any]:
    """Return what makes it this target and no other."""
    passing = {"name", "measured"} | ({"url"} if target["embedded"] else set())
    return {key: value for key, value in target.items() if key not in passing}


def _judged(shards: Sequence[_Shard]) -> tuple[tuple[dict[str, Any], ...], int]:
    """Return each finding once, and of how many there were others with another verdict."""
    judged: dict[str, dict[str, Any]] = {}
    contested = set()
    for finding in (finding for shard in shards for finding in shard.findings):
        name = _name(finding)
        before = judged.setdefault(name, finding)
        if before["verdict"] != finding["verdict"]:
            contested.add(name)
            judged[name] = min(before, finding, key=lambda found: _WORST_FIRST.index(found["verdict"]))
    return tuple(judged.values()), len(contested)


def _name(finding: dict[str, Any]) -> str:
    return f"{finding['target']}/{finding['scenario']}"


def _shared(headers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the options that all runs had alike."""
    first, *others = (header["options"] for header in headers)
    return {
        key: value
        for key, value in first.items()
        if all(key in other and other[key] == value for other in others)
    }


def _code(run: Run) -> int:
    code: int = run.footer["exit_code"] if run.footer else _INTERRUPTED
    return code


def _strength(code: int) -> int:
    # A code of a version to come outdoes what is known.
    return _STRONGEST_FIRST.index(code) if code in _STRONGEST_FIRST else -1


def _notes(shards: Sequence[_Shard], contested: int) -> Iterator[str]:
    """Say what the runs said of themselves, and what was done to join them."""
    yield f"Joined from {counted(len(shards), 'record')}."
    shared = _shared([shard.run.header for shard in shards])
    different = dict.fromkeys(key for s in shards for key in s.run.header["options"] if key not in shared)
    if different:
        yield f"They were not all run with the same {', '.join(different)}."
    for shard in shards:
        if not is_complete(shard.run):
            yield f"{shard.path} was cut off."
    if contested:
        verdicts = counted(contested, "scenario was", "scenarios were")
        yield f"{verdicts} judged more than once and differently: the worse verdict stays."
    yield from dict.fromkeys(s.run.footer["note"] for s in shards if s.run.footer and s.run.footer["note"])
