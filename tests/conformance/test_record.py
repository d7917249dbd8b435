"""The record: every line is as the schema says, nothing is lost, and what is not a record is a sentence."""

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import conformance
from clients.steps import ASIDE, RESET
from clients.transcript import Ending, Event, Kind, Transcript
from conformance.clauses import DOC, RFC9112
from conformance.judging.model import Finding, Verdict
from conformance.record import BadRecord, Run, Writer, read
from conformance.record_lines import CrashLine, FindingLine, Footer, TargetLine
from tests.conformance.builders import finding, received, scenario, sent, transcript

TARGET: TargetLine = {
    "name": "plain",
    "url": "http://a.test/",
    "profile": "http11",
    "witness": None,
    "capabilities": [],
    "server": "\x1b[2J\xff",
    "verified": None,
    "embedded": False,
    "second_opinion": "",
}

ALL_BYTES = bytes(range(256))


@cache
def schema() -> jsonschema.Draft202012Validator:
    path = Path(conformance.__file__).with_name("record.schema.json")
    return jsonschema.Draft202012Validator(
        json.loads(path.read_text()), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )


Write = Callable[..., Path]


@pytest.fixture(name="record")
def _record(tmp_path: Path) -> Write:
    """Write a complete record with the findings; it is valid line by line."""

    def record(*findings: Finding, footer: bool = True) -> Path:
        path = tmp_path / "folder" / "run.jsonl"
        with Writer(path) as writer:
            writer.header(version="1.0", targets=[TARGET], options={"k": "x"}, planned=len(findings))
            for each in findings:
                writer.finding(each)
            if footer:
                writer.footer(exit_code=0, complete=True)
        for line in path.read_text(encoding="utf-8").splitlines():
            schema().validate(json.loads(line))
        return path

    return record


def only(run: Run) -> FindingLine:
    (line,) = run.findings
    return line


def footer_of(run: Run) -> Footer:
    assert run.footer is not None
    return run.footer


def test_the_header_says_what_was_tested_and_how(record: Write) -> None:
    header = read(record(finding())).header
    assert header["started"].endswith("+00:00")
    assert header == {
        "type": "header",
        "format": 3,
        "wirecheck": "1.0",
        "started": header["started"],
        "targets": [TARGET],
        "options": {"k": "x"},
        "planned": 1,
        "plan": [],
    }


def test_the_footer_says_how_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    crashes: list[CrashLine] = [
        {"target": "plain", "how": "exited with code 7", "scenario": "a.b"},
        {"target": "plain", "how": "stopped answering", "scenario": None},
    ]
    with Writer(path) as writer:
        writer.header(version="1.0", targets=[TARGET], options={}, planned=3)
        for verdict in (Verdict.FAIL, Verdict.PASS, Verdict.FAIL):
            writer.finding(finding(verdict=verdict))
        writer.footer(exit_code=1, note="It was slow.", complete=False, crashes=crashes)
    footer = footer_of(read(path))
    schema().validate(footer)
    assert footer == {
        "type": "footer",
        "ended": footer["ended"],
        "counts": {"FAIL": 2, "PASS": 1},
        "exit_code": 1,
        "note": "It was slow.",
        "complete": False,
        "crashes": crashes,
    }


def test_a_finding_has_its_tags(record: Write) -> None:
    aborts = scenario(send=(b"GET", RESET, b"GET", ASIDE, b"GET"))
    assert only(read(record(finding(check=aborts))))["tags"] == ["holds", "resets"]


def test_a_finding_is_whole(record: Write) -> None:
    original = finding(
        check=scenario("topic.odd", clause=(RFC9112["6.1-13"], RFC9112["2.2-2"]), control="topic.even"),
        verdict=Verdict.WARN,
        reason="tolerated",
        replayed=True,
        seconds=0.12345678,
        transcript=transcript(sent(b"GET"), Event(0.5, Kind.SEND_FAILED, note="Broken pipe")),
    )
    line = only(read(record(original)))
    first, second = line["clauses"]
    assert (first["id"], first["keyword"]) == ("RFC9112-6.1-13", "MUST")
    assert (first["source"], first["section"]) == ("RFC 9112", "6.1")
    assert first["link"] == "https://www.rfc-editor.org/rfc/rfc9112.html#section-6.1"
    assert first["text"] == RFC9112["6.1-13"].text
    assert second["id"] == "RFC9112-2.2-2"
    whole: dict[str, Any] = {
        "type": "finding",
        "scenario": "topic.odd",
        "title": "A plain GET",
        "topic": "topic",
        "tags": [],
        "target": "plain",
        "level": "MUST",
        "clauses": [first, second],
        "risk": None,
        "why": "Without it, nothing works.",
        "control": "topic.even",
        "verdict": "WARN",
        "expected": "The server answers 200.",
        "observed": "The server answered 200 and kept the connection open.",
        "reason": "tolerated",
        "replayed": True,
        "crash": None,
        "added": False,
        "seconds": 0.123457,
        "ending": "FIN",
        "events": [
            {"at": 0.0, "kind": "CONNECTED"},
            {"at": 0.1, "kind": "SENT", "size": 3, "data": "GET"},
            {"at": 0.5, "kind": "SEND_FAILED", "note": "Broken pipe"},
        ],
    }
    assert dict(line) == whole


