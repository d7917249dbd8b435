"""From a scenario to what is played: pairs, placeholders, methods, and the whole way to a server."""

import threading
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import pytest

from clients.conversation import Patience
from clients.steps import HALF_CLOSE, PAUSE, RESET, Await, Handshake, Identity
from conformance.judging.model import Need, Scenario, Verdict
from conformance.judging.outcomes import answers, closes, in_turn
from conformance.running.pairs import Pair, converse, pair_up
from conformance.running.player import Player
from conformance.running.runner import Runner
from conformance.targets.pace import Pace
from conformance.targets.target import Target, locate
from tests.conformance.builders import (
    OK,
    clause,
    response,
    scenario,
    secured_endpoint,
    target,
)
from tests.conformance.scripted_server import Peer, always, free_port, serving, silent, then_close

BRIEF = Patience(quiet=0.02, silence=0.2, whole=5.0)
HURRIED = Pace(first=BRIEF, confirming=BRIEF)

PLAIN = target(offers=frozenset({Need.WITNESS}))
TLS = target(name="tls", endpoint=secured_endpoint(), offers=frozenset({Need.WITNESS, Need.TLS}))
MUTUAL = target(
    name="mutual",
    offers=frozenset({Need.WITNESS, Need.TLS, Need.CLIENT_CERTIFICATE}),
    reserved_for=Need.CLIENT_CERTIFICATE,
)
DOCUMENTED = target(name="documented", profile="documented")
BARE = target(name="bare")


def needing(*needs: Need) -> Scenario:
    return scenario("a.b", needs=frozenset(needs))


PLAIN_SCENARIO = needing()
OF_THE_DOCUMENT = scenario("a.b", clause=clause(profile="documented"))


@pytest.mark.parametrize(
    ("targets", "paired", "expected"),
    [
        pytest.param([PLAIN], PLAIN_SCENARIO, ["plain"], id="one target"),
        pytest.param([PLAIN, TLS], PLAIN_SCENARIO, ["plain", "tls"], id="every target that is fit"),
        pytest.param([TLS, PLAIN], PLAIN_SCENARIO, ["tls", "plain"], id="in the order of the targets"),
        pytest.param([PLAIN, TLS], needing(Need.TLS), ["tls"], id="only where the need is met"),
        pytest.param(
            [PLAIN, TLS, MUTUAL], needing(Need.TLS), ["tls"], id="not on a target for something else"
        ),
        pytest.param(
            [PLAIN, TLS, MUTUAL], needing(Need.CLIENT_CERTIFICATE), ["mutual"], id="on the target for it"
        ),
        pytest.param(
            [PLAIN, TLS], needing(Need.CLIENT_CERTIFICATE), ["plain"], id="on the first, not applicable"
        ),
        pytest.param([PLAIN, DOCUMENTED], PLAIN_SCENARIO, ["plain"], id="of its profile"),
        pytest.param([PLAIN, DOCUMENTED], OF_THE_DOCUMENT, ["documented"], id="of the other profile"),
        pytest.param([PLAIN], OF_THE_DOCUMENT, [], id="no target of the profile"),
        pytest.param([], PLAIN_SCENARIO, [], id="no target at all"),
        pytest.param([BARE, PLAIN], needing(Need.WITNESS), ["plain"], id="not on the first, if another fits"),
        pytest.param([BARE], needing(Need.WITNESS), ["bare"], id="not applicable on the only one"),
        pytest.param([MUTUAL], PLAIN_SCENARIO, ["mutual"], id="reserved, but the only one"),
    ],
)
def test_a_scenario_is_paired(targets: list[Target], paired: Scenario, expected: list[str]) -> None:
    assert [pair.target.name for pair in pair_up(targets, [paired])] == expected


def test_pairs_are_grouped_by_target_and_keep_the_order_of_scenarios() -> None:
    pairs = pair_up([PLAIN, TLS], [scenario("a.one"), scenario("a.two")])
    assert [pair.id for pair in pairs] == ["plain/a.one", "plain/a.two", "tls/a.one", "tls/a.two"]


# What is played


def test_placeholders_are_filled_in_and_other_steps_kept() -> None:
    send = (b"GET <witness>?n=1 HTTP/1.1\r\nHost: <host>\r\n\r\n", PAUSE, b"<origin>", HALF_CLOSE)
    played = converse(target(witness=b"/w"), scenario(send=send))
    first = b"GET /w/echo?n=1 HTTP/1.1\r\nHost: a.test\r\n\r\n"
    assert played.steps == (first, PAUSE, b"http://a.test", HALF_CLOSE)


@pytest.mark.parametrize(
    ("send", "length"),
    [
        pytest.param((b"POST\r\nContent-Length: <length>\r\n\r\nhello",), b"5", id="one step"),
        pytest.param((b"POST\r\nContent-Length: <length>\r\n\r\n", PAUSE, b"he", b"llo"), b"5", id="several"),
        pytest.param((b"POST\r\nContent-Length: <length>\r\n\r\n",), b"0", id="no content"),
        pytest.param((b"POST\r\nContent-Length: <length>\r\n\r\na\r\n\r\nb",), b"6", id="empty lines in it"),
        pytest.param((b"POST\r\nContent-Length: <length>\r\n\r\n<host>",), b"6", id="a placeholder in it"),
    ],
)
def test_the_length_is_that_of_what_follows_the_first_head(send: tuple[Any, ...], length: bytes) -> None:
    played = converse(target(), scenario(send=send))
    assert isinstance(played.steps[0], bytes)
    assert b"Content-Length: " + length + b"\r\n" in played.steps[0]


