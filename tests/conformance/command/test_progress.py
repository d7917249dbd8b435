"""Progress: one line that is drawn anew on a terminal, plain lines elsewhere, nothing where it is quiet."""

from io import StringIO

import pytest

from conformance.command.progress import Progress
from conformance.running.progress import Phase

WAITING = Phase("confirming 12 findings by waiting", seconds=12)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def test_a_wait_is_announced_with_its_length() -> None:
    stream = StringIO()
    progress = Progress(stream)
    progress.plan(310)
    progress.judged()
    progress.enter(WAITING)
    assert stream.getvalue() == "1 of 310 judged: confirming 12 findings by waiting, up to 12 s\n"


def test_elsewhere_than_on_a_terminal_a_line_is_not_repeated() -> None:
    stream = StringIO()
    progress = Progress(stream)
    progress.plan(2)
    progress.enter(WAITING)
    progress.enter(WAITING)
    progress.judged()
    assert stream.getvalue().count("\n") == 1


def test_on_a_terminal_a_line_is_drawn_anew_within_its_width_and_leaves_nothing_behind() -> None:
    stream = Terminal()
    progress = Progress(stream, width=20)
    progress.plan(3)
    progress.enter(WAITING)
    assert stream.getvalue() == "\r\x1b[K0 of 3 judged: conf"
    progress.close()
    assert stream.getvalue().endswith("\r\x1b[K")
    assert "\n" not in stream.getvalue()


@pytest.mark.parametrize("stream", [StringIO(), Terminal()], ids=["elsewhere", "on a terminal"])
def test_nothing_is_written_where_it_is_quiet(stream: StringIO) -> None:
    progress = Progress(stream, quiet=True)
    progress.plan(3)
    progress.enter(WAITING)
    progress.close()
    assert stream.getvalue() == ""


def test_a_finding_that_replaces_another_is_not_counted_beyond_the_plan() -> None:
    stream = Terminal()
    progress = Progress(stream)
    progress.plan(1)
    progress.judged()
    progress.judged()
    progress.enter(WAITING)
    assert "1 of 1 judged" in stream.getvalue()
