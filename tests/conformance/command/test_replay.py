"""`replay`: one scenario is played once, behind its control, and every byte is shown."""

from dataclasses import replace

import pytest

from clients.conversation import Patience
from clients.delivery import whole
from conformance.command.replay import _show, findings, main
from conformance.errors import BadUsage
from conformance.gate import Exit
from conformance.invariants.rules import INVARIANTS
from conformance.judging.model import Need, Scenario, Verdict
from conformance.judging.outcomes import answers
from conformance.scenarios import CORPUS, SCENARIOS
from conformance.targets.target import Target, locate
from tests.conformance.builders import BAD_REQUEST, OK, RAW, finding, response, scenario
from tests.conformance.scripted_server import Script, always, by_request, serving

CHECKS = (*SCENARIOS, *INVARIANTS)
QUICK = Patience(quiet=0.05, silence=1.0, whole=5.0)


def corpus(*scenarios: Scenario) -> dict[str, Scenario]:
    return {each.id: each for each in scenarios}


CONTROL_OF_CONTROL = scenario("example.first")
CONTROL = scenario("example.second", control="example.first")
ODD = scenario("example.odd", control="example.second", accept=answers(400))
ALL = corpus(CONTROL_OF_CONTROL, CONTROL, ODD)


def on(url: str) -> Target:
    return locate(url)


def test_controls_are_played_first_and_each_once() -> None:
    with serving(always(OK)) as server:
        came = list(findings(on(server.url), ODD, ALL, QUICK, whole))
    assert [(each.check.id, each.verdict) for each in came] == [
        ("example.first", Verdict.PASS),
        ("example.second", Verdict.PASS),
        ("example.odd", Verdict.FAIL),
    ]
    assert came[-1].transcript is not None
    assert came[-1].observed == "The server answered 200 and kept the connection open."
    assert len([request for request in server.requests if b"follow-up" not in request]) == 3


def test_a_control_that_fails_rules_out_what_comes_behind() -> None:
    with serving(always(BAD_REQUEST)) as server:
        came = list(findings(on(server.url), ODD, ALL, QUICK, whole))
    assert [each.verdict for each in came] == [Verdict.FAIL, *[Verdict.NOT_APPLICABLE] * 2]
    assert came[-1].reason == "its control example.second did not pass (NOT APPLICABLE)" or (
        "example.first" in came[-1].reason
    )
    assert came[-1].transcript is None


def test_what_the_target_lacks_is_not_played() -> None:
    needing = replace(ODD, needs=frozenset({Need.TLS}))
    with serving(always(OK)) as server:
        (came,) = findings(on(server.url), needing, ALL, QUICK, whole)
        assert server.connections == 0
    assert (came.verdict, came.observed) == (Verdict.NOT_APPLICABLE, "Not played.")


def replayed(capsys: pytest.CaptureFixture[str], script: Script, *arguments: str) -> tuple[int, str]:
    with serving(script) as server:
        code = main([arguments[0], server.url, *arguments[1:]], CHECKS, CORPUS)
    return code, capsys.readouterr().out


def hostless(answer: bytes) -> Script:
    return by_request(lambda request: OK if b"\r\nHost:" in request else answer)


def test_the_bytes_the_verdict_and_the_sentences_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    code, shown = replayed(capsys, hostless(OK), "host.refused-missing", "--header", "X-Token: abc")
    assert code == Exit.FAILURES
    assert "control      basics.get: PASS\n" in shown
    for line in (r"GET / HTTP/1.1\r\n", r"X-Token: abc\r\n", r"HTTP/1.1 200 Any\r\n"):
        assert f"               {line}\n" in shown
    assert "FAIL  host.refused-missing\n" in shown
    assert "      expected     The server answers 400.\n" in shown
    assert "      observed     The server answered 200 and kept the connection open.\n" in shown


def test_the_transcript_of_a_control_that_fails_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def answer(request: bytes) -> bytes:
        return response(500, b"?") if request.startswith(b"POST") else OK

    code, shown = replayed(capsys, by_request(answer), "content-length.malformed-underscore")
    assert code == Exit.NOTHING_VERIFIED
    assert "  basics.post-answered, the control\n" in shown
    assert r"HTTP/1.1 500 Any\r\n" in shown
    assert "NOT APPLICABLE  content-length.malformed-underscore\n" in shown


def test_what_a_server_says_is_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = response(400, b"\x1b]0;title\x07\x9b2J", b"X: \x1b[31mred")
    code, shown = replayed(capsys, hostless(hostile), "host.refused-missing")
    assert code == Exit.CONFORMING
    assert not any(RAW.search(line) for line in shown.split("\n"))
    assert r"X: \x1b[31mred\r\n" in shown


def test_what_the_system_says_is_not_obeyed(capsys: pytest.CaptureFixture[str]) -> None:
    refused = finding(check=ODD, verdict=Verdict.ERROR, reason="refused: \x1b[2J\n")
    _show(refused, as_control=False)
    assert "      reason       refused: \\x1b[2J\\n\n" in capsys.readouterr().out


def test_without_a_url_the_embedded_server_is_met(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tls.get"], CHECKS, CORPUS) == Exit.CONFORMING
    shown = capsys.readouterr().out
    assert "· TLS established" in shown
    assert "PASS  tls.get\n" in shown


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["host.emty"], "there is no scenario 'host.emty'; did you mean"),
        (["invariant.date"], "invariant.date looks at every response of a run, and plays nothing"),
        (["host.refused-missing", "--profile", "documented"], "is of the profile http11, not of documented"),
        (["host.refused-missing", "--host", "a"], "--host needs a URL"),
        (["host.refused-missing", "--seed", "1"], "--seed needs --delivery cut"),
    ],
)
def test_what_makes_no_sense_is_a_sentence(arguments: list[str], said: str) -> None:
    with pytest.raises(BadUsage, match=said):
        main(arguments, CHECKS, CORPUS)
