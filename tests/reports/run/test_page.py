"""The page of a run: what it says, that it is one closed file, and that it stays small."""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any

from conformance.record import Run
from reports.run.page import MOST_OPEN, render
from reports.run.result import result_of

MakeRun = Callable[..., Run]
Make = Callable[..., Any]

DETAILS = re.compile(
    r'<details class="scenario" id="([^"]*)"[^>]*?( open)?><summary><span class="badge [^>]*>([A-Z ]+)<'
)


def test_the_top_says_what_was_tested_and_the_result(run: MakeRun, finding: Make, target: Make) -> None:
    targets = [
        target(),
        target(name="tls", url="https://host:8889/", verified=False, server="odd/2", witness=None),
    ]
    whole = run(
        finding(), finding(target="tls"), targets=targets, options={"patience": 2, "ca": None, "all": True}
    )
    page = render(whole)
    top = page[: page.index('id="counts"')]
    for said in (
        result_of(whole).sentence,
        "wirecheck 0.1.0",
        "http://127.0.0.1:8888/",
        "https://host:8889/",
        "odd/2",
        "http11",
        "not mounted",
        "Started 2026-08-21 12:03:11 UTC, took 4.2 s.",
        "<code>patience 2</code> <code>all</code>",
        "<strong>Insecure:</strong> the certificate of tls",
    ):
        assert said in top
    assert "None" not in top


def test_the_page_says_what_was_measured_and_the_pace(run: MakeRun, finding: Make, target: Make) -> None:
    targets = [
        target(measured={"median": 0.0017, "slowest": 0.0054, "connections": 16}),
        target(name="other", measured=None, embedded=True),
    ]
    page = render(run(finding(), targets=targets, options={"pace": "quiet is 0.25 s", "delivery": "whole"}))
    assert (
        '<td class="measured">answers in 1.7 ms, the slowest in 5.4 ms, 16 connections at once</td>' in page
    )
    assert '<td class="measured">nothing</td>' in page
    assert "Pace: quiet is 0.25 s." in page
    assert "<code>delivery whole</code>" in page
    assert "<code>pace" not in page
    assert page.count("started for the run</span>") == 1


def test_a_record_without_measurements_has_no_column_for_them(run: MakeRun, finding: Make) -> None:
    assert "Measured before the run" not in render(run(finding()))


def test_what_is_wrong_can_be_read_without_a_script(run: MakeRun, finding: Make) -> None:
    page = render(run(finding(verdict="FAIL", reason="So it is."), finding("a.x"), finding("a.y", "WARN")))
    rows = re.findall(r"<details.*?</details>", page)
    for row in rows[:2]:
        for said in ("answers 400 and closes the connection", "answers 200 and keeps the connection open"):
            assert f"<dd>{said}</dd>" in row
    assert "<dd>So it is.</dd>" in rows[0]
    assert "keeps the connection open" not in rows[2]
    for name, row in zip(("framing.te-with-content-length", "a.y", "a.x"), rows, strict=True):
        assert "Transfer-Encoding and Content-Length in one request</span>" in row
        assert f"<code>{name}</code>" in row


def test_an_anchor_is_safe_in_an_address(run: MakeRun, finding: Make, target: Make) -> None:
    page = render(run(finding(target='a b/"<é'), targets=[target(name='a b/"<é')]))
    assert 'id="a%20b%2F%22%3C%C3%A9/framing.te-with-content-length"' in page


def test_failures_come_first_and_are_open_when_they_are_few(run: MakeRun, finding: Make) -> None:
    verdicts = ["PASS", "NOT APPLICABLE", "INFO", "WARN", "ERROR", "FAIL"]
    page = render(run(*(finding(f"a.n{index}", verdict) for index, verdict in enumerate(verdicts))))
    assert DETAILS.findall(page) == [
        ("plain/a.n5", " open", "FAIL"),
        ("plain/a.n4", " open", "ERROR"),
        ("plain/a.n3", "", "WARN"),
        ("plain/a.n2", "", "INFO"),
        ("plain/a.n1", "", "NOT APPLICABLE"),
        ("plain/a.n0", "", "PASS"),
    ]


def test_many_failures_stay_closed(run: MakeRun, finding: Make) -> None:
    page = render(run(*(finding(f"a.n{index}", "FAIL") for index in range(MOST_OPEN + 1))))
    assert {opened for _, opened, _ in DETAILS.findall(page)} == {""}


