"""The page of published flaws names each of them, with its releases and what sees it."""

import pytest

from tests.paths import DOCS
from tests.published.flaws import FLAWS, Flaw


@pytest.mark.parametrize("flaw", FLAWS, ids=[flaw.name for flaw in FLAWS])
def test_the_page_has_each_flaw(flaw: Flaw) -> None:
    page = (DOCS / "coverage.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {flaw.name} |")]
    assert flaw.what in row
    assert flaw.flawed.packages[0] in row
    assert flaw.mended.packages[0] in row
    assert all(f"`{name}`" in row for name in flaw.seen_by)
    assert flaw.unseen in row
    assert bool(flaw.seen_by) is not bool(flaw.unseen)