def test_a_finding_says_how_it_crashed_the_target_and_why_it_was_in_the_run(record: Write) -> None:
    crash = replace(finding(verdict=Verdict.FAIL), crash="exited with code 7", added=True)
    line = only(read(record(crash)))
    assert (line["crash"], line["added"]) == ("exited with code 7", True)


@pytest.mark.parametrize("verdict", Verdict)
def test_every_verdict_is_valid(record: Write, verdict: Verdict) -> None:
    assert only(read(record(finding(verdict=verdict))))["verdict"] == verdict.value


@pytest.mark.parametrize("ending", Ending)
def test_every_ending_is_valid(record: Write, ending: Ending) -> None:
    line = only(read(record(finding(transcript=transcript(ending=ending)))))
    assert line["ending"] == ending.name


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_event_is_valid(record: Write, kind: Kind) -> None:
    line = only(read(record(finding(transcript=Transcript((Event(0.0, kind),), Ending.FIN)))))
    assert line["events"] == [{"at": 0.0, "kind": kind.name}]


def test_a_finding_without_a_transcript_is_valid(record: Write) -> None:
    line = only(read(record(finding(transcript=None, verdict=Verdict.NOT_APPLICABLE))))
    assert (line["ending"], line["events"]) == ("", [])


def test_a_clause_without_a_link_is_valid(record: Write) -> None:
    line = only(read(record(finding(check=scenario(clause=DOC["SRV-1"])))))
    assert line["clauses"][0]["link"] == ""


def test_all_bytes_survive(record: Write) -> None:
    line = only(read(record(finding(transcript=transcript(sent(ALL_BYTES), received(ALL_BYTES[::-1]))))))
    data = [event["data"].encode("latin-1") for event in line["events"] if "data" in event]
    assert data == [ALL_BYTES, ALL_BYTES[::-1]]


def test_hostile_sentences_survive_on_one_line(record: Write) -> None:
    hostile = "\x00\r\n\x1b[2J\u2028\ud800\u202e\x85"
    path = record(finding(observed=hostile, reason=hostile))
    assert only(read(path))["observed"] == hostile
    assert path.read_bytes().isascii()
    assert path.read_bytes().count(b"\n") == 3


@pytest.mark.parametrize("size", [0, 1, 4095, 4096])
def test_data_is_whole_up_to_a_limit(record: Write, size: int) -> None:
    event = only(read(record(finding(transcript=transcript(received(b"x" * size))))))["events"][-1]
    assert (event.get("size", 0), event.get("data", "")) == (size, "x" * size)
    assert not {"cut", "tail"} & event.keys()


