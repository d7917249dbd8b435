"""The matrix as its readers use it: cells that open, filter, address, keyboard, what stays in sight."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Opened
from tests.browser.tables import a_matrix, a_run
from tests.reports.conftest import a_finding, a_target

Open = Callable[..., Opened]

SERVERS = ("one/1.0", "two/2.0", "three")
VERDICTS = {
    "basics.get": ("PASS", "PASS", "PASS"),
    "host.empty": ("PASS", "FAIL", "NOT APPLICABLE"),
    "host.port": ("PASS", "PASS", "PASS"),
    "host.twice": ("FAIL", "FAIL", "FAIL"),
    "te.odd": ("WARN", "PASS", None),
    **{f"filler.n{number}": ("PASS", "PASS", "PASS") for number in range(60)},
}


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("matrix")
    runs = []
    for place, server in enumerate(SERVERS):
        found = [
            a_finding(
                name,
                verdict,
                title=f"About {name}",
                observed=f"{server} did so",
                level="SHOULD" if name == "te.odd" else "MUST",
            )
            for name, verdicts in VERDICTS.items()
            if (verdict := verdicts[place])
        ]
        runs.append(a_run(folder, *found, targets=[a_target(server=server)]))
    return a_matrix(folder, *runs)


def cell(page: Page, scenario: str, server: str) -> Locator:
    row = page.locator("tr.scenario", has=page.get_by_text(scenario, exact=True))
    return row.locator("td").nth(SERVERS.index(server))


def names(page: Page) -> list[str]:
    return page.locator("tr.scenario:visible th code").all_inner_texts()


def test_a_cell_opens_to_what_was_expected_observed_and_every_byte(open_page: Open, path: Path) -> None:
    page = open_page(path).page
    cell(page, "host.empty", "two/2.0").get_by_role("button").click()
    dialog = page.get_by_role("dialog", name="About host.empty")
    for said in (
        "answers 400 and closes",
        "two/2.0 did so",
        "Close the connection after a request",
        "HTTP/1.1 200 OK",
    ):
        expect(dialog).to_contain_text(said)
    expect(page).to_have_url(re.compile(r"#two%2F2\.0/host\.empty$"))
    dialog.get_by_role("button", name="one/1.0").click()
    expect(dialog).to_contain_text("one/1.0 did so")
    expect(dialog.get_by_role("button", name="one/1.0")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(cell(page, "host.empty", "one/1.0").get_by_role("button")).to_be_focused()


def test_the_address_of_a_cell_opens_it(open_page: Open, path: Path) -> None:
    opened = open_page(path, "#two%2F2.0/te.odd")
    dialog = opened.page.get_by_role("dialog")
    expect(dialog).to_contain_text("two/2.0 did so")
    dialog.get_by_role("button", name="Close").click()
    for nowhere in ("three/te.odd", "four/te.odd", "%E0%A4%A", "one%2F1.0/none"):
        opened.go(nowhere)
        expect(dialog).to_be_hidden()


def test_the_filter_is_kept_in_the_address(open_page: Open, path: Path) -> None:
    opened = open_page(path)
    page = opened.page
    assert len(names(page)) == len(VERDICTS)
    page.get_by_label("FAIL").check()
    assert names(page) == ["host.empty", "host.twice"]
    page.get_by_label("disagree").check()
    assert names(page) == ["host.empty"]
    expect(page).to_have_url(re.compile(r"#\?verdict=FAIL&disagree=yes$"))
    expect(page.locator("#shown")).to_have_text(f"1 of {len(VERDICTS)} shown")
    page.get_by_role("button", name="Clear filter").click()
    assert len(names(page)) == len(VERDICTS)
    page.get_by_label("Text").fill("about TE")
    assert names(page) == ["te.odd"]
    opened.go("?topic=host&level=MUST")
    expect(page.get_by_label("Topic")).to_have_value("host")
    assert names(page) == ["host.empty", "host.port", "host.twice"]


def test_an_address_with_a_filter_opens_filtered(open_page: Open, path: Path) -> None:
    page = open_page(path, "#?level=SHOULD").page
    assert names(page) == ["te.odd"]
    expect(page.locator("tr.topic:visible")).to_contain_text(["te"])


def test_the_arrow_keys_move_between_cells(open_page: Open, path: Path) -> None:
    page = open_page(path, "#?topic=host&verdict=FAIL").page
    page.get_by_role("button", name="Clear filter").focus()
    page.keyboard.press("Tab")
    if page.locator(".frame:focus").count():
        page.keyboard.press("Tab")
    expect(cell(page, "host.empty", "one/1.0").get_by_role("button")).to_be_focused()
    for key, scenario, server in (
        ("ArrowRight", "host.empty", "two/2.0"),
        # What is filtered out is passed over.
        ("ArrowDown", "host.twice", "two/2.0"),
        # There is no further down.
        ("ArrowDown", "host.twice", "two/2.0"),
        ("ArrowLeft", "host.twice", "one/1.0"),
        ("ArrowLeft", "host.twice", "one/1.0"),
        ("ArrowUp", "host.empty", "one/1.0"),
    ):
        page.keyboard.press(key)
        expect(cell(page, scenario, server).get_by_role("button")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("one/1.0 did so")


def test_the_arrow_keys_skip_an_empty_cell(open_page: Open, path: Path) -> None:
    page = open_page(path).page
    button = cell(page, "te.odd", "two/2.0").get_by_role("button")
    button.focus()
    page.keyboard.press("ArrowRight")
    expect(button).to_be_focused()


@pytest.mark.parametrize("width", [400, 1280])
def test_the_heads_stay_visible(open_page: Open, path: Path, width: int) -> None:
    page = open_page(path, width=width).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator(".frame").evaluate("frame => { frame.scrollIntoView(); frame.scrollTo(60, 900); }")
    frame = page.locator(".frame").bounding_box()
    corner = page.locator(".corner").bounding_box()
    head = page.locator("thead th").last.bounding_box()
    row = page.locator("tr.scenario th").last.bounding_box()
    assert frame
    assert corner
    assert head
    assert row
    assert page.locator(".frame").evaluate("frame => frame.scrollTop") > 0
    assert abs(corner["x"] - frame["x"]) < 3
    assert abs(corner["y"] - frame["y"]) < 3
    assert abs(head["y"] - frame["y"]) < 3
    assert abs(row["x"] - frame["x"]) < 3
    assert row["width"] < frame["width"] / 2


def test_a_dialog_fits_a_narrow_screen(open_page: Open, path: Path) -> None:
    page = open_page(path, "#two%2F2.0/host.empty", width=400).page
    expect(page.get_by_role("dialog")).to_contain_text("two/2.0 did so")
    box = page.get_by_role("dialog").bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 400
    assert page.get_by_role("dialog").evaluate("dialog => dialog.scrollWidth <= dialog.clientWidth")


def test_it_is_dark_for_readers_who_prefer_that(open_page: Open, path: Path) -> None:
    colors = [
        open_page(path, color_scheme=scheme).page.evaluate(
            "['body', '.matrix thead th', 'td .fail'].map(name => "
            "getComputedStyle(document.querySelector(name)).backgroundColor)"
        )
        for scheme in ("light", "dark")
    ]
    assert all(light != dark for light, dark in zip(*colors, strict=True))


def test_without_a_script_the_table_is_complete(open_page: Open, path: Path) -> None:
    page = open_page(path, java_script_enabled=False).page
    assert len(names(page)) == len(VERDICTS)
    expect(page.get_by_role("search")).to_be_hidden()
