"""The file of a baseline: TOML with one table, `known`, from the ids of scenarios to reasons.

An entry is a reason, or a table with a reason, the last day on which it applies, and whether it excuses a
crash. People write the file: an error in it is reported with its line, and an update leaves all that stays as
they wrote it. Verdicts are not known here.
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

from conformance.baseline import Baseline, Entry, Review, review_after_update
from conformance.errors import BadUsage
from conformance.text import visible

_TABLE = "known"
_REASON, _EXPIRES, _CRASH = "reason", "expires", "crash"

_OPENING = """\
# Scenarios that are known to fail, with the reason for each. An entry without a reason fails the run.
#   "id" = "reason"
#   "id" = { expires = 2027-12-31, reason = "excused up to and including this day" }
#   "id" = { crash = true, reason = "excuses a crash of the server as well" }
"""

# Follows the title of a scenario that is added because it crashed a target.
_TO_EXCUSE_A_CRASH = f'; it crashed the target: {{ {_CRASH} = true, {_REASON} = "…" }} would excuse that'


def read_baseline(file: Path, titles: Mapping[str, str], today: date) -> Baseline:
    """Read a baseline. titles: of all scenarios that exist, by id.

    Raises BadUsage, with the line where possible, if the file cannot be read or is not a baseline.
    """
    try:
        text = file.read_text(encoding="utf-8")
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadUsage(f"baseline {file} is not valid TOML: {error}") from error
    except FileNotFoundError as error:
        raise BadUsage(f"baseline {file} does not exist; --update-baseline creates it") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadUsage(f"baseline {file} cannot be read: {error}") from error
    for name in values:
        if name != _TABLE:
            _refuse(file, text, name, f"is outside the table [{_TABLE}]")
    known = values.get(_TABLE, {})
    if not isinstance(known, dict):
        _refuse(file, text, _TABLE, "is not a table of ids and reasons")
    entries = {name: _entry(file, text, name, value) for name, value in known.items()}
    return Baseline(file, entries, titles, today)


def new_baseline(file: Path, titles: Mapping[str, str], today: date) -> Baseline:
    """Return the empty baseline of a file that does not exist yet. Raises BadUsage if it has no folder."""
    if not file.absolute().parent.is_dir():
        raise BadUsage(f"baseline {file} cannot be written: there is no folder {file.parent}")
    return Baseline(file, {}, titles, today)


def update_file(reviewed: Review) -> Review:
    """Update the file: remove stale entries, and add new failures without a reason.

    Nothing else in the file changes. Whether a crash is excused is for a person to decide, so no entry is
    added with `crash = true`; a comment says how. Returns the review after the update. The file is written
    whole or not at all; if not at all, the review says why.
    """
    baseline = reviewed.baseline
    exists = baseline.file.exists()
    if exists and not (reviewed.new or reviewed.stale):
        return reviewed
    try:
        text = baseline.file.read_bytes().decode("utf-8") if exists else _OPENING  # its line ends as they are
        added = {name: _comment(name, reviewed) for name in reviewed.new}
        _write(baseline.file, _edited(text, added, [entry.id for entry in reviewed.stale]))
        return review_after_update(reviewed, read_baseline(baseline.file, baseline.titles, baseline.today))
    except OSError as error:
        return replace(reviewed, unwritten=error.strerror or str(error))
    except (TOMLKitError, UnicodeDecodeError, BadUsage):
        return replace(reviewed, unwritten="it was changed during the run")


def _comment(name: str, reviewed: Review) -> str:
    title = reviewed.baseline.titles.get(name, "")
    return visible(title + _TO_EXCUSE_A_CRASH if name in reviewed.crashed else title)


def _entry(file: Path, text: str, name: str, value: Any) -> Entry:
    """Return the entry that a value in the file stands for."""
    fields = {_REASON: value} if isinstance(value, str) else value
    if not isinstance(fields, dict):
        _refuse(file, text, name, "is neither a reason in quotes nor a table with one")
    reason, expires, crash = fields.get(_REASON, ""), fields.get(_EXPIRES), fields.get(_CRASH, False)
    others = sorted(fields.keys() - {_REASON, _EXPIRES, _CRASH})
    if others:
        advice = f"; put the id in quotes: {f'{name}.{others[0]}'!r}" if "." not in name else ""
        _refuse(
            file, text, name, f"has {others[0]!r}, but an entry has only reason, expires and crash{advice}"
        )
    if not isinstance(reason, str):
        _refuse(file, text, name, "has a reason that is not text in quotes")
    if expires is not None and (not isinstance(expires, date) or isinstance(expires, datetime)):
        _refuse(file, text, name, "has an expires that is not a date such as 2027-12-31")
    if not isinstance(crash, bool):
        _refuse(file, text, name, "has a crash that is neither true nor false")
    return Entry(name, " ".join(reason.split()), expires, _line(text, name), crash)


def _refuse(file: Path, text: str, name: str, problem: str) -> NoReturn:
    line = _line(text, name)
    raise BadUsage(f"baseline {file}{f', line {line}' if line else ''}: {name!r} {problem}")


def _line(text: str, name: str) -> int:
    """Return the number of the first line with a key; 0 if the key is written in some unusual way."""
    key = re.compile(rf"""[\s\[]*(?:{_TABLE}\s*\.\s*)?["']?{re.escape(name)}["']?\s*[]=.]""")
    return next((number for number, line in enumerate(text.split("\n"), 1) if key.match(line)), 0)


def _edited(text: str, added: Mapping[str, str], removed: Iterable[str]) -> str:
    """Return the text of a file with entries added, each with a comment, and others removed."""
    document = tomlkit.parse(text)
    if _TABLE not in document:
        document.add(_TABLE, tomlkit.table())
    known: Any = document[_TABLE]
    for name in removed:
        with suppress(KeyError):
            known.remove(name)
    for name, comment in added.items():
        reason = tomlkit.string("")
        reason.comment(comment)
        known.add(SingleKey(name, KeyType.Basic), reason)
    return document.as_string()


def _write(file: Path, text: str) -> None:
    """Replace the file atomically; its mode is kept."""
    place = file.resolve()  # a symbolic link stays one
    descriptor, name = tempfile.mkstemp(prefix=f".{place.name}.", dir=place.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(text)
        Path(name).chmod(place.stat().st_mode & 0o777 if place.exists() else 0o644)
        Path(name).replace(place)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
