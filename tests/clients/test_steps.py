"""The vocabulary of conversations: which bytes are one write, and how each connection begins TLS."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.steps import (
    ASIDE,
    CLEARTEXT,
    CLOSE_NOTIFY,
    HALF_CLOSE,
    PAUSE,
    RESET,
    Action,
    Await,
    Handshake,
    Identity,
    Step,
    join_writes,
    last_connection,
    with_handshakes,
)

_STEPS = st.lists(st.binary() | st.sampled_from(Action) | st.sampled_from(Await) | st.builds(Handshake)).map(
    tuple
)


@pytest.mark.parametrize(
    ("steps", "joined"),
    [
        pytest.param((), (), id="nothing"),
        pytest.param((b"a",), (b"a",), id="one-write"),
        pytest.param((b"a", b"b", b"c"), (b"abc",), id="neighbours"),
        pytest.param((b"a", PAUSE, b"b"), (b"a", PAUSE, b"b"), id="not-neighbours"),
        pytest.param((PAUSE, PAUSE), (PAUSE, PAUSE), id="actions-are-not-joined"),
        pytest.param(
            (Handshake(), b"a", b"b", Await.RESPONSE, HALF_CLOSE, b"c", b"d"),
            (Handshake(), b"ab", Await.RESPONSE, HALF_CLOSE, b"cd"),
            id="several-runs",
        ),
    ],
)
def test_neighbouring_bytes_are_one_write(steps: tuple[Step, ...], joined: tuple[Step, ...]) -> None:
    assert join_writes(steps) == joined


@given(_STEPS)
def test_joining_keeps_all_bytes_and_all_other_steps(steps: tuple[Step, ...]) -> None:
    joined = join_writes(steps)
    for kept in (bytes, (Action, Await, Handshake)):
        before = [step for step in steps if isinstance(step, kept)]
        after = [step for step in joined if isinstance(step, kept)]
        assert before == after or b"".join(map(_bytes, before)) == b"".join(map(_bytes, after))


def _bytes(step: Step) -> bytes:
    assert isinstance(step, bytes)
    return step


@given(_STEPS)
def test_after_joining_no_two_writes_are_neighbours(steps: tuple[Step, ...]) -> None:
    joined = join_writes(steps)
    assert not any(isinstance(one, bytes) and isinstance(other, bytes) for one, other in pairwise(joined))


@pytest.mark.parametrize(
    ("steps", "complete"),
    [
        pytest.param((), (Handshake(),), id="nothing"),
        pytest.param((b"a",), (Handshake(), b"a"), id="bytes"),
        pytest.param((Handshake(), b"a"), (Handshake(), b"a"), id="handshake"),
        pytest.param(
            (Handshake(Identity.ANONYMOUS),), (Handshake(Identity.ANONYMOUS),), id="anonymous-handshake"
        ),
        pytest.param((CLEARTEXT, b"a"), (CLEARTEXT, b"a"), id="cleartext"),
        pytest.param((CLEARTEXT, Handshake()), (CLEARTEXT, Handshake()), id="cleartext-then-handshake"),
        pytest.param((CLOSE_NOTIFY,), (Handshake(), CLOSE_NOTIFY), id="close-notify"),
        pytest.param((CLEARTEXT, RESET, b"a"), (CLEARTEXT, RESET, Handshake(), b"a"), id="reset"),
        pytest.param((b"a", RESET, CLEARTEXT), (Handshake(), b"a", RESET, CLEARTEXT), id="cleartext-again"),
        pytest.param((b"a", RESET), (Handshake(), b"a", RESET, Handshake()), id="reset-at-the-end"),
        pytest.param((CLEARTEXT, ASIDE, b"a"), (CLEARTEXT, ASIDE, Handshake(), b"a"), id="aside"),
    ],
)
def test_each_connection_begins_tls_as_it_says_or_with_a_handshake(
    steps: tuple[Step, ...], complete: tuple[Step, ...]
) -> None:
    assert with_handshakes(steps) == complete


@pytest.mark.parametrize(
    ("steps", "last"),
    [
        pytest.param((b"a", PAUSE), (b"a", PAUSE), id="the-only-one"),
        pytest.param((b"a", RESET, b"b", RESET, b"c"), (b"c",), id="after-the-last-reset"),
        pytest.param((b"a", RESET), (), id="nothing-after-a-reset"),
        pytest.param((b"a", RESET, b"b", ASIDE, b"c"), (b"c",), id="after-one-left-aside"),
    ],
)
def test_the_last_connection_begins_after_the_last_reset(
    steps: tuple[Step, ...], last: tuple[Step, ...]
) -> None:
    assert last_connection(steps) == last
