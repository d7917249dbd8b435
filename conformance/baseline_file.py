"""The file of a baseline: TOML with one table, `known`, from the ids of scenarios to reasons.

An entry is a string, the reason, or a table with a reason and the last day that it is good for. People write
the file, so what is wrong with it is said with its line; and when it is brought up to date, all that stays in
it is left as they wrote it. Verdicts are not known here.
"""

import os
import re
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, NoReturn

import tomlkit
from tomlkit.exceptions import TOMLKitError
from tomlkit.items import KeyType, SingleKey

from conformance.baseline import Baseline, Entry, Review, updated
from conformance.errors import BadUsage
from conformance.text import plain

_TABLE = "known"
_REASON, _EXPIRES = "reason", "expires"

_OPENING = """\
# Scenarios that are known to fail, each with its reason: "id" = "reason", or with the last day that this is
# good for: "id" = { expires = 2027-12-31, reason = "reason" }. Without a reason, the gate stays closed.
"""


def read_baseline(file: Path, titles: Mapping[str, str], today: date) -> Baseline:
    """Read a baseline. titles: of all scenarios that there are, by id.

    Raises BadUsage, with the line if one can be told, when the file cannot be read or is no baseline.
    """
    try:
        text = file.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadUsage(f"the baseline {file} is no TOML: {error}") from error
    except FileNotFoundError as error:
        raise BadUsage(f"there is no baseline {file}; --update-baseline writes one") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsage(f"the baseline {file} cannot be read: {error}") from error
    for name in values:
        if name != _TABLE:
            _refuse(file, text, name, f"stands outside of the table [{_TABLE}]")
    known = values.get(_TABLE, {})
    if not isinstance(known, dict):
        _refuse(file, text, _TABLE, "is no table of ids and reasons")
    entries = {name: _entry(file, text, name, value) for name, value in known.items()}
    return Baseline(file, entries, titles, today)


def new_baseline(file: Path, titles: Mapping[str, str], today: date) -> Baseline:
    """Return the baseline that a file is to begin with. Raises BadUsage when it could not be written."""
    if not file.absolute().parent.is_dir():
        raise BadUsage(f"the baseline {file} cannot be written: there is no folder {file.parent}")
    return Baseline(file, {}, titles, today)


def update_file(reviewed: Review) -> Review:
    """Bring the file up to date: drop what is stale, list what is new, without reasons.

    Return the review that the run comes to by that. Nothing else in the file is touched; it is written whole
    or not at all, and in the latter case the review says why.
    """
    baseline = reviewed.baseline
    exists = baseline.file.exists()
    if exists and not (reviewed.new or reviewed.stale):
        return reviewed
    try:
        text = baseline.file.read_bytes().decode("utf-8") if exists else _OPENING  # its line ends as they are
        added = {name: baseline.titles.get(name, "") for name in reviewed.new}
        _write(baseline.file, _edited(text, added, [entry.id for entry in reviewed.stale]))
        return updated(reviewed, read_baseline(baseline.file, baseline.titles, baseline.today))
    except OSError as error:
        return replace(reviewed, unwritten=error.strerror or str(error))
    except (TOMLKitError, UnicodeDecodeError, BadUsage):
        return replace(reviewed, unwritten="it was changed while the run went on")


def _entry(file: Path, text: str, name: str, value: Any) -> Entry:
    """Make an entry of a value in the file."""
    given = {_REASON: value} if isinstance(value, str) else value
    if not isinstance(given, dict):
        _refuse(file, text, name, "is neither a reason in quotes nor a table with one")
    reason, expires = given.get(_REASON, ""), given.get(_EXPIRES)
    others = sorted(given.keys() - {_REASON, _EXPIRES})
    if others:
        advice = f"; an id stands in quotes: {f'{name}.{others[0]}'!r}" if "." not in name else ""
        _refuse(file, text, name, f"has {others[0]!r}, but an entry has only a reason and expires{advice}")
    if not isinstance(reason, str):
        _refuse(file, text, name, "has a reason that is no text in quotes")
    if expires is not None and (not isinstance(expires, date) or isinstance(expires, datetime)):
        _refuse(file, text, name, "expires on what is no plain day, such as 2027-12-31")
    return Entry(name, " ".join(reason.split()), expires, _line(text, name))


def _refuse(file: Path, text: str, name: str, problem: str) -> NoReturn:
    line = _line(text, name)
    raise BadUsage(f"the baseline {file}{f', line {line}' if line else ''}: {name!r} {problem}")


def _line(text: str, name: str) -> int:
    """Return the line where a key stands first; 0 when it is written in some other way."""
    key = re.compile(rf"""[\s\[]*(?:{_TABLE}\s*\.\s*)?["']?{re.escape(name)}["']?\s*[]=.]""")
    return next((number for number, line in enumerate(text.split("\n"), 1) if key.match(line)), 0)


def _edited(text: str, added: Mapping[str, str], dropped: Iterable[str]) -> str:
    """Return the text of a file with entries added, each with a comment, and others dropped."""
    document = tomlkit.parse(text)
    if _TABLE not in document:
        document.add(_TABLE, tomlkit.table())
    known: Any = document[_TABLE]
    for name in dropped:
        with suppress(KeyError):
            known.remove(name)
    for name, comment in added.items():
        reason = tomlkit.string("")
        reason.comment(plain(comment))
        known.add(SingleKey(name, KeyType.Basic), reason)
    return document.as_string()


def _write(file: Path, text: str) -> None:
    """Put the text in the place of the file, all of it at once."""
    place = file.resolve()  # a link stays one
    descriptor, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(text)
        Path(name).chmod(place.stat().st_mode & 0o777 if place.exists() else 0o644)
        Path(name).replace(place)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