def test_the_date_is_now() -> None:
    earliest = datetime.now(UTC).replace(microsecond=0)
    played = converse(target(), scenario(send=(b"GET / HTTP/1.1\r\nDate: <date>\r\n\r\n",)))
    assert isinstance(played.steps[0], bytes)
    date = parsedate_to_datetime(played.steps[0].split(b"\r\n")[1].removeprefix(b"Date: ").decode())
    assert earliest <= date <= datetime.now(UTC)


def test_methods_are_those_of_the_requests() -> None:
    send = (b"HEAD <witness> HTTP/1.1\r\n\r\n", Await.RESPONSE, b"POST <witness> HTTP/1.1\r\n\r\n")
    assert converse(target(), scenario(send=send)).methods == (b"HEAD", b"POST")


def test_methods_are_those_of_the_last_connection() -> None:
    send = (b"HEAD <witness> HTTP/1.1\r\n\r\n", RESET, b"GET <witness> HTTP/1.1\r\n\r\n")
    assert converse(target(), scenario(send=send)).methods == (b"GET",)


def test_the_driver_waits_for_the_answers_that_are_wanted() -> None:
    two = scenario(accept=in_turn(answers(200), answers(200)))
    assert converse(target(), two).answers == 2
    assert converse(target(), scenario(accept=closes)).answers == 0


def test_the_follow_up_is_the_targets() -> None:
    made = target(witness=b"/w")
    assert converse(made, scenario()).follow_up == made.follow_up()


# The whole way; who says "close" is not sent a follow-up, which could be met with a reset

REFUSAL = response(400, b"", b"Connection: close")
BREAKDOWN = response(500, b"", b"Connection: close")


def test_a_server_that_does_as_it_should_passes() -> None:
    with serving(always(OK)) as server, Runner({}, pace=HURRIED) as runner:
        (found,) = runner.findings([Pair(locate(server.url), scenario())])
    assert (found.verdict, found.replayed) == (Verdict.PASS, False)
    assert found.observed == "The server answered 200 and kept the connection open."
    # The last one asks whether the server has lived through it.
    assert [request.split()[1] for request in server.requests] == [b"/", b"/?follow-up", b"/"]


def test_a_server_that_fails_once_is_given_a_second_chance() -> None:
    with (
        serving(then_close(REFUSAL), always(OK)) as server,
        Runner({}, pace=Pace(confirming=BRIEF)) as runner,
    ):
        (found,) = runner.findings([Pair(locate(server.url), scenario())])
    assert (found.verdict, found.replayed) == (Verdict.PASS, True)
    assert found.reason.endswith("at first it was FAIL: The server answered 400 and closed the connection.")
    assert server.connections == 3  # one of them asks whether it has lived through the first


def test_a_server_that_fails_twice_fails() -> None:
    with serving(then_close(REFUSAL), always(OK), then_close(BREAKDOWN), always(OK)) as server:
        with Runner({}, pace=HURRIED) as runner:
            (found,) = runner.findings([Pair(locate(server.url), scenario())])
        assert server.connections == 4  # two of them ask whether it has lived through the others
    assert (found.verdict, found.replayed) == (Verdict.FAIL, True)
    assert found.observed == "The server answered 500 and closed the connection."


def test_each_pair_is_played_once_among_many() -> None:
    scenarios = [
        scenario(f"a.n{number}", send=(b"GET /%d HTTP/1.1\r\nHost: <host>\r\n\r\n" % number,))
        for number in range(40)
    ]
    with serving(always(OK)) as server, Runner({}) as runner:
        pairs = pair_up([locate(server.url)], scenarios)
        assert {found.verdict for found in runner.findings(pairs)} == {Verdict.PASS}
    asked = [request.split()[1] for request in server.requests if b"?follow-up" not in request]
    # The last one asks whether the server has lived through it.
    assert sorted(asked) == sorted([b"/", *(b"/%d" % number for number in range(40))])


def test_a_server_that_is_not_there_is_an_error_of_nobody() -> None:
    located = locate(f"http://127.0.0.1:{free_port()}/")
    with Runner({}, pace=HURRIED) as runner:
        (found,) = runner.findings([Pair(located, scenario())])
    assert (found.verdict, found.own_error) == (Verdict.ERROR, False)
    assert found.reason == (
        "not judged: the target stopped accepting connections in the run and did not come back"
    )
    assert found.observed == "The server did not accept the connection (Connection refused)."


def test_a_handshake_that_no_certificate_is_there_for_is_an_error_of_ours() -> None:
    asking = scenario(send=(Handshake(Identity.UNTRUSTED), b"GET <witness> HTTP/1.1\r\n\r\n"))
    with serving(silent) as server, Runner({}, pace=HURRIED) as runner:
        (found,) = runner.findings([Pair(locate(server.url.replace("http:", "https:")), asking)])
    assert (found.verdict, found.own_error) == (Verdict.ERROR, True)
    assert found.reason.startswith("wirecheck's own error: KeyError(")


def test_leaving_does_not_wait_for_a_silent_server() -> None:
    endless = Patience(quiet=1000, silence=1000, whole=1000)
    heard = threading.Event()

    def listening(peer: Peer) -> None:
        peer.request()
        heard.set()
        silent(peer)

    with serving(listening) as server:
        target = locate(server.url)
        with Player(Pace()) as player:
            player.beside(target, scenario(), endless, 0, judge=lambda played: played)
            assert heard.wait(20)
        assert len(server.requests) == 1
