"""The comparison as its readers use it: changes that open to both sides, filter, address, narrow and dark."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Opened
from tests.browser.tables import a_comparison, a_run
from tests.reports.conftest import a_finding

Open = Callable[..., Opened]


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("compare")
    old = a_run(
        folder,
        a_finding("host.empty", "PASS", observed="did well", title="An empty Host"),
        a_finding("host.twice", "FAIL", title="Two Hosts"),
        a_finding("te.gone", "PASS", title="No longer asked"),
        a_finding("te.same", "PASS"),
    )
    new = a_run(
        folder,
        a_finding("host.empty", "FAIL", observed="did badly", title="An empty Host"),
        a_finding("host.twice", "PASS", title="Two Hosts"),
        a_finding("te.same", "PASS"),
    )
    return a_comparison(folder, old, new)


def shown(page: Page) -> list[str]:
    return page.locator(".change:visible summary code").all_inner_texts()


def sides(page: Page, scenario: str) -> list[Locator]:
    """Return both sides of an open change, once they are there."""
    found = page.locator(f"[id='plain/{scenario}'] .sides > div")
    expect(found).to_have_count(2)
    return found.all()


def test_a_change_opens_to_both_conversations(open_page: Open, path: Path) -> None:
    page = open_page(path).page
    page.locator("[id='plain/host.empty'] summary").click()
    old, new = sides(page, "host.empty")
    expect(old).to_contain_text("did well")
    expect(new).to_contain_text("did badly")
    for side in (old, new):
        expect(side.locator(".transcript")).to_contain_text("HTTP/1.1 200 OK")
    left, right = old.bounding_box(), new.bounding_box()
    assert left
    assert right
    assert left["x"] + left["width"] <= right["x"]
    assert left["y"] == right["y"]


def test_a_scenario_that_is_gone_has_one_side(open_page: Open, path: Path) -> None:
    page = open_page(path, "#plain/te.gone").page
    old, new = sides(page, "te.gone")
    expect(old.locator(".transcript")).to_be_visible()
    expect(new).to_contain_text("This run has no finding for it.")


def test_the_worse_come_first_and_words_filter(open_page: Open, path: Path) -> None:
    opened = open_page(path)
    page = opened.page
    assert shown(page) == ["host.empty", "host.twice", "te.gone"]
    page.get_by_label("Text").fill("two HOST")
    assert shown(page) == ["host.twice"]
    expect(page.locator("#shown")).to_have_text("1 of 3 shown")
    # The address of a change is followed, whatever is filtered.
    opened.go("plain/host.empty")
    expect(page.locator("[id='plain/host.empty'] .sides")).to_be_visible()
    assert len(shown(page)) == 3


def test_on_a_narrow_screen_one_side_is_below_the_other(open_page: Open, path: Path) -> None:
    page = open_page(path, "#plain/host.empty", width=400).page
    old, new = sides(page, "host.empty")
    above, below = old.bounding_box(), new.bounding_box()
    assert above
    assert below
    assert above["y"] + above["height"] <= below["y"]
    assert page.evaluate("document.documentElement.scrollWidth") <= 400


def test_it_is_dark_for_readers_who_prefer_that(open_page: Open, path: Path) -> None:
    colors = [
        open_page(path, color_scheme=scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    assert colors[0] != colors[1]
