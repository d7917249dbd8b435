"""Where the reference server may differ from the original, and where the two must agree.

The table of `constructors.py` is made on both. `constructors.json` has what the original said, so that the
reference server is held to it where there is no CPython 2.7; `python -m tests.original.run` looks whether the
original still says so. Only `recorded`, `record` and `said_by` touch anything.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from conformance.errors import Untestable

Rows = Mapping[str, Mapping[str, Any]]

_TABLE = Path(__file__).with_name("constructors.py")
_RECORDING = Path(__file__).with_name("constructors.json")
_SECONDS = 120  # for a whole table, which takes one
_NOTHING = "nothing"

BUGS = {
    # DOC-FORM-3: both profiles separate at `&` only.
    "query-semicolon": {"arguments"},
    # DOC-REQ-1: an empty path is `/`; two slashes at the start of a path do not begin an authority.
    "uri-absolute-without-path": {"path"},
    "uri-two-slashes": {"path"},
    # DOC-REQ-4: an empty field names nothing.
    "proxy-real-ip-empty": {"remote_ip", "repr"},
    "proxy-scheme-empty": {"protocol", "full_url", "repr"},
    # DOC-REQ-10: where no field says so, the stream does.
    "proxy-silent-over-tls": {"protocol", "full_url", "repr"},
}
"""The attributes, by row, in which the reference server is not to be like the original: [bug] on the page."""


def recorded() -> Rows:
    """Return what the original said when it was last asked."""
    rows: Rows = json.loads(_RECORDING.read_text(encoding="ascii"))
    return rows


def record(rows: Rows) -> None:
    """Write down what the original says, a line for each row."""
    lines = (f"{json.dumps(row)}: {json.dumps(rows[row], sort_keys=True)}" for row in sorted(rows))
    _RECORDING.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="ascii")


def said_by(interpreter: Path, package: str, certificate: Path, *options: str, path: Path) -> Rows:
    """Make the table with the classes of a package, in a process of its own. Raises Untestable.

    path: the folder to import the package from. options: the profile, where there are profiles.
    """
    command = [str(interpreter), str(_TABLE), package, str(certificate), *options]
    environment = {**os.environ, "PYTHONPATH": str(path), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        made = subprocess.run(
            command, capture_output=True, text=True, env=environment, check=True, timeout=_SECONDS
        )
    except subprocess.SubprocessError as error:
        complaint = getattr(error, "stderr", None) or ""
        raise Untestable(f"no table of constructors with {package}: {error} {complaint}") from error
    rows: Rows = json.loads(made.stdout)
    return rows


def changes(expected: Rows, found: Rows) -> Iterator[str]:
    """Yield a line for each attribute in which two tables differ."""
    for row, attribute in _differences(expected, found):
        yield _line(row, attribute, expected, found)


def disagreements(original: Rows, ours: Rows) -> Iterator[str]:
    """Yield a line for each difference that is not marked as a bug, and each mark without a difference."""
    differences = set(_differences(original, ours))
    marked = {(row, attribute) for row, attributes in BUGS.items() for attribute in attributes}
    for row, attribute in sorted(differences - marked):
        yield _line(row, attribute, original, ours)
    for row, attribute in sorted(marked - differences):
        yield f"{row}, {attribute}: marked as a bug of the original, but there is no difference"


def _differences(one: Rows, other: Rows) -> Iterator[tuple[str, str]]:
    for row in sorted(one.keys() | other.keys()):
        left, right = one.get(row, {}), other.get(row, {})
        for attribute in sorted(left.keys() | right.keys()):
            if left.get(attribute, _NOTHING) != right.get(attribute, _NOTHING):
                yield row, attribute


def _line(row: str, attribute: str, expected: Rows, found: Rows) -> str:
    values = (repr(rows.get(row, {}).get(attribute, _NOTHING)) for rows in (expected, found))
    return f"{row}, {attribute}: {' expected, but '.join(values)} found"