def test_the_counts_are_those_of_the_record(run: MakeRun, finding: Make) -> None:
    page = render(
        run(
            finding("b.x"),
            finding("b.y", "FAIL"),
            finding("a.x", level="SHOULD"),
            finding("b.z", level="MAY"),
        )
    )
    rows = re.findall(r'<th scope="row"><a href="#\?([^"]*)">.*?</svg></td>(.*?)</tr>', page)
    cells = {query: re.findall(r">(\d+)<", row) for query, row in rows}
    assert cells == {
        "topic=a": ["1", "0", "1"],
        "topic=b": ["2", "1", "3"],
        "level=MUST": ["1", "1", "2"],
        "level=SHOULD": ["1", "0", "1"],
        "level=MAY": ["1", "0", "1"],
    }
    bars = re.findall(r'<rect class="([a-z-]+)" x="([\d.]+)" width="([\d.]+)"', page)
    assert bars[1:3] == [("pass", "0.0", "66.67"), ("fail", "66.67", "33.33")]
    assert re.findall(r'name="verdict" value="(\w+)">\w+ <span class="quiet">(\d+)', page) == [
        ("PASS", "3"),
        ("FAIL", "1"),
    ]


def test_a_run_that_was_cut_off_says_so(run: MakeRun, finding: Make) -> None:
    page = render(run(finding(), planned=120, footer=False))
    assert "The run was cut off: 1 of 120 scenarios were judged." in page
    assert ", took" not in page


def test_a_run_without_findings_is_a_page(run: MakeRun) -> None:
    page = render(run(planned=0, changes={"note": "The server refused the connection.", "exit_code": 6}))
    assert "Nothing was verified." in page
    assert "The server refused the connection." in page
    assert "The record holds no findings." in page


def test_a_moment_that_is_not_a_time_is_shown_as_it_is(run: MakeRun, finding: Make) -> None:
    assert "Started yesterday." in render(run(finding(), started="yesterday"))


def test_the_policy_names_the_style_and_the_script_and_nothing_else(run: MakeRun, finding: Make) -> None:
    page = render(run(finding()))
    (style,) = re.findall(r"<style>(.*?)</style>", page, re.DOTALL)
    (script,) = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    (policy,) = re.findall(r'<meta http-equiv="Content-Security-Policy" content="([^"]*)">', page)
    assert policy.replace("&#39;", "'").split("; ") == [
        "default-src 'none'",
        f"style-src '{_hash(style)}'",
        f"script-src '{_hash(script)}'",
        "base-uri 'none'",
        "form-action 'none'",
    ]


def test_nothing_is_fetched_and_nothing_is_styled_or_run_inline(run: MakeRun, finding: Make) -> None:
    page = render(run(finding()))
    assert not re.findall(r"<[^>]*\s(src|srcset|style|on\w+|action|poster|data)=", page)
    assert not re.findall(r"<(link|img|iframe|object|base|embed)\b", page)
    assert "url(" not in page
    assert "@import" not in page
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch("):
        assert forbidden not in page


def test_a_green_run_of_thousands_is_small(run: MakeRun, finding: Make, target: Make) -> None:
    # As dense as a real run: each answer has a digest of its own, each scenario is played on six targets.
    targets = [target(name=f"target-{number}") for number in range(6)]
    found = [
        finding(
            f"framing.a-name-of-usual-length-{number}",
            title=f"A title that says what is odd about it: number {number}",
            target=place["name"],
            events=_conversation(number),
        )
        for number in range(370)
        for place in targets
    ]
    assert len(found) == 2220
    assert len(render(run(*found, targets=targets)).encode()) < 2_000_000


def _conversation(number: int) -> list[dict[str, Any]]:
    digest = hashlib.sha256(str(number).encode()).hexdigest()
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: 600\r\n\r\n{digest}" + "X-Field: value\r\n" * 38
    return [
        {"at": 0.0, "kind": "CONNECTED"},
        {"at": 0.001 + number / 1e6, "kind": "SENT", "size": 600, "data": f"X-{number}: value\r\n" * 40},
        {"at": 0.002 + number / 1e6, "kind": "RECEIVED", "size": len(answer), "data": answer},
        {"at": 0.003, "kind": "ENDED"},
    ]


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_what_was_not_run_is_listed(run: MakeRun, finding: Callable[..., Any]) -> None:
    left = render(run(finding("a.x"), plan=["plain/a.x", "plain/b.<y>"], planned=2))
    assert "<li><code>plain/b.&lt;y&gt;</code></li>" in left
    assert "plain/a.x</code>" not in left
    assert "Not run" not in render(run(finding("a.x"), plan=["plain/a.x"]))
