"""`explain`: what a scenario sends, what it accepts and why, from the scenario itself."""

import sys

import pytest

from clients.steps import Action, Await, Handshake, Identity, ServerName
from conformance.clauses import Level
from conformance.command.explain import Mutants, explanation, main, mutants_noticed_by
from conformance.errors import BadUsage
from conformance.invariants.rules import INVARIANTS
from conformance.judging.model import Need
from conformance.judging.outcomes import answers, hangs_up
from conformance.scenarios import CORPUS, SCENARIOS
from tests.conformance.builders import RAW, clause, scenario

CHECKS = (*SCENARIOS, *INVARIANTS)


def test_the_whole_explanation_of_a_scenario() -> None:
    odd = scenario(
        "example.odd",
        title="Something odd",
        send=(b"GET <witness> HTTP/1.1\r\n", b"Host: <host>\r\n\r\n", Await.RESPONSE, b"it's\x00"),
        accept=answers(400),
        control="basics.get",
        needs=frozenset({Need.TLS}),
    )
    assert list(explanation(odd, Mutants(("some-mutant  It is wrong.",)))) == [
        "example.odd",
        "Something odd",
        "",
        "requirement  EX-1 MUST: Answer what is asked",
        "             Example, 1  https://example.test/1",
        "why          Without it, nothing works.",
        "",
        "sends",
        r"    GET <witness> HTTP/1.1\r\n",
        r"    Host: <host>\r\n",
        r"    \r\n",
        "    (wait for one more final response)",
        r"    it's\x00",
        "",
        "  where <host> is the target's host and port; <witness> is the path of the witness's echo, or the",
        "  URL's path without a witness.",
        "",
        "accepted     The server answers 400.",
        "tolerated    The server hangs up, as it may at any time: WARN.",
        "otherwise    FAIL",
        "control      basics.get: A plain GET",
        "needs        tls; not applicable if the target is not reached over TLS",
        "profile      http11",
        "",
        "noticed in these variants of the reference server (python -m reference_server --mutant NAME)",
        "    some-mutant  It is wrong.",
    ]


@pytest.mark.parametrize(
    ("level", "tolerated", "otherwise"),
    [(Level.MUST, "WARN", "FAIL"), (Level.SHOULD, "WARN", "WARN"), (Level.MAY, "PASS", "INFO")],
)
def test_the_other_verdicts_follow_the_level(level: Level, tolerated: str, otherwise: str) -> None:
    lines = list(explanation(scenario(clause=clause(level), accept=answers(200), tolerate=hangs_up)))
    assert f"tolerated    The server {hangs_up}: {tolerated}." in lines
    assert f"otherwise    {otherwise}" in lines
    # Where no error status is due, hanging up is not tolerated.
    assert not any("as it may at any time" in line for line in lines)


@pytest.mark.parametrize(
    "step",
    [
        *Action,
        *Await,
        *(Handshake(identity, name, ("h2", "http/1.1")) for identity in Identity for name in ServerName),
    ],
)
def test_every_step_has_words(step: Action | Await | Handshake) -> None:
    lines = " ".join(" ".join(explanation(scenario(send=(b"GET\r\n", step)))).split())
    words = (
        f"begin TLS with {step.identity.value}; server name sent (SNI): {step.name.value}; "
        "protocols offered (ALPN): h2, http/1.1"
        if isinstance(step, Handshake)
        else step.value
    )
    assert f"{words})" in lines


def test_an_invariant_is_explained_as_one() -> None:
    (date,) = (invariant for invariant in INVARIANTS if invariant.id == "invariant.date")
    lines = list(explanation(date))
    assert "sends        nothing of its own; it looks at every response of the run" in lines
    assert "accepted     Every response with status 2xx, 3xx or 4xx has a Date." in lines


def test_everything_can_be_explained() -> None:
    for check in CHECKS:
        lines = list(explanation(check))
        assert lines[0] == check.id
        assert not any(RAW.search(line) for line in lines)
        assert max(map(len, lines)) < 1100
        assert len(lines) < 200


def test_tags_are_explained() -> None:
    lines = " ".join(" ".join(explanation(CORPUS["framing.te-with-content-length"])).split())
    assert "tag unclear: frames a message so that two readers may disagree" in lines


def test_the_reference_server_lists_the_mutants_that_are_noticed() -> None:
    mutants = mutants_noticed_by(CORPUS["host.refused-missing"])
    assert any(line.startswith("missing-host-accepted ") for line in mutants.lines)
    assert not any(line.startswith("length-before-coding ") for line in mutants.lines)
    assert mutants.problem == ""


@pytest.mark.parametrize(
    ("code", "problem"),
    [("raise SystemExit('oh\\nno \\x1b')", "no \\x1b"), ("raise SystemExit(7)", "it exited with code 7")],
)
def test_a_reference_server_that_fails_is_a_sentence(code: str, problem: str) -> None:
    check = CORPUS["host.refused-missing"]
    *_, last = explanation(check, mutants_noticed_by(check, [sys.executable, "-c", code]))
    assert last == f"The reference server could not list its mutants: {problem}"


def test_for_an_unknown_id_similar_ones_are_suggested() -> None:
    with pytest.raises(
        BadUsage, match=r"there is no scenario 'host.refused-mising'; did you mean host\.refused"
    ):
        main(["host.refused-mising"], CHECKS)


def test_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["basics.get"], CHECKS) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("basics.get\n")
    assert "noticed in these variants" in printed
