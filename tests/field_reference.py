"""The parts of CONTRIBUTING.md that are generated from the code: an example and the reference of all fields.

    python -m tests.field_reference

rewrites them, and a test fails while they are stale. A field is described by the note at its place in the
class, a step by its value, an outcome by its phrase or its docstring.
"""

import ast
import inspect
import re
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from types import ModuleType

from clients import steps
from clients.steps import Action, Await, Handshake, Identity, ServerName
from conformance import clauses
from conformance.judging import comparisons, deviations, outcomes, witness_outcomes
from conformance.judging.model import Check, Need, Risk, Scenario, family
from conformance.judging.outcomes import Outcome
from conformance.judging.placeholders import PLACEHOLDERS
from tests.paths import ROOT

PAGE = ROOT / "CONTRIBUTING.md"
WIDTH = 110
COMMAND = "python -m tests.field_reference"

EXAMPLE = "framing.te-with-content-length"
EXAMPLE_FILE = ROOT / "conformance" / "scenarios" / "framing" / "body_length.py"

VOCABULARY = (outcomes, witness_outcomes, comparisons, deviations)


def reference() -> str:
    """Return the field reference as Markdown."""
    parts = (_fields(), _steps(), _placeholders(), _outcomes(), _needs(), _risks())
    return "\n\n".join("\n".join(part) for part in parts)


def example() -> str:
    """Return the source of the example, as Markdown."""
    source = EXAMPLE_FILE.read_text(encoding="utf-8")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and f"id={EXAMPLE!r}" in map(ast.unparse, node.keywords):
            lines = source.split("\n")[node.lineno - 1 : node.end_lineno]
            return textwrap.indent(textwrap.dedent("\n".join(lines)).rstrip(","), "    ")
    raise ValueError(f"{EXAMPLE_FILE} no longer holds {EXAMPLE}")


def updated(page: str) -> str:
    """Return the page with its generated parts as they should be. Raises ValueError when one has no place."""
    return _replaced(_replaced(page, "example", example()), "field reference", reference())


def _replaced(page: str, name: str, text: str) -> str:
    begin = f"<!-- The {name} is written by `{COMMAND}`. -->"
    end = f"<!-- The end of the {name}. -->"
    before, found, rest = page.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise ValueError(f"{PAGE} has no place for the {name}: it lacks {begin} or {end}")
    return f"{before}{begin}\n\n{text}\n\n{end}{after}"


# Fields


def _fields() -> Iterator[str]:
    yield "### Fields"
    yield ""
    yield "They are written in this order."
    yield ""
    notes = notes_on(Check) | notes_on(Scenario)
    in_order = sorted(fields(Scenario), key=lambda field: _LAST.find(field.name))
    yield from _table(
        ("field", "type", "", "meaning"),
        (
            (
                f"`{field.name}`",
                f"`{_type(field.type)}`",
                "" if field.default is not MISSING else "required",
                notes.get(field.name) or _UNDESCRIBED[field.name],
            )
            for field in in_order
        ),
    )
    yield ""
    yield from _paragraph(f"`family{_parameters(family)}` is for a table of values. {_sentences(family)}")
    yield ""
    named = {id(value): name for name, value in vars(clauses).items()}
    registries = ", ".join(f"`{named[id(each)]}` ({each.source.name})" for each in clauses.REGISTRIES)
    yield from _paragraph(f"Clauses come from these registries in `conformance.clauses`: {registries}.")


# What follows from a deviation is read last, and so it is written last.
_LAST = "risk why"

# What the code does not describe yet.
_UNDESCRIBED = {"title": "What is odd, as a phrase without a full stop."}


def _type(annotation: object) -> str:
    shown = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    if "[" in str(annotation):
        shown = str(annotation)
    shown = shown.replace("clients.steps.Await | clients.steps.Action | clients.steps.Handshake", "Step")
    return re.sub(r"\b(?:\w+\.)+", "", shown.replace("bytes | Step", "Step"))


def notes_on(owner: type) -> dict[str, str]:
    """Return what the code says of each field of a class.

    That is the string or the comment after it, or else `name: …` in a paragraph of the class's docstring.
    """
    source = textwrap.dedent(inspect.getsource(owner))
    lines, (tree,) = source.split("\n"), ast.parse(source).body
    if not isinstance(tree, ast.ClassDef):
        raise TypeError(f"{owner} is not a class")
    named = [
        (statement, statement.target.id, tree.body[index + 1] if index + 1 < len(tree.body) else None)
        for index, statement in enumerate(tree.body)
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)
    ]
    notes = _run_on_notes(inspect.getdoc(owner) or "", [name for _, name, _ in named])
    for statement, name, following in named:
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            notes[name] = _sentence(str(following.value.value))
        elif comment := re.search(r"#\s*(.*)$", lines[(statement.end_lineno or 1) - 1]):
            notes[name] = _sentence(comment[1])
    return notes


def _run_on_notes(docstring: str, names: Sequence[str]) -> dict[str, str]:
    text = " ".join(docstring.partition("\n\n")[2].split())
    label = re.compile(rf"(?:^|(?<=\. ))((?:{'|'.join(names)})(?:, (?:{'|'.join(names)}))*): ")
    _, *parts = label.split(text)
    return {
        name: _sentence(note)
        for labels, note in zip(parts[::2], parts[1::2], strict=True)
        for name in labels.split(", ")
    }


