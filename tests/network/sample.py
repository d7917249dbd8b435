"""A few scenarios that together have every kind of step and every named outcome of the corpus.

An outcome keeps no list of what it is composed of; but the functions that judge it do, since each is made by
the function or stands in the constant that gave it its name.
"""

from collections.abc import Callable, Iterable, Iterator
from types import FunctionType

from clients.steps import Handshake, Step
from conformance.judging.model import Scenario
from conformance.judging.outcomes import Outcome
from conformance.judging.placeholders import NEED_WITNESS
from tests.field_reference import VOCABULARY

_CONSTANTS = {
    value.holds: name
    for module in VOCABULARY
    for name, value in vars(module).items()
    if isinstance(value, Outcome)
}
_MAKERS = {
    name
    for module in VOCABULARY
    for name, value in vars(module).items()
    if isinstance(value, FunctionType)
    and value.__annotations__.get("return") in (Outcome, "Outcome")
    and not name.startswith("_")
}


OUTCOMES = frozenset(_MAKERS.union(_CONSTANTS.values()))
"""The names of all outcomes that a scenario can be given."""


def traits(scenario: Scenario) -> frozenset[str]:
    """Return the kinds of a scenario's steps, the resources it asks for, and the names of its outcomes."""
    outcomes = [scenario.accept, *(breach.seen for breach in scenario.breaches)]
    outcomes += [] if scenario.tolerate is None else [scenario.tolerate]
    named = {name for outcome in outcomes for name in names(outcome)}
    resources = {name.decode() for name in scenario.placeholders & NEED_WITNESS}
    return frozenset(named.union(resources, *map(_kinds, scenario.send)))


def names(outcome: Outcome) -> Iterator[str]:
    """Yield the names of the outcomes that an outcome is composed of."""
    yield from _names_within(outcome.holds, set())


def _names_within(value: object, seen: set[int]) -> Iterator[str]:
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, Outcome):
        yield from _names_within(value.holds, seen)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _names_within(each, seen)
    elif isinstance(value, FunctionType):
        yield from _named(value)
        for cell in value.__closure__ or ():
            yield from _names_within(cell.cell_contents, seen)


def _named(function: Callable[..., object]) -> Iterator[str]:
    maker = function.__qualname__.partition(".<locals>")[0]
    if function in _CONSTANTS:
        yield _CONSTANTS[function]
    elif maker in _MAKERS:
        yield maker


def _kinds(step: Step) -> set[str]:
    if isinstance(step, Handshake):
        return {f"Handshake {step.identity.name}", f"Handshake {step.name.name}"}
    return {type(step).__name__ if isinstance(step, bytes) else str(step)}


def sample(scenarios: Iterable[Scenario]) -> tuple[Scenario, ...]:
    """Return a few of the scenarios that have all their traits: those first that add most, then the small."""
    left = {scenario: traits(scenario) for scenario in scenarios}
    missing = frozenset[str]().union(*left.values())
    chosen: list[Scenario] = []
    while missing:
        best = min(left, key=lambda each: (-len(left[each] & missing), len(each.bytes_sent), each.id))
        missing -= left.pop(best)
        chosen.append(best)
    return tuple(chosen)
