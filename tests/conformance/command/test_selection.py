"""Terms select checks; a term that matches nothing is an error that suggests similar words."""

from pathlib import Path

import pytest

from clients.steps import ASIDE, RESET, Handshake, Step
from conformance.clauses import Level
from conformance.command.selection import select
from conformance.errors import BadUsage
from conformance.invariants.rules import INVARIANTS
from conformance.scenarios import SCENARIOS
from conformance.tags import Tag, framed_clearly, tags
from tests.conformance.builders import clause, scenario

GET = b"GET <witness> HTTP/1.1\r\nHost: <host>\r\n\r\n"
POST = b"POST <witness> HTTP/1.1\r\nHost: <host>\r\n"

CHECKS = (
    scenario("host.missing", send=(b"GET <witness> HTTP/1.1\r\n\r\n",)),
    scenario("host.empty", clause=clause(Level.SHOULD), send=(b"GET / HTTP/1.1\r\nHost:\r\n\r\n",)),
    scenario("tls.get", send=(Handshake(), GET)),
    scenario("limits.line", send=(b"GET <size>/1 HTTP/1.1\r\nHost: <host>\r\n\r\n",)),
    scenario("pipelining.reset", send=(GET, RESET, GET)),
    scenario("pipelining.two", send=(GET, GET)),
    scenario("pipelining.three", send=(GET, GET, GET)),
)

PIPELINED = "pipelining.reset pipelining.two pipelining.three"


def chosen(*only: str, skip: tuple[str, ...] = (), safe: bool = False) -> str:
    return " ".join(check.id for check in select(CHECKS, only=only, skip=skip, safe=safe))


@pytest.mark.parametrize(
    ("only", "ids"),
    [
        pytest.param([], "host.missing host.empty tls.get limits.line " + PIPELINED, id="all"),
        pytest.param(["host.empty"], "host.empty", id="an id"),
        pytest.param(["host.*"], "host.missing host.empty", id="a glob"),
        pytest.param(["*.[er]*"], "host.empty pipelining.reset", id="a set of letters"),
        pytest.param(["topic:host"], "host.missing host.empty", id="a topic"),
        pytest.param(["id:tls.get"], "tls.get", id="an id, named as one"),
        pytest.param(["level:should"], "host.empty", id="a level"),
        pytest.param(["need:tls"], "tls.get", id="a need"),
        pytest.param(["need:*"], "tls.get limits.line", id="any need"),
        pytest.param(["tag:resets"], "pipelining.reset", id="a tag"),
        pytest.param(
            ["tls.get", "host.empty"], "host.empty tls.get", id="two terms, in the order of the corpus"
        ),
    ],
)
def test_terms_select(only: list[str], ids: str) -> None:
    assert chosen(*only) == ids


def test_skipped_checks_are_left_out() -> None:
    assert chosen(skip=("topic:host", "pipelining.*")) == "tls.get limits.line"
    assert chosen("topic:host", skip=("level:should",)) == "host.missing"


def test_a_safe_run_has_no_check_with_a_tag() -> None:
    assert chosen(safe=True) == "host.missing host.empty tls.get pipelining.two pipelining.three"
    assert chosen("pipelining.*", safe=True) == "pipelining.two pipelining.three"


def test_every_clause_of_a_scenario_selects_it() -> None:
    for clause_id in ("RFC9112-6.1-13", "RFC9112-6.1-12"):
        selected = select(SCENARIOS, only=[f"clause:{clause_id}"])
        assert "framing.te-with-content-length" in {check.id for check in selected}
        assert all(clause_id in {clause.id for clause in check.clauses} for check in selected)


def test_a_file_holds_terms(tmp_path: Path) -> None:
    path = tmp_path / "terms.txt"
    path.write_text("# those that we broke\n\n  tls.get \ntopic:limits\n")
    assert chosen(f"@{path}") == "tls.get limits.line"
    assert chosen(skip=(f"@{path}", "topic:pipelining")) == "host.missing host.empty"


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(
            "host.emty\n", "line 1: 'host.emty' matches nothing; did you mean host.empty", id="a wrong id"
        ),
        pytest.param("host.*\n\n@more\n", "line 3: '@more' matches nothing", id="another file"),
        pytest.param("# nothing\n", " has no terms, so it selects nothing", id="no terms"),
        pytest.param("\udcff", " cannot be read: 'utf-8' codec", id="not UTF-8"),
    ],
)
def test_an_error_in_a_file_names_its_line(content: str, sentence: str, tmp_path: Path) -> None:
    path = tmp_path / "terms.txt"
    path.write_text(content, errors="surrogateescape")
    with pytest.raises(BadUsage) as caught:
        chosen(f"@{path}")
    assert str(path) in str(caught.value)
    assert sentence in str(caught.value)


def test_a_file_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match=r"cannot be read: .*No such file"):
        chosen(skip=(f"@{tmp_path / 'none'}",))


