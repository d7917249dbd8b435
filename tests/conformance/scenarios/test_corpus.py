"""The corpus as a whole: what holds for every scenario."""

import ast
import importlib
from pathlib import Path

import pytest

import conformance.scenarios
from conformance.invariants.rules import INVARIANTS
from conformance.judging.model import Scenario
from conformance.judging.observation import methods_in
from conformance.scenarios import CORPUS, SCENARIOS

FOLDER = Path(conformance.scenarios.__file__).parent
MODULES = sorted(path for path in FOLDER.rglob("*.py") if path.name != "__init__.py")
FOLDERS = sorted(path for path in FOLDER.iterdir() if (path / "__init__.py").exists())

FIELDS = (
    "id",
    "title",
    "clause",
    "send",
    "accept",
    "tolerate",
    "breaches",
    "control",
    "needs",
    "risk",
    "why",
)

# Ids are written in users' baselines and command lines, so a released id stays. A release adds its new ids to
# the file.
RELEASED = Path(__file__).with_name("released_ids.txt").read_text(encoding="utf-8").split()

EVERY_SCENARIO = pytest.mark.parametrize("scenario", SCENARIOS, ids=[scenario.id for scenario in SCENARIOS])
EVERY_MODULE = pytest.mark.parametrize(
    "module", MODULES, ids=[str(path.relative_to(FOLDER)) for path in MODULES]
)


def test_every_released_id_still_exists() -> None:
    ids = {check.id for check in (*SCENARIOS, *INVARIANTS)}
    assert sorted(set(RELEASED) - ids) == []


def test_released_ids_are_listed_once_and_in_order() -> None:
    assert sorted(set(RELEASED)) == RELEASED


def test_every_topic_is_one_module_or_one_folder_of_its_name() -> None:
    named = {topic.__name__.rpartition(".")[2]: topic for topic in conformance.scenarios.TOPICS}
    assert set(named) == {path.stem for path in FOLDER.iterdir()} - {"__init__", "__pycache__"}
    for name, topic in named.items():
        assert {scenario.topic for scenario in topic.SCENARIOS} == {name.replace("_", "-")}


@pytest.mark.parametrize("folder", FOLDERS, ids=[path.stem for path in FOLDERS])
def test_every_module_of_a_folder_is_in_its_topic(folder: Path) -> None:
    topic = importlib.import_module(f"conformance.scenarios.{folder.name}")
    modules = [
        importlib.import_module(f"{topic.__name__}.{path.stem}") for path in MODULES if path.parent == folder
    ]
    assert modules
    together = {scenario.id for module in modules for scenario in module.SCENARIOS}
    assert together == {scenario.id for scenario in topic.SCENARIOS}


@EVERY_SCENARIO
def test_every_scenario_but_the_plain_gets_has_a_control(scenario: Scenario) -> None:
    assert scenario.control is not None or scenario.id in {
        "basics.get",
        "documented-lines.get-answered",
        "documented-tls.get-answered",
    }


@EVERY_SCENARIO
def test_controls_lead_to_a_plain_request(scenario: Scenario) -> None:
    seen = set()
    while scenario.control is not None:
        assert scenario.id not in seen, "the controls form a circle"
        seen.add(scenario.id)
        scenario = CORPUS[scenario.control]
    assert methods_in(scenario.bytes_sent) == (b"GET",)


@EVERY_SCENARIO
def test_a_scenario_explains_itself_in_sentences(scenario: Scenario) -> None:
    assert scenario.why.endswith(".")
    assert not scenario.title.endswith(".")
    assert len(scenario.accept.text) > len("closes")


@EVERY_MODULE
def test_fields_are_always_in_the_same_order(module: Path) -> None:
    for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Scenario":
            names = [keyword.arg for keyword in node.keywords]
            assert names == [name for name in FIELDS if name in names], ast.unparse(node)[:80]


@EVERY_MODULE
def test_no_module_defines_an_outcome_of_its_own(module: Path) -> None:
    odd = (ast.Lambda, ast.FunctionDef, ast.JoinedStr)
    assert [
        node for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))) if isinstance(node, odd)
    ] == []


@EVERY_MODULE
def test_wire_lines_are_single_literals(module: Path) -> None:
    assert '"""' not in module.read_text(encoding="utf-8").split('"""', 2)[2]
