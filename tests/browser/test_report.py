"""The report of a run as its readers use it: filter, address, keyboard, details, views, light and dark."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Opened
from tests.reports.conftest import a_clause, a_finding, a_target

Open = Callable[..., Opened]
Make = Callable[..., Path]

GET = "GET / HTTP/1.1\r\nHost: a.test\r\n\r\n"
ODD = "GET / HTTP/1.1\r\nHost: a.te\x00st\r\nX-Odd: 1\r\n\r\n"
LONG = "HTTP/1.1 200 OK\r\n\r\n" + "x" * 2000
OF_HOST = {
    "id": "RFC9112-3.2-6",
    "source": "RFC 9112",
    "section": "3.2",
    "keyword": "MUST",
    "text": "400 for a malformed Host",
    "link": "https://www.rfc-editor.org/rfc/rfc9112.html#section-3.2",
}


def conversation(sent: str, received: str) -> list[dict[str, Any]]:
    return [
        {"at": 0.0, "kind": "CONNECTED"},
        {"at": 0.001, "kind": "SENT", "size": len(sent), "data": sent},
        {"at": 0.002, "kind": "RECEIVED", "size": len(received), "data": received},
        {"at": 0.003, "kind": "ENDED"},
    ]


@pytest.fixture(scope="module")
def path(make: Make) -> Path:
    """Return the page of a run with something of everything."""
    of_host = [a_clause(**OF_HOST)]
    return make(
        a_finding("basics.get", control=None, title="A plain GET", events=conversation(GET, LONG)),
        a_finding(
            "host.nul",
            "FAIL",
            control="basics.get",
            title="A NUL in Host",
            clauses=of_host,
            events=conversation(ODD, LONG),
            tags=["unclear"],
        ),
        a_finding("host.empty", "FAIL", control="basics.gone", title="An empty Host", clauses=of_host),
        a_finding("host.twice", "WARN", control="basics.get", title="Two Hosts", level="SHOULD"),
        a_finding("te.odd", "NOT APPLICABLE", control="te.even", title="An odd coding", events=[]),
        targets=[a_target(url="http://a.test:8080/", measured=None)],
    )


@pytest.fixture
def opened(open_page: Open, path: Path) -> Opened:
    return open_page(path)


def shown(page: Page) -> list[str]:
    """Return the ids of the scenarios that are in the list."""
    return page.locator(".scenario:not([hidden]) > summary > code").all_text_contents()


def row(page: Page, scenario: str) -> Locator:
    return page.locator(f'[id="plain/{scenario}"]')


def query(page: Page) -> str:
    return page.url.partition("#")[2]


ALL = ["host.nul", "host.empty", "host.twice", "te.odd", "basics.get"]
HOSTS = ["host.nul", "host.empty", "host.twice"]


def test_what_is_wrong_comes_first_and_is_open(opened: Opened) -> None:
    assert shown(opened.page) == ALL
    expect(row(opened.page, "host.nul")).to_have_attribute("open", "")
    expect(row(opened.page, "host.nul").locator(".transcript")).to_be_visible()
    expect(opened.page.locator("#shown")).to_have_text("All 5 shown")


@pytest.mark.parametrize(
    ("act", "ids", "address"),
    [
        (lambda page: page.get_by_label("FAIL 2").check(), ["host.nul", "host.empty"], "?verdict=FAIL"),
        (lambda page: page.get_by_label("SHOULD 1").check(), ["host.twice"], "?level=SHOULD"),
        (lambda page: page.locator("select[name=topic]").select_option("host"), HOSTS, "?topic=host"),
        (
            lambda page: page.locator("select[name=tag]").select_option("unclear"),
            ["host.nul"],
            "?tag=unclear",
        ),
        (
            lambda page: page.get_by_role("searchbox", name="Text").fill("NUL in"),
            ["host.nul"],
            "?text=NUL+in",
        ),
        (
            lambda page: page.get_by_label("Requirement").fill("RFC9112-3"),
            ["host.nul", "host.empty"],
            "?clause=RFC9112-3",
        ),
    ],
    ids=["verdict", "level", "topic", "tag", "text", "requirement"],
)
def test_the_filter_narrows_the_list_and_is_in_the_address(
    opened: Opened, act: Callable[[Page], object], ids: list[str], address: str
) -> None:
    act(opened.page)
    assert shown(opened.page) == ids
    assert query(opened.page) == address
    expect(opened.page.locator("#shown")).to_have_text(f"{len(ids)} of 5 shown")


def test_an_address_with_a_filter_filters(open_page: Open, path: Path) -> None:
    page = open_page(path, "#?verdict=FAIL&verdict=WARN&topic=host&text=host.&tag=nobody-knows-it").page
    assert shown(page) == HOSTS
    expect(page.get_by_label("FAIL 2")).to_be_in_viewport()
    expect(page.get_by_label("FAIL 2")).to_be_checked()
    expect(page.get_by_role("searchbox", name="Text")).to_have_value("host.")
    page.get_by_role("button", name="Clear filter").click()
    assert shown(page) == ALL
    assert query(page) == "scenarios"


@pytest.mark.parametrize("clause", ["RFC9112-3.2", "rfc9112-3.2-6", "RFC9112"])
def test_a_requirement_is_a_clause_or_a_section(opened: Opened, clause: str) -> None:
    opened.go(f"?clause={clause}")
    expect(opened.page.locator("#shown")).not_to_have_text("0 of 5 shown")
    opened.go("?clause=RFC9112-3.2-")
    expect(opened.page.locator("#shown")).to_have_text("0 of 5 shown")
    opened.go("?clause=RFC9112-3.20")
    expect(opened.page.locator("#shown")).to_have_text("0 of 5 shown")


def test_counts_lead_to_what_they_count(opened: Opened) -> None:
    opened.page.get_by_role("region", name="Counts by topic").get_by_role("link", name="host").click()
    expect(opened.page.locator("#shown")).to_have_text("3 of 5 shown")
    opened.page.locator(".totals a", has_text="WARN").click()
    expect(opened.page.locator("#shown")).to_have_text("1 of 5 shown")


def test_a_permalink_opens_its_scenario_whatever_the_filter(open_page: Open, path: Path) -> None:
    opened = open_page(path, "#plain/basics.get")
    found = row(opened.page, "basics.get")
    expect(found).to_have_attribute("open", "")
    expect(found.locator("summary")).to_be_focused()
    expect(found.locator("summary")).to_be_in_viewport()
    opened.go("?verdict=FAIL")
    expect(found).to_be_hidden()
    opened.go("plain/basics.get")
    expect(found).to_be_visible()
    found.get_by_role("link", name="Link to this scenario").click()
    assert query(opened.page) == "plain/basics.get"


def test_a_scenario_has_everything_that_is_known_about_it(opened: Opened) -> None:
    body = row(opened.page, "host.nul").locator(".body")
    for said in (
        "RFC 9112, 3.2 MUST 400 for a malformed Host RFC9112-3.2-6",
        "Two readers that trust different lengths",
        "answers 400 and closes the connection",
        "answers 200 and keeps the connection open",
        "After 0.012 s, the server closed the connection.",
        "python -m conformance replay host.nul http://a.test:8080/",
        r"(printf 'GET / HTTP/1.1\r\nHost: a.te\000st\r\nX-Odd: 1\r\n\r\n'; sleep 2) | nc a.test 8080",
    ):
        expect(body).to_contain_text(said)
    expect(body.get_by_role("link", name="RFC 9112, 3.2")).to_have_attribute("href", OF_HOST["link"])
    body.get_by_role("link", name="unclear").click()
    expect(opened.page.locator("#shown")).to_have_text("1 of 5 shown")


def test_a_crash_at_the_top_leads_to_its_scenario(open_page: Open, make: Make) -> None:
    found = a_finding("host.nul", "FAIL", crash="exited with code 7", title="A NUL in Host")
    others = [a_finding(f"a.n{number}", "FAIL") for number in range(6)]
    page = open_page(make(*others, found)).page
    crashes = page.get_by_role("list", name="Crashes")
    expect(crashes).to_have_text("host.nul crashed the target: it exited with code 7.")
    assert shown(page)[0] == "host.nul"
    crashes.get_by_role("link").click()
    body = row(page, "host.nul").locator(".body")
    expect(body).to_contain_text("Crash")
    expect(body).to_contain_text("The target exited with code 7.")
    expect(body.locator(".transcript")).to_be_visible()


def test_details_are_built_when_a_scenario_is_opened(opened: Opened) -> None:
    found = row(opened.page, "basics.get")
    expect(found.locator(".body")).to_have_count(0)
    found.locator("summary").click()
    expect(found.locator(".transcript tbody tr")).to_have_count(4)


def test_bytes_are_shown_as_text_and_as_hex_and_long_ones_folded(opened: Opened) -> None:
    transcript = row(opened.page, "host.nul").locator(".transcript")
    sent = transcript.locator("tr.sent pre")
    expect(sent).to_have_text("GET / HTTP/1.1\\r\\n\nHost: a.te\\x00st\\r\\n\nX-Odd: 1\\r\\n\n\\r\\n\n")
    received = transcript.locator("tr.received pre")
    assert len(received.inner_text()) < 1200
    transcript.get_by_role("button", name="Show 995 more bytes").click()
    assert len(received.inner_text()) > 2000
    hexed = transcript.get_by_role("button", name="Hex")
    hexed.click()
    expect(hexed).to_have_attribute("aria-pressed", "true")
    expect(sent).to_contain_text("000010  48 6f 73 74 3a 20 61 2e 74 65 00 73 74 0d 0a 58  Host: a.te.st..X")
    hexed.click()
    expect(sent).to_contain_text("a.te\\x00st")


def test_the_control_stands_beside_with_the_difference_marked(opened: Opened) -> None:
    beside = row(opened.page, "host.nul").locator(".beside")
    expect(beside).to_contain_text("basics.get, the well-formed control: answers 200")
    control, ours = beside.locator(".side").all()
    assert control.locator(".differs").all_text_contents() == ["≠differs: Host: a.test\\r\\n"]
    assert ours.locator(".differs").all_text_contents() == [
        "≠differs: Host: a.te\\x00st\\r\\n",
        "+differs: X-Odd: 1\\r\\n",
    ]
    assert ours.locator("mark").all_text_contents() == ["\\x00"]
    assert control.locator("mark").all_text_contents() == []
    left, right = control.bounding_box(), ours.bounding_box()
    assert left is not None
    assert right is not None
    assert left["y"] == right["y"], "side by side where there is room"
    beside.get_by_role("link", name="basics.get").click()
    expect(row(opened.page, "basics.get")).to_have_attribute("open", "")


def test_the_control_stands_above_where_it_is_narrow(open_page: Open, path: Path) -> None:
    page = open_page(path, width=400).page
    control, ours = row(page, "host.nul").locator(".side").all()
    above, below = control.bounding_box(), ours.bounding_box()
    assert above is not None
    assert below is not None
    assert above["x"] == below["x"]
    assert above["y"] + above["height"] <= below["y"]


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        ("host.empty", "The well-formed control, basics.gone, is not in this run."),
        ("te.odd", "Nothing was sent."),
    ],
)
def test_the_page_says_what_is_missing(opened: Opened, scenario: str, said: str) -> None:
    opened.go(f"plain/{scenario}")
    expect(row(opened.page, scenario)).to_contain_text(said)


def test_the_keyboard_is_enough(opened: Opened) -> None:
    page = opened.page

    def focused() -> str:
        return str(page.evaluate("document.activeElement.closest('details')?.id"))

    page.keyboard.press("j")
    assert focused() == "plain/host.nul"
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    assert focused() == "plain/host.twice"
    page.keyboard.press("Enter")
    expect(row(page, "host.twice").locator(".body .transcript")).to_be_visible()
    page.keyboard.press("Space")
    expect(row(page, "host.twice")).not_to_have_attribute("open", "")
    page.keyboard.press("k")
    assert focused() == "plain/host.empty"
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Text")).to_be_focused()
    page.keyboard.type("odd j/?")
    expect(page.get_by_role("searchbox", name="Text")).to_have_value("odd j/?")
    page.get_by_role("searchbox", name="Text").fill("odd cod")
    page.keyboard.press("Escape")
    assert focused() == "plain/te.odd"
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys")).to_be_hidden()
    page.keyboard.press("s")
    expect(page.get_by_role("heading", name="Specifications")).to_be_visible()
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Text")).to_be_focused()


def test_the_first_tab_leads_to_the_scenarios(opened: Opened) -> None:
    opened.page.keyboard.press("Tab")
    skip = opened.page.get_by_role("link", name="Skip to the scenarios")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    opened.page.keyboard.press("Enter")
    expect(opened.page.get_by_role("heading", name="Scenarios")).to_be_focused()


def test_all_that_is_shown_opens_and_closes_at_once(opened: Opened) -> None:
    opened.page.get_by_role("button", name="Open all").click()
    expect(opened.page.locator(".scenario[open] .body .permalink")).to_have_count(5)
    opened.page.get_by_role("button", name="Close all").click()
    expect(opened.page.locator(".scenario[open]")).to_have_count(0)


def test_a_command_can_be_copied(open_page: Open, path: Path) -> None:
    page = open_page(path, permissions=["clipboard-read", "clipboard-write"]).page
    copy = row(page, "host.nul").get_by_role("button", name="Copy the command")
    copy.click()
    expect(copy).to_have_text(re.compile("Copied|Selected"))
    assert page.evaluate("getSelection().toString()").startswith("python -m conformance replay host.nul")


def test_the_specification_leads_to_the_scenarios_of_a_rule(opened: Opened) -> None:
    page = opened.page
    page.get_by_role("link", name="By specification").click()
    expect(page.get_by_role("heading", name="RFC 9112")).to_be_visible()
    expect(page.locator("#by-scenario")).to_be_hidden()
    section = page.locator('[id="specification/RFC 9112/3.2"]')
    expect(section.locator("summary")).to_contain_text("3.2 Request Target")
    expect(section.locator("summary")).to_contain_text("FAIL 2")
    section.locator("summary").click()
    expect(section.get_by_role("link", name="Read RFC 9112, 3.2")).to_have_attribute(
        "href", re.compile("rfc9112.html#section-3.2$")
    )
    section.get_by_role("link", name="2 FAIL of RFC9112-3.2-6").click()
    expect(page.locator("#by-specification")).to_be_hidden()
    assert shown(page) == ["host.nul", "host.empty"]
    page.go_back()
    expect(page.locator("#by-specification")).to_be_visible()


def test_the_specification_says_which_rules_have_no_check_and_why(opened: Opened) -> None:
    opened.go("specification/RFC 9110/5.6.7")
    section = opened.page.locator('[id="specification/RFC 9110/5.6.7"]')
    expect(section).to_have_attribute("open", "")
    expect(section).to_contain_text("No check: conditional requests are not tested yet.")
    expect(section).to_contain_text("Nothing in this run exercises it.")
    opened.page.get_by_label("Without a check").check()
    assert opened.page.locator('[id="specification/RFC 9112/3.2"]').count() == 0
    opened.page.get_by_label("With failures or warnings").check()
    assert opened.page.locator("details.section").count() == 2


def test_sections_stand_in_the_order_of_the_specification(opened: Opened) -> None:
    opened.go("specification")
    rfc9112 = opened.page.locator("#by-specification .list").first
    expect(rfc9112).to_be_visible()
    numbers = rfc9112.locator(".section-number").all_text_contents()
    parts = [tuple(int(part) for part in number.split(".")) for number in numbers if number[0].isdigit()]
    assert parts == sorted(parts)
    assert len(parts) > 30


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_contrasts_with_its_background(open_page: Open, path: Path, scheme: str) -> None:
    opened = open_page(path, color_scheme=scheme)
    opened.page.get_by_role("button", name="Open all").click()
    expect(opened.page.locator(".scenario[open] .body .permalink")).to_have_count(5)
    assert opened.page.evaluate(CONTRASTS) == []
    opened.go("specification/RFC 9112/3.2")
    expect(opened.page.locator('[id="specification/RFC 9112/3.2"] .body')).to_be_visible()
    assert opened.page.evaluate(CONTRASTS) == []


def test_the_colour_scheme_is_the_reader_s(open_page: Open, path: Path) -> None:
    grounds = [
        open_page(path, color_scheme=scheme).page.evaluate("getComputedStyle(document.body).backgroundColor")
        for scheme in ("light", "dark")
    ]
    assert grounds[0] != grounds[1]


@pytest.mark.parametrize("width", [400, 1280])
def test_nothing_is_wider_than_the_window(open_page: Open, path: Path, width: int) -> None:
    opened = open_page(path, width=width)
    opened.page.get_by_role("button", name="Open all").click()
    expect(opened.page.locator(".scenario[open] .body .permalink")).to_have_count(5)
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width
    opened.go("specification/RFC 9112/3.2")
    expect(opened.page.locator('[id="specification/RFC 9112/3.2"] .body')).to_be_visible()
    assert opened.page.evaluate("document.documentElement.scrollWidth") <= width


def test_without_a_script_the_list_and_what_is_wrong_can_be_read(open_page: Open, path: Path) -> None:
    page = open_page(path, java_script_enabled=False).page
    assert shown(page) == ALL
    expect(page.get_by_role("searchbox", name="Text")).to_be_hidden()
    expect(row(page, "host.nul")).to_contain_text("answers 400 and closes the connection")
    expect(row(page, "host.nul")).to_contain_text("answers 200 and keeps the connection open")


def test_a_report_of_thousands_of_scenarios_is_soon_there(open_page: Open, make: Make) -> None:
    targets = [a_target(name=f"target-{number}") for number in range(6)]
    path = make(
        *(
            a_finding(f"framing.odd-{number}", target=target["name"], control="framing.odd-0")
            for number in range(371)
            for target in targets
        ),
        targets=targets,
    )
    page = open_page(path).page
    # Not with expect(), which describes the whole of such a page whenever it has to wait.
    assert page.locator("#shown").text_content() == "All 2226 shown"
    assert page.locator(".body").count() == 0, "details are not made ahead"
    page.get_by_role("searchbox", name="Text").fill("odd-370")
    assert page.locator("#shown").text_content() == "6 of 2226 shown"
    page.evaluate("location.hash = 'target-5/framing.odd-200'")
    page.locator('[id="target-5/framing.odd-200"] .transcript').wait_for()
    assert page.locator("#shown").text_content() == "All 2226 shown"
    page.get_by_role("button", name="Open all").click()
    assert page.locator("#shown").text_content() == "Opened the first 100 of 2226"


# For each text its colour against what is behind it (WCAG 2.2, 1.4.3): those below AA, as words.
CONTRASTS = """() => {
  const parsed = (text) => text.match(/[\\d.]+/g).map(Number);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const [r, g, b, alpha = 1] = parsed(getComputedStyle(at).backgroundColor);
      if (alpha === 1) return [r, g, b];
    }
    return [255, 255, 255];
  };
  const low = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode.parentElement;
    const isText = walker.currentNode.textContent.trim() && !node.closest(".unseen, script");
    if (!isText || !node.checkVisibility()) continue;
    const style = getComputedStyle(node);
    const [a, b] = [light(parsed(style.color).slice(0, 3)), light(ground(node))].sort((x, y) => y - x);
    const contrast = (a + 0.05) / (b + 0.05);
    const [size, weight] = [parseFloat(style.fontSize), Number(style.fontWeight)];
    const isLarge = size >= 24 || (size >= 18.66 && weight >= 700);
    if (contrast < (isLarge ? 3 : 4.5)) low.add(`${node.tagName}.${node.className} ${contrast.toFixed(2)}`);
  }
  return [...low];
}"""
