"""Imports go one way: the table says what each room may know, and the code is held against it."""

import ast
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from tests.paths import ROOT

# What a room may import besides itself and the standard library.
ROOMS = {
    "clients": {"h11", "trustme"},
    "conformance": {"clients", "pytest", "tomlkit"},
    "reference_server": set[str](),
    # The registry and its coverage are data: what the specifications ask, not what a run found. A record
    # names the clauses of its findings alone, and a report says as well which have no check, and why.
    "reports": {
        "clients.transcript",  # the names of events and endings are those of its enums
        "conformance.arguments",
        "conformance.clauses",
        "conformance.coverage",
        "conformance.gate",
        "conformance.judging.model",
        "conformance.record",
        "conformance.record_lines",
        "conformance.text",
        "jinja2",
        "pytest",
    },
}

# One arrow is not seen here: the command loads `reports.plugin` by its name.
# The packages and modules right below a room, lowest first: none imports one that stands after it.
# Between the modules of one package, imports have no circle; more is not asked.
ORDER = {
    "conformance": (
        "errors",
        "interruption",
        "text",
        "clauses",
        "judging",
        "coverage",
        "invariants",
        "scenarios",
        "tags",
        "targets",
        "running",
        "old_records",
        "record_lines",
        "record",
        "baseline",
        "baseline_file",
        "gate",
        "arguments",
        "command",
        "__main__",
    ),
    "reports": ("rendering", "run", "comparison", "matrix", "plugin", "__main__"),
    "reference_server": (
        "httputil",
        "logs",
        "responses",
        "parsing",
        "network",
        "ioloop",
        "basestream",
        "iostream",
        "request",
        "reading",
        "sweeper",
        "patience",
        "connection",
        "access_log",
        "httpserver",
        "witness",
        "mutants",
        "__main__",
    ),
}

# Packages that are run from a checkout and are no part of the product.
BESIDES = {"benchmarks"}

# One module each is the only one that knows a thing.
KEEPERS = {
    "h11": "clients.second_opinion",
    "trustme": "clients.certificates",
    "jinja2": "reports.rendering.document",
    "tomlkit": "conformance.baseline_file",
}


def modules(room: str) -> Iterator[tuple[str, Path]]:
    for path in sorted((ROOT / room).rglob("*.py")):
        relative = path.relative_to(ROOT).with_suffix("")
        yield ".".join(relative.parts).removesuffix(".__init__"), path


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module is not None
            # `from conformance import record` names a module; `from conformance.record import read` does not.
            yield from (
                f"{node.module}.{alias.name}" if is_module(node.module, alias.name) else node.module
                for alias in node.names
            )


def is_module(package: str, name: str) -> bool:
    folder = ROOT.joinpath(*package.split("."))
    return (folder / f"{name}.py").exists() or (folder / name).is_dir()


def allowed(module: str, allowances: set[str]) -> bool:
    top = module.partition(".")[0]
    return top in sys.stdlib_module_names or bool({module, top} & allowances)


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_knows_only_what_the_table_allows(room: str) -> None:
    wrong = [
        f"{name} imports {other}"
        for name, path in modules(room)
        for other in imported(path)
        if other.partition(".")[0] != room and not allowed(other, ROOMS[room])
    ]
    assert wrong == []


def test_nobody_imports_the_reference_server() -> None:
    everywhere = [
        (name, path) for room in ROOMS if room != "reference_server" for name, path in modules(room)
    ]
    assert [name for name, path in everywhere if "reference_server" in set(imported(path))] == []


@pytest.mark.parametrize("room", ORDER)
def test_between_the_packages_of_a_room_imports_go_one_way(room: str) -> None:
    order = ORDER[room]
    wrong = []
    for name, path in modules(room):
        if name == room:
            continue
        place = name.split(".")[1]
        assert place in order, f"{name} has no place in ORDER"
        others = {other.split(".")[1] for other in imported(path) if other.startswith(f"{room}.")}
        wrong += [f"{name} imports {other}" for other in others if order.index(other) > order.index(place)]
    assert wrong == []


@pytest.mark.parametrize("room", ROOMS)
def test_no_module_imports_itself_by_way_of_others(room: str) -> None:
    graph = {name: {other for other in imported(path) if other != name} for name, path in modules(room)}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" imports ".join(reversed(error.args[1])))


@pytest.mark.parametrize(("package", "keeper"), KEEPERS.items())
def test_one_module_alone_knows_a_package(package: str, keeper: str) -> None:
    knowing = [
        name
        for room in ROOMS
        for name, path in modules(room)
        if any(other.partition(".")[0] == package for other in imported(path))
    ]
    assert knowing == [keeper]


def test_the_rooms_are_all_there_is() -> None:
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert packages - BESIDES == set(ROOMS)


@pytest.mark.parametrize("room", ROOMS)
def test_files_are_short(room: str) -> None:
    longest = {path: 550 if "scenarios" in path.parts else 400 for _, path in modules(room)}
    too_long = [str(path) for path, most in longest.items() if len(path.read_text().splitlines()) > most]
    assert too_long == []