@pytest.mark.parametrize(
    ("term", "sentence"),
    [
        pytest.param("host.emty", "'host.emty' matches nothing; did you mean host.empty", id="an id"),
        pytest.param("hosts.*", "'hosts.*' matches nothing; did you mean host.* or tls.*?", id="a glob"),
        pytest.param("topic:Host", "'topic:Host' matches nothing; use host, limits, ", id="a topic"),
        pytest.param("level:musst", "'level:musst' matches nothing; use must or should", id="a level"),
        pytest.param("", "'' matches nothing", id="nothing"),
        pytest.param(
            "topics:host",
            "'topics:host' is not a valid term: unknown kind 'topics' (use id, topic, ",
            id="a kind",
        ),
    ],
)
@pytest.mark.parametrize("option", ["only", "skip"])
def test_a_term_that_matches_nothing_is_an_error_with_suggestions(
    term: str, sentence: str, option: str
) -> None:
    with pytest.raises(BadUsage) as caught:
        select(CHECKS, only=[term]) if option == "only" else select(CHECKS, skip=[term])
    assert str(caught.value).startswith(sentence)


def test_leaving_out_everything_is_an_error() -> None:
    for only, skip, safe in (([], ["*"], False), (["tag:resets"], [], True)):
        with pytest.raises(BadUsage, match="--skip and --safe exclude every selected scenario"):
            select(CHECKS, only=only, skip=skip, safe=safe)


# Tags


@pytest.mark.parametrize(
    ("send", "expected"),
    [
        pytest.param((GET,), [], id="a GET"),
        pytest.param((GET, RESET, GET), [Tag.RESETS], id="a reset"),
        pytest.param((GET, ASIDE, GET), [Tag.HOLDS], id="a second connection"),
        pytest.param((POST + b"X: " + b"a" * 17_000 + b"\r\n\r\n",), [Tag.LARGE], id="much"),
        pytest.param((POST + b"Content-Length: <length>\r\n\r\n", b"body"), [], id="a length filled in"),
        pytest.param((POST + b"Content-Length: 5, 6\r\n\r\n", b"body"), [Tag.UNCLEAR], id="two lengths"),
        pytest.param(
            (GET, RESET, POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\n", RESET, GET),
            [Tag.RESETS, Tag.UNCLEAR],
            id="two lengths on a connection between",
        ),
    ],
)
def test_tags_follow_from_what_is_sent(send: tuple[Step, ...], expected: list[Tag]) -> None:
    assert tags(scenario("a.b", send=send)) == set(expected)


def test_a_scenario_about_limits_is_large_even_if_it_is_short() -> None:
    assert tags(scenario("limits.of-lines")) == {Tag.LARGE}


def test_an_invariant_has_no_tags() -> None:
    assert not any(tags(check) for check in INVARIANTS)


def test_only_controls_with_chunk_extensions_are_unclear() -> None:
    controls = {scenario.control for scenario in SCENARIOS if scenario.control}
    unclear = {check.id for check in SCENARIOS if check.id in controls and Tag.UNCLEAR in tags(check)}
    assert all("extension" in scenario_id for scenario_id in unclear), unclear


CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(GET + GET, id="no bodies"),
        pytest.param(b"garbage", id="garbage without a body"),
        pytest.param(POST + b"Content-Length: 4\r\n\r\nbody" + GET, id="a length"),
        pytest.param(POST + b"content-length:\t4 \r\n\r\nbody" + GET, id="a length, oddly written"),
        pytest.param(POST + b"Content-Length: 4\r\n\r\nbo", id="cut off in the body"),
        pytest.param(CHUNKED + b"4\r\nbody\r\n0\r\n\r\n" + GET, id="chunks"),
        pytest.param(CHUNKED + b"4\r\nbody\r\n0\r\nA: b\r\n\r\n" + GET, id="chunks and trailers"),
        pytest.param(CHUNKED + b"4\r\nbo", id="cut off in a chunk"),
        pytest.param(CHUNKED, id="cut off before the chunks"),
        pytest.param(POST + b"Content-Length: 0\r\n\r\n" + b"\x00", id="garbage after it"),
    ],
)
def test_bytes_with_one_reading_are_clear(sent: bytes) -> None:
    assert framed_clearly(sent)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(POST + b"Content-Length: +4\r\n\r\nbody", id="a sign"),
        pytest.param(POST + b"Content-Length : 4\r\n\r\nbody", id="white space before the colon"),
        pytest.param(POST + b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody", id="two lengths"),
        pytest.param(POST + b"Content-Length: 4\n\r\nbody", id="bare LF"),
        pytest.param(POST + b"Content_Length: 4\r\n\r\nbody", id="a name like it"),
        pytest.param(POST + b"X: y\r\n Content-Length: 4\r\n\r\nbody", id="a fold"),
        pytest.param(POST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", id="both"),
        pytest.param(POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", id="two codings"),
        pytest.param(b"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="HTTP/1.0"),
        pytest.param(CHUNKED + b"4;a\r\nbody\r\n0\r\n\r\n", id="an extension"),
        pytest.param(CHUNKED + b"4\r\nbodyX\r\n0\r\n\r\n", id="data too long"),
        pytest.param(CHUNKED + b"4\nbody\r\n0\r\n\r\n", id="bare LF after a size"),
        pytest.param(CHUNKED + b"0\r\nContent-Length: 5\r\n\r\n", id="a length in the trailers"),
        pytest.param(CHUNKED + b"0\r\nA : b\r\n\r\n", id="odd trailers"),
        pytest.param(GET + b" " + POST + b"Content-Length: 4\r\n\r\nbody", id="after something else"),
    ],
)
def test_bytes_with_two_readings_are_not_clear(sent: bytes) -> None:
    assert not framed_clearly(sent)
