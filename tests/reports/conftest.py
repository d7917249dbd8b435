"""Builds records of runs by hand, each line checked against the published schema, and hostile text."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import conformance
from conformance import record
from reports.run.publish import JOB_SUMMARY

Values = dict[str, Any]

# What a server may send to take over a page, a data block, an XML file, a terminal or a page of Markdown.
HOSTILE = (
    '<script>alert(1)</script></script><img src=x onerror=alert(1)><!-- ]]> <![CDATA[ "\' onclick="alert(1) '
    "&lt;b&gt; {{ 7*7 }} \x1b[31mred\x1b]0;title\x07\x9b2J\u202egnp.exe\u2066\u200b\x00\x7f"
    "\r\n\t\ud800\ufeff\u2028</td></tr></table> | a \\| b `code` ``` ~~~ [x](https://evil.test) "
    "![i](//evil.test/i) <https://evil.test> https://evil.test www.evil.test me@evil.test @everyone #1 GH-1 "
    ":x: **b** ~~s~~ &#64;\\"
)


@pytest.fixture(autouse=True)
def _no_job(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep these tests from writing to the page of the job that runs them."""
    monkeypatch.delenv(JOB_SUMMARY, raising=False)


@pytest.fixture
def hostile() -> str:
    return HOSTILE


@pytest.fixture
def target() -> Callable[..., Values]:
    return a_target


@pytest.fixture
def finding() -> Callable[..., Values]:
    return a_finding


@pytest.fixture
def clause() -> Callable[..., Values]:
    return a_clause


@pytest.fixture(name="schema")
def the_schema() -> jsonschema.Draft202012Validator:
    return schema()


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a record, and return where it is."""

    def write(*findings: Values, footer: bool = True, valid: bool = True, **header: Any) -> Path:
        path = tmp_path / "run.jsonl"
        path.write_text(as_text(lines(findings, footer=footer, valid=valid, header=header)))
        return path

    return write


@pytest.fixture
def run(write: Callable[..., Path]) -> Callable[..., record.Run]:
    """Write a record and read it again."""

    def run(*findings: Values, changes: Values | None = None, **header: Any) -> record.Run:
        whole = record.read(write(*findings, **header))
        if whole.footer is None:
            return whole
        changed: Any = {**whole.footer, **(changes or {})}
        schema().validate(changed)
        return replace(whole, footer=changed)

    return run


def lines(
    findings: tuple[Values, ...], *, footer: bool = True, valid: bool = True, header: Values
) -> list[Values]:
    """Return the lines of a record. valid: whether they are as the schema says, which is checked."""
    planned = sum(not found["added"] for found in findings)
    record_lines = [a_header(**({"planned": planned} | header)), *findings]
    if footer:
        record_lines.append(a_footer(findings))
    for line in record_lines if valid else ():
        schema().validate(line)
    return record_lines


def as_text(lines: list[Values]) -> str:
    return "".join(json.dumps(line) + "\n" for line in lines)


@cache
def schema() -> jsonschema.Draft202012Validator:
    path = Path(conformance.__file__).with_name("record.schema.json")
    return jsonschema.Draft202012Validator(json.loads(path.read_text()))


def a_header(**changes: Any) -> Values:
    return {
        "type": "header",
        "format": record.FORMAT,
        "wirecheck": "0.1.0",
        "started": "2026-08-21T12:03:11.250+00:00",
        "targets": [a_target()],
        "options": {},
        "planned": 1,
        "plan": [],
    } | changes


def a_target(**changes: Any) -> Values:
    return {
        "name": "plain",
        "url": "http://127.0.0.1:8888/",
        "profile": "http11",
        "witness": "/witness",
        "capabilities": ["witness"],
        "server": "example/1.0",
        "verified": None,
        "embedded": False,
        "second_opinion": "",
    } | changes


def a_clause(**changes: Any) -> Values:
    return {
        "id": "RFC9112-6.1-13",
        "source": "RFC 9112",
        "section": "6.1",
        "keyword": "MUST",
        "text": "Close the connection after a request with both Transfer-Encoding and Content-Length",
        "link": "https://www.rfc-editor.org/rfc/rfc9112.html#section-6.1",
    } | changes


def a_finding(
    scenario: str = "framing.te-with-content-length", verdict: str = "PASS", **changes: Any
) -> Values:
    return {
        "type": "finding",
        "scenario": scenario,
        "title": "Transfer-Encoding and Content-Length in one request",
        "topic": scenario.partition(".")[0],
        "tags": [],
        "target": "plain",
        "level": "MUST",
        "clauses": [a_clause()],
        "risk": None,
        "why": "Two readers that trust different lengths disagree on where the next request starts.",
        "control": "framing.chunked-body",
        "verdict": verdict,
        "expected": "answers 400 and closes the connection",
        "observed": "answers 200 and keeps the connection open",
        "reason": "the witness is not mounted" if verdict == "NOT APPLICABLE" else "",
        "replayed": False,
        "crash": None,
        "added": False,
        "seconds": 0.0123,
        "ending": "FIN",
        "events": [
            {"at": 0.0, "kind": "CONNECTED"},
            {"at": 0.0002, "kind": "SENT", "size": 20, "data": "GET / HTTP/1.1\r\n\r\n\x00\xff"},
            {"at": 0.0101, "kind": "RECEIVED", "size": 19, "data": "HTTP/1.1 200 OK\r\n\r\n"},
            {"at": 0.0123, "kind": "ENDED"},
        ],
    } | changes


def a_footer(findings: tuple[Values, ...], **changes: Any) -> Values:
    verdicts = [found["verdict"] for found in findings]
    return {
        "type": "footer",
        "ended": "2026-08-21T12:03:15.500+00:00",
        "counts": {verdict: verdicts.count(verdict) for verdict in verdicts},
        "exit_code": 1 if "FAIL" in verdicts else 0,
        "note": "",
        "complete": True,
        "crashes": [],
    } | changes
