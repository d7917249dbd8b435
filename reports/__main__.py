"""The command `python -m reports`: shows runs again from their records, merges, compares and tables them.

Without a subcommand, the arguments are records to show. Exit codes: 0 when the runs were shown, whatever
their results, and when nothing got worse; 1 when something got worse; 4 when a record or the arguments are
wrong.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from conformance import record
from conformance.arguments import Parser
from conformance.gate import Exit
from conformance.record import BadRecord
from conformance.text import visible
from reports.comparison import page as comparison_page
from reports.comparison import text as comparison_text
from reports.comparison.value import compare
from reports.matrix import page as matrix_page
from reports.matrix import text as matrix_text
from reports.matrix.value import LabelledRun, build_matrix
from reports.rendering.terminal import Line
from reports.run.merge import merge
from reports.run.publish import problem_line, publish, write_report

WORSE, USAGE = 1, int(Exit.USAGE)

# The name of the record in the folder of a run.
_RECORD = "run.jsonl"

# The files that a comparison and a matrix can be written to, by their options.
_FILES = {
    "html": "write the page to this file",
    "markdown": "write it to this file as Markdown",
    "json": "write it to this file as JSON",
}

_COLOURS = {"bold": "1", "red": "31", "green": "32", "yellow": "33"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command, and return its exit code."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser, commands = _parser()
    if not words or words[0] not in {*commands, "-h", "--help"}:
        words.insert(0, "show")
    options = parser.parse_args(words)
    try:
        code: int = options.run(options)
    except BadRecord as error:
        return _complain([Line(visible(str(error)))])
    except (AttributeError, LookupError, TypeError, ValueError) as error:
        # Records are not checked against the schema; what is missing or wrong shows where it is needed.
        return _complain([problem_line("A record is not as its schema says", error)])
    return code


def _parser() -> tuple[argparse.ArgumentParser, Iterable[str]]:
    """Return the parser, and the names of its subcommands."""
    parser = Parser(
        prog="python -m reports",
        description="Show runs again from their records; merge, compare and table them. A RUN is a record or "
        f"the folder that holds one ({_RECORD}). Without a COMMAND, the RUNs are shown.",
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    show = commands.add_parser("show", help="write the reports of runs again and print their summaries")
    show.add_argument("runs", type=_run, nargs="+", metavar="RUN", help="the record of a run")
    show.add_argument("--html", type=Path, metavar="FILE", help="write the page to this file (one RUN only)")
    show.add_argument(
        "--merge", type=Path, metavar="FILE", help="merge the RUNs into this record, and show it instead"
    )
    show.set_defaults(run=_show, parser=show)
    comparing = commands.add_parser("compare", help="show what changed from one run to the next")
    comparing.add_argument("old", type=_run, metavar="OLD", help="the record of the earlier run")
    comparing.add_argument("new", type=_run, metavar="NEW", help="the record of the later run")
    comparing.set_defaults(run=_compare)
    tabling = commands.add_parser("matrix", help="show a table of scenarios by servers")
    tabling.add_argument(
        "runs",
        type=_labelled,
        nargs="+",
        metavar="[LABEL=]RUN",
        help="the record of a run, and the name of its column",
    )
    tabling.set_defaults(run=_matrix)
    for command in (comparing, tabling):
        for name, meaning in _FILES.items():
            command.add_argument(f"--{name}", type=Path, metavar="FILE", help=meaning)
    return parser, commands.choices


def _run(argument: str) -> Path:
    path = Path(argument)
    return path / _RECORD if path.is_dir() else path


def _labelled(argument: str) -> tuple[str, Path]:
    label, equals, path = argument.partition("=")
    # A path may contain a = itself.
    return (label, _run(path)) if equals and not Path(argument).exists() else ("", _run(argument))


def _show(options: argparse.Namespace) -> int:
    paths: list[Path] = options.runs
    if options.merge:
        try:
            record.write(merge({str(path): record.read(path) for path in paths}), options.merge)
        except OSError as error:
            return _complain([problem_line(f"{options.merge} could not be written", error)])
        paths = [options.merge]
    elif options.html and len(paths) > 1:
        options.parser.error("--html writes the page of one RUN; give one, or merge them with --merge")
    problems: list[Line] = []
    for path in paths:
        published = publish(path, width=_width(), html=options.html)
        _print(published.lines)
        problems += published.problems
    return _complain(problems) if problems else 0


def _compare(options: argparse.Namespace) -> int:
    comparison = compare(record.read(options.old), record.read(options.new))
    renderers = {
        "html": lambda: comparison_page.render(comparison),
        "markdown": lambda: comparison_text.as_markdown(comparison),
        "json": lambda: comparison_text.as_json(comparison),
    }
    code = _print_and_write(options, comparison_text.lines(comparison, width=_width()), renderers)
    return code or (WORSE if comparison.is_worse else 0)


def _matrix(options: argparse.Namespace) -> int:
    matrix = build_matrix([LabelledRun(path, record.read(path), label) for label, path in options.runs])
    renderers = {
        "html": lambda: matrix_page.render(matrix),
        "markdown": lambda: matrix_text.as_markdown(matrix),
        "json": lambda: matrix_text.as_json(matrix),
    }
    return _print_and_write(options, matrix_text.lines(matrix, width=_width()), renderers)


def _print_and_write(
    options: argparse.Namespace, lines: Iterable[Line], renderers: Mapping[str, Callable[[], str]]
) -> int:
    """Print the lines and write the files that were asked for; return USAGE if one could not be written."""
    _print(lines)
    problems = []
    for name, render in renderers.items():
        file: Path | None = getattr(options, name)
        try:
            if file:
                write_report(file, render())
        except OSError as error:
            problems.append(problem_line(f"{file} could not be written", error))
    return _complain(problems) if problems else 0


def _width() -> int:
    return shutil.get_terminal_size().columns


def _print(lines: Iterable[Line]) -> None:
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    try:
        for line in lines:
            sys.stdout.write(_encodable(_coloured(line) if coloured else line.text) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # The reader has left. The files and the exit code are wanted all the same, and python would complain
        # about the pipe once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(lines: Iterable[Line]) -> int:
    for line in lines:
        sys.stderr.write(f"{line.text}\n")
    return USAGE


def _coloured(line: Line) -> str:
    codes = ";".join(_COLOURS[name] for name in line.markup)
    return f"\x1b[{codes}m{line.text}\x1b[0m" if codes else line.text


def _encodable(text: str) -> str:
    """Return the text with an escape for every character that this terminal cannot show."""
    encoding = sys.stdout.encoding or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


if __name__ == "__main__":
    sys.exit(main())