# Steps


def _steps() -> Iterator[str]:
    yield "### Steps"
    yield ""
    yield "`send` is a tuple of these. All but `bytes` come from `clients.steps`."
    yield ""
    short = {value: name for name, value in vars(steps).items() if isinstance(value, Action)}
    rows = [('`b"…"`', "write these bytes; neighbouring literals are one write")]
    rows += [(f"`Await.{each.name}`", f"wait for {each.value}") for each in Await]
    rows += [(f"`{short[each]}`", each.value) for each in Action]
    rows += [(f"`Handshake{_parameters(Handshake)}`", _sentences(Handshake))]
    for kind, what in ((Identity, "offers"), (ServerName, "asks for")):
        rows += [(f"`{kind.__name__}.{each.name}`", f"a handshake that {what} {each.value}") for each in kind]
    yield from _table(("step", "what the driver does"), rows)


# Placeholders


def placeholders() -> Mapping[str, str]:
    """Return the meaning of each placeholder, by its name without brackets."""
    return {each.name.decode().strip("<>"): each.meaning for each in PLACEHOLDERS.values()}


def _placeholders() -> Iterator[str]:
    yield "### Placeholders"
    yield ""
    yield "They are replaced literally in the bytes, and in the bytes that outcomes compare with."
    yield ""
    rows = [(f"`<{name}>`", meaning) for name, meaning in placeholders().items()]
    rows += [("`<value>`", "a value of the table that `family()` is given")]
    yield from _table(("placeholder", "stands for"), rows)


# Outcomes


def _outcomes() -> Iterator[str]:
    yield "### Outcomes"
    yield ""
    yield "`&` and `|` compose them."
    for module in VOCABULARY:
        yield ""
        yield from _paragraph(f"`{module.__name__}`: {_first_sentence(module)}")
        yield ""
        yield from _table(("outcome", "meaning"), _vocabulary(module))
    groups = [name for name, value in vars(outcomes).items() if isinstance(value, range)]
    yield ""
    yield f"Groups of status codes: {', '.join(f'`{name}`' for name in groups)}."


def _vocabulary(module: ModuleType) -> Iterator[tuple[str, str]]:
    """Yield the outcomes of a module and what makes them, in the order of the module."""
    for name, value in vars(module).items():
        if name.startswith("_"):
            continue
        if isinstance(value, Outcome):
            yield f"`{name}`", f"The server {value}."
        elif inspect.isfunction(value) and value.__module__ == module.__name__ and _makes_an_outcome(value):
            yield f"`{name}{_parameters(value)}`", _sentences(value)


def _makes_an_outcome(function: Callable[..., object]) -> bool:
    return inspect.get_annotations(function).get("return") is Outcome


def _needs() -> Iterator[str]:
    yield "### Needs"
    yield ""
    yield from _paragraph(
        "Most follow from the placeholders and steps; name only the others. On a target without one, the "
        "scenario is NOT APPLICABLE."
    )
    yield ""
    yield from _table(
        ("need", "the reason given without it"), ((f"`Need.{each.name}`", each.value) for each in Need)
    )


# Risks


def _risks() -> Iterator[str]:
    yield "### Risks"
    yield ""
    yield from _paragraph(
        "Name one only where such a deviation has been exploited, or where it is plain how it would be, and "
        "give it a row in `docs/risks.md`. Name none where the clause permits the deviation."
    )
    yield ""
    yield from _table(("risk", "how it does harm"), ((f"`Risk.{each.name}`", each.value) for each in Risk))


# Words


def _paragraph(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, break_long_words=False, break_on_hyphens=False)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    for cells in (head, ["---"] * len(head), *rows):
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _parameters(function: Callable[..., object]) -> str:
    """Return the parameters as they are called: names and defaults, no types."""
    signature = inspect.signature(function)
    plain = [
        parameter.replace(annotation=inspect.Parameter.empty) for parameter in signature.parameters.values()
    ]
    shown = str(signature.replace(parameters=plain, return_annotation=inspect.Signature.empty))
    return re.sub(r"<(\w+\.\w+): [^>]*>", r"\1", shown)


def _sentences(documented: object) -> str:
    """Return the docstring as one paragraph."""
    return _sentence(inspect.getdoc(documented) or "")


def _sentence(text: str) -> str:
    words = " ".join(text.split()).replace("``", "`")
    if not words:
        return ""
    return f"{words[0].upper()}{words[1:]}" + ("" if words.endswith((".", "!", "?")) else ".")


def _first_sentence(module: ModuleType) -> str:
    return _sentence((inspect.getdoc(module) or "").partition("\n\n")[0])


def main() -> int:
    """Rewrite the reference, and say whether it was stale."""
    page = PAGE.read_text(encoding="utf-8")
    new = updated(page)
    PAGE.write_text(new, encoding="utf-8")
    sys.stdout.write(f"{PAGE.name} {'is as it was' if new == page else 'was rewritten'}.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
