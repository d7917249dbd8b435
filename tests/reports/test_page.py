"""The page of a run: what it says, that it is one closed file, and that it stays small."""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any

import pytest

from conformance.record import Run
from reports.page import MOST_OPEN, render
from reports.result import result

MakeRun = Callable[..., Run]
Make = Callable[..., dict[str, Any]]

DETAILS = re.compile(r'<details class="scenario" id="([^"]*)"[^>]*data-verdict="([^"]*)"[^>]*?( open)?>')


def test_the_top_says_what_was_tested_and_what_came_of_it(run: MakeRun, finding: Make, target: Make) -> None:
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
        result(whole).sentence,
        "wirecheck 0.1.0",
        "http://127.0.0.1:8888/",
        "https://host:8889/",
        "odd/2",
        "http11",
        "not mounted",
        "Begun 2026-08-21 12:03:11 UTC, took 4.2 s.",
        "<code>patience 2</code> <code>all</code>",
        "<strong>Insecure:</strong> the certificate of tls",
    ):
        assert said in top
    assert "None" not in top


def test_a_scenario_says_all_that_is_known_of_it(run: MakeRun, finding: Make, clause: Make) -> None:
    second = clause(
        id="DOC-SRV-1", source="documented server", section="SRV", keyword="DOC", text="Of it.", link=""
    )
    judged = finding(verdict="FAIL", reason="So it is.", replayed=True, clauses=[clause(), second])
    page = render(run(judged, finding("framing.chunked-body")))
    body = page[page.index("<details") : page.index("</details>")]
    for said in (
        'href="https://www.rfc-editor.org/rfc/rfc9112.html#section-6.1" rel="noreferrer">RFC 9112, 6.1</a>',
        "<strong>MUST</strong> Close the connection after",
        "<p>documented server, SRV <strong>DOC</strong> Of it.",
        "Two readers that trust different lengths",
        "answers 400 and closes the connection",
        "answers 200 and keeps the connection open",
        "So it is.",
        '<a href="#plain/framing.chunked-body"><code>framing.chunked-body</code></a>',
        "In the end, after 0.012 s, the server closed the connection. Played again, alone, to confirm it.",
        "python -m conformance -k framing.te-with-content-length http://127.0.0.1:8888/",
        'href="#plain/framing.te-with-content-length">Link to this scenario',
    ):
        assert said in body


def test_a_control_that_is_not_on_the_page_is_no_link(run: MakeRun, finding: Make) -> None:
    page = render(run(finding()))
    assert "<code>framing.chunked-body</code>" in page
    assert "#plain/framing.chunked-body" not in page


def test_a_clause_links_to_the_web_only(run: MakeRun, finding: Make, clause: Make) -> None:
    page = render(run(finding(clauses=[clause(link="javascript:alert(1)")])))
    assert "javascript" not in page


def test_the_line_that_replays_knows_the_target(run: MakeRun, finding: Make, target: Make) -> None:
    odd = target(url="https://h/?a=1&b", profile="documented", verified=False)
    page = render(run(finding(), targets=[odd]))
    line = "python -m conformance -k framing.te-with-content-length --profile documented --insecure"
    assert f"{line} &#39;https://h/?a=1&amp;b&#39;" in page


@pytest.mark.parametrize(
    ("options", "words"),
    [
        pytest.param({"delivery": "whole", "output": "here"}, "", id="whole"),
        pytest.param({"delivery": "byte"}, " --delivery byte", id="by byte"),
        pytest.param({"delivery": "cut", "seed": "7"}, " --delivery cut --seed 7", id="cut"),
    ],
)
def test_the_line_that_replays_knows_the_delivery(
    run: MakeRun, finding: Make, target: Make, options: dict[str, str], words: str
) -> None:
    page = render(run(finding(), targets=[target(embedded=True)], options=options))
    assert f"python -m conformance -k framing.te-with-content-length{words}</code>" in page


def test_the_line_that_replays_does_not_name_a_server_that_is_gone(
    run: MakeRun, finding: Make, target: Make
) -> None:
    page = render(run(finding(), targets=[target(embedded=True)]))
    assert "python -m conformance -k framing.te-with-content-length</code>" in page


def test_a_finding_of_an_unknown_target_is_shown(run: MakeRun, finding: Make) -> None:
    page = render(run(finding(target="gone")))
    assert "python -m conformance -k framing.te-with-content-length</code>" in page


def test_an_anchor_is_safe_in_an_address(run: MakeRun, finding: Make, target: Make) -> None:
    page = render(run(finding(target='a b/"<é'), targets=[target(name='a b/"<é')]))
    assert 'id="a%20b%2F%22%3C%C3%A9/framing.te-with-content-length"' in page


def test_what_is_wrong_comes_first_and_is_open_when_it_is_little(run: MakeRun, finding: Make) -> None:
    verdicts = ["PASS", "NOT APPLICABLE", "INFO", "WARN", "ERROR", "FAIL"]
    page = render(run(*(finding(f"a.n{index}", verdict) for index, verdict in enumerate(verdicts))))
    assert DETAILS.findall(page) == [
        ("plain/a.n5", "FAIL", " open"),
        ("plain/a.n4", "ERROR", " open"),
        ("plain/a.n3", "WARN", ""),
        ("plain/a.n2", "INFO", ""),
        ("plain/a.n1", "NOT APPLICABLE", ""),
        ("plain/a.n0", "PASS", ""),
    ]


def test_many_failures_stay_closed(run: MakeRun, finding: Make) -> None:
    page = render(run(*(finding(f"a.n{index}", "FAIL") for index in range(MOST_OPEN + 1))))
    assert {opened for _, _, opened in DETAILS.findall(page)} == {""}


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


def test_moments_that_are_none_are_shown_as_they_are(run: MakeRun, finding: Make) -> None:
    assert "Begun yesterday." in render(run(finding(), started="yesterday"))


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


def test_a_green_run_of_five_hundred_scenarios_is_small(run: MakeRun, finding: Make) -> None:
    events = [
        {"at": 0.0, "kind": "connected"},
        {"at": 0.001, "kind": "sent", "size": 600, "data": "X-Field: value\r\n" * 38},
        {"at": 0.002, "kind": "received", "size": 600, "data": "X-Field: value\r\n" * 38},
        {"at": 0.003, "kind": "the end"},
    ]
    found = (finding(f"framing.a-name-of-usual-length-{index}", events=events) for index in range(500))
    assert len(render(run(*found)).encode()) < 2_000_000


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def test_what_was_not_run_is_listed(run: MakeRun, finding: Callable[..., Any]) -> None:
    left = render(run(finding("a.x"), plan=["plain/a.x", "plain/b.<y>"], planned=2))
    assert "<li><code>plain/b.&lt;y&gt;</code></li>" in left
    assert "plain/a.x</code>" not in left
    assert "Not run" not in render(run(finding("a.x"), plan=["plain/a.x"]))
