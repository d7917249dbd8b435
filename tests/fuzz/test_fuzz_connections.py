"""The fuzzing of whole connections: a short one finds nothing in the server, and finds what is broken."""

from random import Random

import pytest

from tests.fuzz import fuzz_connections
from tests.fuzz.judge import Reply, compare, problems
from tests.fuzz.messages import Message, broken, mutated, right
from tests.fuzz.streams import Due, Stream, draw, due

GET = Message(b"GET / HTTP/1.1\r\nHost: h\r\n\r\n", target=b"/", served=True, persists=True)
LAST = Message(b"GET / HTTP/1.0\r\n\r\n", target=b"/", served=True)
FAULTY = Message(b"GET\r\n\r\n", refused=True)
UNCLEAR = Message(b"HEAD / HTT", fault="mutated")

_ECHO = (
    b'{"method": "GET", "target": "/", "body": {"length": 0, "sha256": '
    b'"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}                '
)
OK = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(_ECHO), _ECHO)
ERROR = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno"


def stream(*messages: Message) -> Stream:
    return Stream(messages, (b"".join(each.octets for each in messages),), cut=False)


def wrong(
    octets: bytes, *messages: Message, closed_first: bool = False, ended: bool = True, profile: str = "http11"
) -> str:
    sent = stream(*messages)
    return "; ".join(problems(sent, due(sent), Reply(octets, closed_first, ended), profile))


# The command


def test_a_short_run_finds_no_difference(capsys: pytest.CaptureFixture[str]) -> None:
    assert fuzz_connections.main(["--seconds", "60", "--streams", "150", "--seed", "7"]) == 0
    said = capsys.readouterr().out
    assert "http11: 150 streams" in said
    assert "documented: 150 streams" in said
    assert said.count(" 0 differences; ") == 2


@pytest.mark.parametrize(
    ("mutant", "profile"),
    [
        ("method-in-any-case", "http11"),
        ("chunk-of-one-octet-dropped", "http11"),
        ("chunk-size-in-lower-case-alone", "http11"),
        ("connection-is-a-list", "documented"),
    ],
)
def test_a_broken_rule_is_found(mutant: str, profile: str, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--streams", "400", "--differences", "1", "--profile", profile, "--mutant", mutant]
    assert fuzz_connections.main(arguments) == 1
    assert f"{profile}, stream " in capsys.readouterr().out


# The streams


@pytest.mark.parametrize("profile", ["http11", "documented"])
def test_a_seed_makes_the_same_streams_again(profile: str) -> None:
    def streams(seed: int) -> list[Stream]:
        return [draw(Random(f"{seed} {number}"), profile) for number in range(50)]

    assert streams(1) == streams(1)
    assert streams(1) != streams(2)


@pytest.mark.parametrize("profile", ["http11", "documented"])
def test_streams_are_of_every_kind(profile: str) -> None:
    streams = [draw(Random(number), profile) for number in range(1000)]
    assert {each.cut for each in streams} == {True, False}
    assert any(len(each.pieces) > 1 for each in streams)
    found = [due(each) for each in streams]
    for kind in ("refused", "closes", "known"):
        assert {getattr(each, kind) for each in found} == {True, False}
    assert {len(each.served) for each in found} >= {0, 1, 2, 3, 4}


@pytest.mark.parametrize("profile", ["http11", "documented"])
def test_what_is_due_for_a_message_is_one_thing_or_unknown(profile: str) -> None:
    chance = Random(1)
    for _ in range(200):
        assert right(chance, profile).served
        assert broken(chance, profile).refused
        assert not mutated(chance, profile).known


# What is due


def test_answers_are_due_until_a_request_ends_the_connection() -> None:
    assert due(stream(GET, GET)) == Due((GET, GET), refused=False, closes=False, known=True)
    assert due(stream(GET, LAST, GET)) == Due((GET, LAST), refused=False, closes=True, known=True)
    assert due(stream(GET, FAULTY, GET)) == Due((GET,), refused=True, closes=True, known=True)
    assert due(stream(GET, UNCLEAR, GET)) == Due((GET,), refused=False, closes=False, known=False)


# What is wrong


def test_what_is_due_is_right() -> None:
    assert not wrong(OK + OK, GET, GET)
    assert not wrong(OK + OK, GET, LAST, GET, closed_first=True)
    assert not wrong(OK + ERROR, GET, FAULTY, GET, closed_first=True)
    assert not wrong(OK, GET, FAULTY, closed_first=True, profile="documented")
    assert not wrong(OK + ERROR, GET, UNCLEAR)
    assert not wrong(OK, GET, UNCLEAR)


@pytest.mark.parametrize(
    ("octets", "messages", "closed_first", "said"),
    [
        (OK, (GET, GET), False, "2 answers are due, 1 came"),
        (OK + OK + OK, (GET, GET), False, "2 answers are due, 3 came"),
        (OK, (GET,), True, "the server closed the connection"),
        (OK, (LAST,), False, "the server kept the connection open"),
        (OK + OK, (GET, FAULTY), True, "the request with a fault was answered 200"),
        (OK + b"garbage", (GET,), False, "7 octets are not a response"),
        (OK[:-1], (GET,), False, "response 1 is not complete"),
        (OK.replace(b"\r\n", b"\n", 1), (GET,), False, "a line that ends in LF alone"),
        (ERROR + OK, (GET, GET), False, "response 1 says that the connection ends, and another follows"),
        (OK.replace(b'"GET"', b'"PUT"'), (GET,), False, "answer 1 shows"),
        (ERROR, (GET,), False, "answer 1 is 400 to a right request"),
        (b"", (GET, UNCLEAR), False, "answers may come, 0 came"),
    ],
)
def test_what_is_not_due_is_said(
    octets: bytes, messages: tuple[Message, ...], closed_first: bool, said: str
) -> None:
    assert said in wrong(octets, *messages, closed_first=closed_first)


def test_a_server_has_to_close_in_the_end() -> None:
    assert "did not close" in wrong(OK, GET, ended=False)


def test_the_response_to_head_has_no_content_even_where_the_method_is_unclear() -> None:
    assert not wrong(OK + ERROR[:-2], GET, UNCLEAR)
    assert wrong(OK + ERROR[:-2], GET, Message(b"GET / HTT", fault="mutated"))


def test_pieces_must_not_change_what_comes_back() -> None:
    sent = stream(GET, UNCLEAR)
    one, other = Reply(OK + ERROR, True, True), Reply(OK, False, True)
    assert list(compare(sent, one, one)) == []
    (said,) = compare(sent, one, other)
    assert said.startswith("answer 2 depends on the pieces")
