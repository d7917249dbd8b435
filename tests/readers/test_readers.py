"""Readers with one fault each: every malformed scenario is whole for one of them, and sees it.

Bytes that no reader takes for whole requests trip every server over what follows, whatever it made of the
fault; then a 400 proves nothing.
"""

from collections.abc import Iterator
from functools import cache

import pytest

from conformance.judging.model import Need, Scenario, Verdict
from conformance.judging.observation import observe
from conformance.judging.verdict import judge
from conformance.scenarios import SCENARIOS
from reference_server.mutants import MUTANTS
from tests.conformance.canned_responses import TARGET, conversations
from tests.readers.faults import READERS
from tests.readers.reader import RIGHT, Reader, Refused
from tests.readers.server import bytes_of, conversation

# What the size of a message alone makes wrong is no malformed message, and no reader is needed to see it.
TOO_LARGE = {"chunked.megabyte-of-extensions"}

SEEN = (Verdict.FAIL, Verdict.RISK, Verdict.WARN, Verdict.INFO)

REFUSALS = ("answers 400 and closes", "answers 501 and closes")


def verdict_on(scenario: Scenario, reader: Reader) -> Verdict | None:
    """The verdict on a server that is built on the reader; None if it takes the bytes for no requests."""
    try:
        said = conversation(scenario, reader)
    except Refused:
        return None
    seen = observe(said, filled=TARGET.placeholders, witness=True, forms=True)
    return judge(scenario, seen).verdict


def accepts_only_refusals(scenario: Scenario) -> bool:
    """Whether a refusal is accepted, and no answer to what the requests ask for."""
    if scenario.profile != "http11" or Need.TLS in scenario.all_needs or scenario.topic == "limits":
        return False
    if "passes " in scenario.accept.text or "answers 2xx" in scenario.accept.text:
        return False
    passed = {
        name
        for name, said in conversations(scenario)
        if judge(scenario, observe(said, filled=TARGET.placeholders, witness=True, forms=True)).verdict
        is Verdict.PASS
    }
    return any(name in passed for name in REFUSALS) and not any("understands" in name for name in passed)


MALFORMED = [
    scenario for scenario in SCENARIOS if scenario.id not in TOO_LARGE and accepts_only_refusals(scenario)
]

EVERY_MALFORMED = pytest.mark.parametrize("scenario", MALFORMED, ids=[scenario.id for scenario in MALFORMED])

EVERY_READER = pytest.mark.parametrize("name", READERS)


@cache
def fallen_for(scenario: Scenario) -> tuple[str, ...]:
    """The readers that take the scenario's bytes for whole requests."""
    return tuple(_fallen_for(scenario))


def _fallen_for(scenario: Scenario) -> Iterator[str]:
    sent = bytes_of(scenario)
    for name, reader in READERS.items():
        try:
            reader.read(sent)
        except Refused:
            continue
        yield name


def test_there_are_many_malformed_scenarios() -> None:
    assert len(MALFORMED) > 400


@EVERY_MALFORMED
def test_the_right_reader_refuses_what_is_malformed(scenario: Scenario) -> None:
    with pytest.raises(Refused):
        RIGHT.read(bytes_of(scenario))


@EVERY_MALFORMED
def test_a_malformed_scenario_is_whole_for_a_reader_with_one_fault_and_sees_it(scenario: Scenario) -> None:
    readers = fallen_for(scenario)
    assert readers, "a complete request has to follow the fault"
    verdicts = {name: verdict_on(scenario, READERS[name]) for name in readers}
    assert set(verdicts.values()) <= set(SEEN), verdicts


@EVERY_READER
def test_a_reader_is_caught_by_a_malformed_scenario(name: str) -> None:
    assert any(name in fallen_for(scenario) for scenario in MALFORMED)


@EVERY_READER
def test_a_reader_is_right_but_for_its_fault(name: str) -> None:
    plain = b"GET /?n=1 HTTP/1.1\r\nHost: a.example\r\nX-Test: one\r\n\r\n"
    length = b"POST / HTTP/1.1\r\nHost: a.example:80\r\nContent-Length: 5\r\n\r\nhello"
    chunked = (
        b"POST / HTTP/1.1\r\nHost: [::1]\r\nTransfer-Encoding: chunked\r\n\r\n"
        b'5;a="b"\r\nhello\r\nA\r\n0123456789\r\n0\r\n\r\n'
    )
    assert READERS[name].read(plain + length + chunked + plain) == RIGHT.read(
        plain + length + chunked + plain
    )


@EVERY_READER
def test_a_reader_is_a_mutant_of_the_reference_server(name: str) -> None:
    assert name in MUTANTS
    assert any(check.split(".")[0] != "invariant" for check in MUTANTS[name].noticed_by)
