"""Merges records into one: shards of a selection, runs of several targets, one run split over machines.

Targets of one name are the same when everything known about them agrees, except for what was measured and
for the address of a server that was started for the run; another target of that name gets a number after its
name. Where two records judge the same, the worse verdict stays. Options that differ are left out, and the
note says so. Records of different versions of wirecheck are not merged: their verdicts may not mean the
same.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, count
from typing import Any

from conformance.gate import WORST_EXIT_FIRST, Exit
from conformance.record import BadRecord, Run
from conformance.record_lines import BaselineLine, CrashLine, FindingLine, Footer, RunHeader, TargetLine
from reports.rendering.text import quantity
from reports.rendering.verdicts import severity
from reports.run.result import is_complete


@dataclass(frozen=True)
class _Shard:
    """A record, its targets named as in the merged record."""

    path: str
    run: Run
    findings: tuple[FindingLine, ...]
    plan: tuple[str, ...]
    crashes: tuple[CrashLine, ...]


def merge(runs: Mapping[str, Run]) -> Run:
    """Return one record of the runs, which are named by their paths.

    Raises BadRecord when they are of different versions of wirecheck.
    """
    _check_versions(runs)
    targets: dict[str, TargetLine] = {}
    shards = [_shard(path, run, targets) for path, run in runs.items()]
    plan = tuple(dict.fromkeys(name for shard in shards for name in shard.plan))
    findings, contested = _merge_findings(shards, plan)
    headers = [run.header for run in runs.values()]
    header: RunHeader = {
        "type": "header",
        "format": headers[0]["format"],
        "wirecheck": headers[0]["wirecheck"],
        "started": min(header["started"] for header in headers),
        "targets": list(targets.values()),
        "options": _common_options(headers),
        # A record may plan more than it names.
        "planned": len(plan) + sum(max(0, s.run.header["planned"] - len(s.plan)) for s in shards),
        "plan": list(plan),
    }
    footer: Footer = {
        "type": "footer",
        "ended": max(run.footer["ended"] if run.footer else run.header["started"] for run in runs.values()),
        "counts": dict(Counter(finding["verdict"] for finding in findings)),
        "exit_code": min((_exit_code(run) for run in runs.values()), key=_precedence),
        "note": " ".join(_notes(shards, contested)),
        "complete": all(is_complete(run) for run in runs.values()),
        "crashes": [crash for shard in shards for crash in shard.crashes],
    }
    baseline = _merge_baselines(runs.values())
    if baseline is not None:
        footer["baseline"] = baseline
    return Run(header, findings, footer)


def _merge_baselines(runs: Iterable[Run]) -> BaselineLine | None:
    """Return what the runs have shown of their baselines; None when they had none."""
    baselines = [run.footer["baseline"] for run in runs if run.footer and "baseline" in run.footer]
    if not baselines:
        return None
    excused = {entry["scenario"]: entry for baseline in baselines for entry in baseline["excused"]}
    return {
        "file": ", ".join(dict.fromkeys(baseline["file"] for baseline in baselines)),
        "excused": list(excused.values()),
        "stale": _distinct(baseline["stale"] for baseline in baselines),
        "unknown": _distinct(baseline["unknown"] for baseline in baselines),
        "reasonless": _distinct(baseline["reasonless"] for baseline in baselines),
        "expired": _distinct(baseline["expired"] for baseline in baselines),
        "sentences": _distinct(baseline["sentences"] for baseline in baselines),
    }


def _distinct(lists: Iterable[Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(chain.from_iterable(lists)))


def _check_versions(runs: Mapping[str, Run]) -> None:
    (first, version), *others = ((path, run.header["wirecheck"]) for path, run in runs.items())
    for path, other in others:
        if other != version:
            raise BadRecord(
                f"{first} is of wirecheck {version} and {path} of {other}; "
                "only records of the same version can be merged"
            )


def _shard(path: str, run: Run, targets: dict[str, TargetLine]) -> _Shard:
    """Return a run as part of the merged record; adds what is new among its targets to `targets`."""
    names = {target["name"]: _add_target(target, targets) for target in run.header["targets"]}
    findings = tuple(f | {"target": names.get(f["target"], f["target"])} for f in run.findings)
    planned = [name.rpartition("/") for name in run.header["plan"]]
    plan = [f"{names.get(target, target)}/{scenario}" for target, _, scenario in planned]
    crashes = tuple(
        crash | {"target": names.get(crash["target"], crash["target"])}
        for crash in (run.footer["crashes"] if run.footer else ())
    )
    if not plan:  # a record need not name what it plans
        plan = [_name(finding) for finding in findings if not finding["added"]]
    return _Shard(path, run, findings, tuple(plan), crashes)


def _add_target(target: TargetLine, targets: dict[str, TargetLine]) -> str:
    """Return the target's name in the merged record, and add it to `targets` unless it is there."""
    own = target["name"]
    name = next(
        name
        for name in chain([own], (f"{own}-{number}" for number in count(2)))
        if name not in targets or _identity(targets[name]) == _identity(target)
    )
    if name not in targets:
        targets[name] = target | {"name": name}
    elif targets[name].get("measured") != target.get("measured"):
        targets[name] = targets[name] | {"measured": None}
    return name


def _identity(target: TargetLine) -> dict[str, object]:
    """Return everything that makes it this target and no other."""
    passing = {"name", "measured"} | ({"url"} if target["embedded"] else set())
    return {key: value for key, value in target.items() if key not in passing}


def _merge_findings(shards: Sequence[_Shard], plan: Sequence[str]) -> tuple[tuple[FindingLine, ...], int]:
    """Return each finding once, the worst of its name, and how many names had different verdicts."""
    merged: dict[str, FindingLine] = {}
    contested = set()
    planned = set(plan)
    for finding in (finding for shard in shards for finding in shard.findings):
        name = _name(finding)
        before = merged.setdefault(name, finding)
        if before["verdict"] != finding["verdict"]:
            contested.add(name)
        worse = min(before, finding, key=severity)
        # What one run selected and another one added was planned.
        merged[name] = worse | {"added": worse["added"] and name not in planned}
    return tuple(merged.values()), len(contested)


def _name(finding: FindingLine) -> str:
    return f"{finding['target']}/{finding['scenario']}"


def _common_options(headers: Sequence[RunHeader]) -> dict[str, Any]:
    """Return the options that are the same in all runs."""
    first, *others = (header["options"] for header in headers)
    return {
        key: value
        for key, value in first.items()
        if all(key in other and other[key] == value for other in others)
    }


def _exit_code(run: Run) -> int:
    return run.footer["exit_code"] if run.footer else Exit.INTERRUPTED


def _precedence(code: int) -> int:
    # An unknown code is one of a newer version, and comes first.
    return WORST_EXIT_FIRST.index(Exit(code)) if code in WORST_EXIT_FIRST else -1


def _notes(shards: Sequence[_Shard], contested: int) -> Iterator[str]:
    """Say how the records were merged, and what each says of its run."""
    yield f"Merged from {quantity(len(shards), 'record')}."
    common = _common_options([shard.run.header for shard in shards])
    different = dict.fromkeys(key for s in shards for key in s.run.header["options"] if key not in common)
    if different:
        yield f"Their options differ in {', '.join(different)}."
    for shard in shards:
        if not is_complete(shard.run):
            yield f"{shard.path} was cut off."
    if contested:
        scenarios = quantity(contested, "scenario was", "scenarios were")
        yield f"{scenarios} judged differently by different records; the worse verdict stays."
    yield from dict.fromkeys(s.run.footer["note"] for s in shards if s.run.footer and s.run.footer["note"])
