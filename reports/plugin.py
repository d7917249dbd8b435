"""The pytest plugin that shows a run at its end: `-p reports.plugin --wirecheck-record PATH`.

It reads the record that the run has written, with or without a footer, writes the reports beside it and
prints the summary. It knows nothing about the scenarios that ran, and does not decide how the run ends: where
a report could not be written, it says so in the option `wirecheck_unwritten`, which the run looks at. pytest
calls it whenever its session ends in order, also after Ctrl-C, but not with --no-summary or after an error
of its own.
"""

import os
from pathlib import Path

import pytest

from conformance.record import BadRecord
from conformance.text import visible
from reports.rendering.terminal import Line
from reports.run.publish import publish


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that names the record."""
    parser.getgroup("wirecheck").addoption(
        "--wirecheck-record", metavar="PATH", help="the record of the run; its reports are written beside it"
    )


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    """Write the reports and print the summary."""
    path = config.getoption("--wirecheck-record")
    if not path:
        return
    try:
        published = publish(_short(Path(path)), width=config.get_terminal_writer().fullwidth)
        lines = [*published.lines, *published.problems]
        config.option.wirecheck_unwritten = bool(published.problems)
    except BadRecord as error:
        config.option.wirecheck_unwritten = True
        lines = [Line(visible(str(error)), ("red", "bold"))]
    except Exception as error:  # noqa: BLE001  (a report must never take the run down with it)
        config.option.wirecheck_unwritten = True
        lines = [Line(visible(f"The run cannot be shown: {error!r}"), ("red", "bold"))]
    for line in lines:
        terminalreporter.write_line(line.text, **dict.fromkeys(line.markup, True))


def _short(path: Path) -> Path:
    """Return the path relative to the working directory, if it is inside."""
    full = path.absolute()
    return full.relative_to(Path.cwd()) if full.is_relative_to(Path.cwd()) else Path(os.path.normpath(full))