@pytest.mark.parametrize("size", [4097, 5000, 1_000_000])
def test_longer_data_is_cut_in_the_middle(record: Write, size: int) -> None:
    data = b"".join(b"%07d\n" % number for number in range(size // 8 + 1))[:size]
    event = only(read(record(finding(transcript=transcript(received(data))))))["events"][-1]
    begin, end = event["data"].encode("latin-1"), event["tail"].encode("latin-1")
    assert data.startswith(begin)
    assert data.endswith(end)
    assert len(begin) + len(end) == 4096
    assert (event["size"], event["cut"]) == (size, size - 4096)


def test_each_line_is_on_disk_before_the_next_one(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Writer(path) as writer:
        writer.header(version="1.0", targets=[TARGET], options={}, planned=2)
        assert read(path).findings == ()
        writer.finding(finding())
        assert len(read(path).findings) == 1
        writer.finding(finding(verdict=Verdict.FAIL))
        assert read(path).counts == {"PASS": 1, "FAIL": 1}
        assert writer.counts == {Verdict.PASS: 1, Verdict.FAIL: 1}
        assert read(path).footer is None


def test_an_older_record_is_replaced(record: Write) -> None:
    record(finding(), finding())
    assert len(read(record(finding())).findings) == 1


def test_the_file_is_closed_at_the_end_of_the_block(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "run.jsonl")
    with writer:
        writer.header(version="1.0", targets=[TARGET], options={}, planned=2)
    with pytest.raises(ValueError, match="closed file"):
        writer.footer(exit_code=0, complete=True)
    assert read(tmp_path / "run.jsonl").footer is None


# Records that are not whole


def test_a_record_without_a_footer_is_read(record: Write) -> None:
    run = read(record(finding(), finding(), footer=False))
    assert run.footer is None
    assert len(run.findings) == 2


@pytest.mark.parametrize("kept", [1, 10, 100, -1])
def test_half_a_last_line_is_left_out(record: Write, kept: int) -> None:
    path = record(finding(), finding(), footer=False)
    *lines, last = path.read_text().splitlines(keepends=True)
    path.write_text("".join(lines) + last[: kept if kept > 0 else len(last) - 2])
    run = read(path)
    assert (len(run.findings), run.footer) == (1, None)


def test_a_last_line_without_its_line_end_is_kept(record: Write) -> None:
    path = record(finding())
    path.write_text(path.read_text().rstrip("\n"))
    assert read(path).footer is not None


def test_a_record_with_other_line_ends_is_read(record: Write) -> None:
    path = record(finding())
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(read(path).findings) == 1


HEADER = '{"type": "header", "format": 3, "wirecheck": "1", "started": "", "targets": [], "options": {}, '
WHOLE_HEADER = HEADER + '"planned": 0, "plan": []}\n'
OLD_HEADER = WHOLE_HEADER.replace('"format": 3', '"format": 1')
BEGINNING = "is not a wirecheck record: it does not begin with a header"
NEITHER = ", line 2: neither a header, a finding nor a footer"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        pytest.param("", f" {BEGINNING}", id="an empty file"),
        pytest.param("\n\n", f" {BEGINNING}", id="empty lines"),
        pytest.param(WHOLE_HEADER[:50], f" {BEGINNING}", id="half a header"),
        pytest.param('{"type": "finding"}\n', f" {BEGINNING}", id="a finding first"),
        pytest.param(
            WHOLE_HEADER.replace('"format": 3', '"format": 4'),
            " has format 4; this wirecheck reads formats 1, 2 and 3",
            id="another format",
        ),
        pytest.param(
            '{"type": "header"}\n',
            " has format None; this wirecheck reads formats 1, 2 and 3",
            id="no format",
        ),
        pytest.param(
            '{"type": "header", "format": 3, "wirecheck": "1", "targets": [], "options": {}}\n',
            " is not a wirecheck record: its header lacks plan, planned, started",
            id="a header that lacks something",
        ),
        pytest.param(
            OLD_HEADER + '{"type": "finding", "scenario": "a.b", "target": "plain", "verdict": "PASS"}\n',
            " is not a record of format 1: KeyError('observed')",
            id="an older finding that lacks something",
        ),
        pytest.param(
            OLD_HEADER.replace("[]", "5", 1),
            " is not a record of format 1: TypeError(\"'int' object is not iterable\")",
            id="an older header with a number for its targets",
        ),
        pytest.param(
            WHOLE_HEADER + "oops\n",
            ", line 2: Expecting value: line 1 column 1 (char 0)",
            id="a line that is not JSON",
        ),
        pytest.param(WHOLE_HEADER + "[1]\n", NEITHER, id="a list"),
        pytest.param(WHOLE_HEADER + "1\n", NEITHER, id="a number"),
        pytest.param(WHOLE_HEADER + "null\n", NEITHER, id="null"),
        pytest.param(WHOLE_HEADER + "{}\n", NEITHER, id="an object without type"),
        pytest.param(WHOLE_HEADER + '{"type": "other"}\n', NEITHER, id="another type"),
        pytest.param(WHOLE_HEADER + '{"type": ["header"]}\n', NEITHER, id="a list for the type"),
        pytest.param(WHOLE_HEADER + '{"type": {}}\n', NEITHER, id="an object for the type"),
    ],
)
def test_a_file_that_is_not_a_record_is_a_sentence(tmp_path: Path, text: str, sentence: str) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(text)
    with pytest.raises(BadRecord) as caught:
        read(path)
    assert str(caught.value) == f"{path}{sentence}"


def test_a_line_too_deep_to_be_read_is_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(WHOLE_HEADER + "[" * 100_000 + "\n")
    with pytest.raises(BadRecord, match=r", line 2: "):
        read(path)


def test_a_bad_line_in_the_middle_is_named(record: Write) -> None:
    path = record(finding(), finding(), finding())
    lines = path.read_text().splitlines(keepends=True)
    lines[2] = lines[2][:-10] + "\n"
    path.write_text("".join(lines))
    with pytest.raises(BadRecord, match=r", line 3: "):
        read(path)


@pytest.mark.parametrize("data", [b"\xff\xfe\x00\x01", b"\x89PNG\r\n\x1a\n"], ids=["not text", "a picture"])
def test_a_file_that_is_not_text_is_a_sentence(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "run.jsonl"
    path.write_bytes(data)
    with pytest.raises(BadRecord, match=r" cannot be read: "):
        read(path)


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadRecord, match=r"none\.jsonl cannot be read: .*No such file"):
        read(tmp_path / "none.jsonl")


def test_a_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadRecord, match=r" cannot be read: "):
        read(tmp_path)


def test_what_was_planned_and_not_judged_is_named(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    judged = finding()
    plan = [f"{judged.target}/{judged.check.id}", "plain/another"]
    with Writer(path) as writer:
        writer.header(version="1.0", targets=[TARGET], options={}, planned=2, plan=plan)
        writer.finding(judged)
    schema().validate(json.loads(path.read_text().splitlines()[0]))
    assert read(path).not_run == ("plain/another",)
