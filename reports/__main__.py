"""The command `python -m reports`: shows runs again from their records, joins, compares and tables them.

Without a word in front, the arguments are records to show. Exit codes: 0 shown, whatever the runs came to, or
nothing got worse; 1 something got worse; 4 a record or the command cannot be used.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NoReturn

from conformance import record
from conformance.record import BadRecord
from reports.comparison import page as compare_page
from reports.comparison import text as compare
from reports.comparison import value as changes
from reports.matrix import page as matrix_page
from reports.matrix import value as matrix
from reports.matrix.value import Given
from reports.rendering.terminal import Line
from reports.rendering.text import visible
from reports.run import merge
from reports.run.publish import problem, publish, write

WORSE, USAGE = 1, 4

# What to call the record of a run in a folder that holds one.
_RECORD = "run.jsonl"

# What a comparison and a matrix can be written as.
_WRITTEN = {"html": "the page", "markdown": "it as Markdown", "json": "it as JSON"}

_CODES = {"bold": "1", "red": "31", "green": "32", "yellow": "33"}


class _Parser(argparse.ArgumentParser):
    """A parser of arguments that ends with wirecheck's exit code for misuse."""

    def error(self, message: str) -> NoReturn:
        self.print_usage(sys.stderr)
        self.exit(USAGE, f"{self.prog}: {visible(message)}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the arguments say, and return the exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    parser, commands = _parsers()
    if not given or given[0] not in {*commands, "-h", "--help"}:
        given.insert(0, "show")
    chosen = parser.parse_args(given)
    try:
        code: int = chosen.do(chosen)
    except BadRecord as error:
        return _complain([Line(visible(str(error)))])
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # The schema is not checked here; what a record lacks or has wrong is seen where it is needed.
        return _complain([problem("A record is not as its schema says", error)])
    return code


def _parsers() -> tuple[argparse.ArgumentParser, Iterable[str]]:
    parser = _Parser(
        prog="python -m reports",
        description="Show runs again from their records, join, compare and table them. A RUN is a record or "
        f"the folder that holds one ({_RECORD}). What begins with a RUN is `show`.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    show = commands.add_parser("show", help="write the reports of runs again and print their summaries")
    show.add_argument("runs", type=_run, nargs="+", metavar="RUN", help="the record of a run")
    show.add_argument("--html", type=Path, metavar="FILE", help="where to write the page of the one run")
    show.add_argument(
        "--merge", type=Path, metavar="OUT", help="join the runs into one record, and show that instead"
    )
    show.set_defaults(do=_show, parser=show)
    comparing = commands.add_parser("compare", help="say what became of a run in the next one")
    comparing.add_argument("old", type=_run, metavar="OLD", help="the record of the run before")
    comparing.add_argument("new", type=_run, metavar="NEW", help="the record of the run after")
    comparing.set_defaults(do=_compare)
    tabling = commands.add_parser("matrix", help="table scenarios by servers")
    tabling.add_argument(
        "runs",
        type=_labelled,
        nargs="+",
        metavar="[LABEL=]RUN",
        help="the record of a run, and its name there",
    )
    tabling.set_defaults(do=_matrix)
    for command in (comparing, tabling):
        for name, what in _WRITTEN.items():
            command.add_argument(f"--{name}", type=Path, metavar="FILE", help=f"where to write {what}")
    return parser, commands.choices


def _run(argument: str) -> Path:
    path = Path(argument)
    return path / _RECORD if path.is_dir() else path


def _labelled(argument: str) -> tuple[str, Path]:
    label, equals, path = argument.partition("=")
    # A path may hold a = of its own.
    return (label, _run(path)) if equals and not Path(argument).exists() else ("", _run(argument))


def _show(chosen: argparse.Namespace) -> int:
    paths: list[Path] = chosen.runs
    if chosen.merge:
        try:
            record.write(merge.joined({str(path): record.read(path) for path in paths}), chosen.merge)
        except OSError as error:
            return _complain([problem(f"{chosen.merge} could not be written", error)])
        paths = [chosen.merge]
    elif chosen.html and len(paths) > 1:
        chosen.parser.error("--html is the page of one run; name one, or join them with --merge")
    problems: list[Line] = []
    for path in paths:
        published = publish(path, width=_width(), html=chosen.html)
        _print(published.lines)
        problems += published.problems
    return _complain(problems) if problems else 0


def _compare(chosen: argparse.Namespace) -> int:
    made = changes.compare(record.read(chosen.old), record.read(chosen.new))
    renderers = {
        "html": lambda: compare_page.render(made),
        "markdown": lambda: compare.as_markdown(made),
        "json": lambda: compare.as_json(made),
    }
    return _tell(chosen, compare.lines(made, width=_width()), renderers) or (WORSE if made.is_worse else 0)


def _matrix(chosen: argparse.Namespace) -> int:
    made = matrix.matrix([Given(path, record.read(path), label) for label, path in chosen.runs])
    renderers = {
        "html": lambda: matrix_page.render(made),
        "markdown": lambda: matrix.as_markdown(made),
        "json": lambda: matrix.as_json(made),
    }
    return _tell(chosen, matrix.lines(made, width=_width()), renderers)


def _tell(
    chosen: argparse.Namespace, lines: Iterable[Line], renderers: Mapping[str, Callable[[], str]]
) -> int:
    """Print the lines and write the files that were asked for; return USAGE if one could not be."""
    _print(lines)
    problems = []
    for name, render in renderers.items():
        file: Path | None = getattr(chosen, name)
        try:
            if file:
                write(file, render())
        except OSError as error:
            problems.append(problem(f"{file} could not be written", error))
    return _complain(problems) if problems else 0


def _width() -> int:
    return shutil.get_terminal_size().columns


def _print(lines: Iterable[Line]) -> None:
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    try:
        for line in lines:
            sys.stdout.write(_encodable(_styled(line) if coloured else line.text) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read it has gone. The files and the exit code are wanted all the same; and python would
        # complain of it once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(lines: Iterable[Line]) -> int:
    for line in lines:
        sys.stderr.write(f"{line.text}\n")
    return USAGE


def _styled(line: Line) -> str:
    codes = ";".join(_CODES[name] for name in line.markup)
    return f"\x1b[{codes}m{line.text}\x1b[0m" if codes else line.text


def _encodable(text: str) -> str:
    """Return the text as this terminal can show it: an escape instead of a traceback for what it lacks."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


if __name__ == "__main__":
    sys.exit(main())
