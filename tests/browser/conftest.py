"""Opens reports in a headless Chromium, and watches for everything that a page must not do.

Needs Debian's chromium, or another that CHROMIUM names; none is downloaded.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, Request, sync_playwright

from conformance.record import read
from reports.run.page import render
from tests.reports.conftest import as_text, lines

CHROMIUM = shutil.which(os.environ.get("CHROMIUM", "chromium"))
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# Milliseconds after which a page is believed to be stuck.
PATIENCE = 10_000

Values = dict[str, Any]


@dataclass
class Opened:
    """A page, and what it did that it must not do: in words, empty when all is well."""

    page: Page
    wrongs: list[str] = field(default_factory=list)

    def go(self, fragment: str) -> None:
        """Follow a link to a place of the page, and wait until the place is shown."""
        self.page.evaluate("(fragment) => { location.hash = fragment; }", fragment)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, so that the other tests can do without."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    assert CHROMIUM is not None, "chromium is missing; apt-get install chromium, or name one in CHROMIUM"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., Opened]]:
    """Open a file, watched; when the test is over, nothing wrong may have been seen."""
    contexts, watched = [], []

    def open_page(path: Path, fragment: str = "", *, width: int = 1280, **settings: Any) -> Opened:
        context = browser.new_context(viewport={"width": width, "height": 900}, **settings)
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        opened = Opened(context.new_page())
        watched.append(opened)
        _watch(opened, path)
        opened.page.goto(f"{path.as_uri()}{fragment}")
        if settings.get("java_script_enabled", True):
            opened.page.wait_for_selector("html[data-ready]", state="attached")
        return opened

    yield open_page
    wrongs = [wrong for opened in watched for wrong in (*opened.wrongs, *_violations(opened.page))]
    for context in contexts:
        context.close()
    assert wrongs == []


def _watch(opened: Opened, path: Path) -> None:
    """Note every dialog, error, message and request of a page, and every breach of its policy."""
    page, wrongs = opened.page, opened.wrongs

    def note_dialog(dialog: Dialog) -> None:
        wrongs.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def note_request(request: Request) -> None:
        if request.url.partition("#")[0] != path.as_uri():
            wrongs.append(f"request: {request.url}")

    page.on("dialog", note_dialog)
    page.on("request", note_request)
    page.on("console", lambda message: wrongs.append(f"console: {message.text}"))
    page.on("pageerror", lambda error: wrongs.append(f"error: {error}"))
    page.on("popup", lambda popup: wrongs.append(f"popup: {popup.url}"))
    page.add_init_script(
        "window.violations = [];"
        "document.addEventListener('securitypolicyviolation',"
        " (event) => window.violations.push(`${event.violatedDirective}: ${event.blockedURI}`));"
    )


def _violations(page: Page) -> list[str]:
    return [f"policy: {violation}" for violation in page.evaluate("window.violations ?? []")]


@pytest.fixture(scope="session")
def make(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write the page of a record with the findings. valid: whether it is as the schema says."""

    def make(*findings: Values, valid: bool = True, **header: Any) -> Path:
        folder = tmp_path_factory.mktemp("report")
        record, page = folder / "run.jsonl", folder / "report.html"
        record.write_text(as_text(lines(findings, valid=valid, header=header)))
        page.write_text(render(read(record)), encoding="utf-8")
        return page

    return make
