"""The pytest plugin that shows a run when it is over: `-p reports.plugin --wirecheck-record PATH`.

It reads the record that the run has written, with or without a footer, writes the reports beside it and
prints the summary. It knows nothing of the scenarios that ran, and it never changes how the run ends. pytest
asks for it whenever its session ends in order, also after Ctrl-C, but not with --no-summary or after an error
of its own.
"""

import os
from pathlib import Path

import pytest

from conformance.record import BadRecord
from reports.rendering.terminal import Line
from reports.rendering.text import visible
from reports.run.publish import publish


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that says where the record is."""
    parser.getgroup("wirecheck").addoption(
        "--wirecheck-record", metavar="PATH", help="the record of the run; its reports lie beside it"
    )


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: "pytest.TerminalReporter", config: pytest.Config) -> None:
    """Write the reports and print the summary."""
    named = config.getoption("--wirecheck-record")
    if not named:
        return
    try:
        published = publish(_near(Path(named)), width=config.get_terminal_writer().fullwidth)
        lines = [*published.lines, *published.problems]
    except BadRecord as error:
        lines = [Line(visible(str(error)), ("red", "bold"))]
    except Exception as error:  # noqa: BLE001  (a report must never take the run down with it)
        lines = [Line(visible(f"The run cannot be shown: {error!r}"), ("red", "bold"))]
    for line in lines:
        terminalreporter.write_line(line.text, **dict.fromkeys(line.markup, True))


def _near(path: Path) -> Path:
    """Return the path as seen from here, when it is below."""
    full = path.absolute()
    return full.relative_to(Path.cwd()) if full.is_relative_to(Path.cwd()) else Path(os.path.normpath(full))
