"""Whatever a server sends, a comparison and a matrix show it and run nothing of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from conformance.record import Run
from tests.browser.conftest import Opened
from tests.browser.tables import a_comparison, a_matrix, a_run
from tests.browser.test_hostile_text import ATTACKS
from tests.reports.conftest import a_clause, a_finding, a_target

Open = Callable[..., Opened]

COUNTED = "document.querySelectorAll('script, img, iframe, link, base, meta, form').length"


def a_hostile_run(folder: Path, word: str, verdict: str) -> Run:
    """Make a run with a text wherever a server or a user has a say."""
    data = word.encode("latin-1", "replace").decode("latin-1")
    events: list[dict[str, Any]] = [
        {"at": 0.1, "kind": "RECEIVED", "size": len(data), "data": data, "cut": 5, "tail": data, "note": word}
    ]
    words: dict[str, Any] = dict.fromkeys(
        ("title", "why", "expected", "observed", "reason", "crash", "ending", "topic"), word
    )
    clauses = [a_clause(**dict.fromkeys(("id", "source", "section", "text", "keyword", "link"), word))]
    return a_run(
        folder,
        a_finding("a.odd", verdict, events=events, clauses=clauses, target=word, **words),
        a_finding(f"a.{word}", "FAIL", events=events, clauses=clauses, target=word, **words),
        targets=[a_target(name=word, url=word, server=word, witness=word)],
        wirecheck=word,
        started=word,
        planned=3,
        valid=False,
    )


def assert_nothing_ran(page: Page, elements: int) -> None:
    assert page.evaluate("window.taken") is None
    assert page.evaluate(COUNTED) == elements
    for address in page.eval_on_selector_all("a", "links => links.map(link => link.href)"):
        assert address.startswith(page.url.partition("#")[0])


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_hostile_text_runs_in_a_matrix(open_page: Open, tmp_path: Path, attack: str) -> None:
    runs = [a_hostile_run(tmp_path, ATTACKS[attack], verdict) for verdict in ("PASS", "FAIL")]
    page = open_page(a_matrix(tmp_path, *runs)).page
    elements = page.evaluate(COUNTED)
    page.locator("td .fail").first.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator(".transcript")).to_be_visible()
    dialog.get_by_role("button", name="Hex").click()
    dialog.locator(".servers button").first.click()
    page.keyboard.press("Escape")
    page.get_by_role("searchbox").fill(ATTACKS[attack])
    page.mouse.move(200, 200)
    assert_nothing_ran(page, elements)


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_hostile_text_runs_in_a_comparison(open_page: Open, tmp_path: Path, attack: str) -> None:
    runs = [a_hostile_run(tmp_path, ATTACKS[attack], verdict) for verdict in ("PASS", "FAIL")]
    page = open_page(a_comparison(tmp_path, *runs)).page
    elements = page.evaluate(COUNTED)
    page.locator(".change summary").first.click()
    expect(page.locator(".sides .transcript")).to_have_count(2)
    page.get_by_role("button", name="Hex").first.click()
    page.get_by_role("searchbox").fill(ATTACKS[attack])
    assert_nothing_ran(page, elements)
