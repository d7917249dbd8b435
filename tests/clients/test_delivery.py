"""Deliveries: the pieces are the data; each delivery cuts where it says; a seed repeats its cuts."""

from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.delivery import MOST_CUTS, Delivery, at_random, by_byte, by_line, cut_at, whole

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\nbody"

_DELIVERIES = (
    st.sampled_from([whole, by_line, by_byte])
    | st.builds(at_random, st.integers())
    | st.builds(lambda offsets: partial(cut_at, offsets=offsets), st.lists(st.integers(-9, 99)))
)


@given(data=st.binary(max_size=3000) | st.text("a\r\n", max_size=3000).map(str.encode), delivery=_DELIVERIES)
def test_the_pieces_joined_are_the_data_and_no_piece_is_empty(data: bytes, delivery: Delivery) -> None:
    pieces = delivery(data)
    assert b"".join(pieces) == data
    assert b"" not in pieces
    assert len(pieces) <= MOST_CUTS + 1


@pytest.mark.parametrize(
    ("data", "offsets", "pieces"),
    [
        pytest.param(b"abcdef", [2, 4], (b"ab", b"cd", b"ef"), id="in order"),
        pytest.param(b"abcdef", [4, 2, 4], (b"ab", b"cd", b"ef"), id="in any order, and twice"),
        pytest.param(b"abcdef", [-1, 0, 6, 7], (b"abcdef",), id="at the ends and beyond"),
        pytest.param(b"", [0, 1], (), id="nothing"),
    ],
)
def test_data_is_cut_at_the_offsets_within_it(
    data: bytes, offsets: list[int], pieces: tuple[bytes, ...]
) -> None:
    assert cut_at(data, offsets) == pieces


def test_whole_is_one_piece() -> None:
    assert whole(REQUEST) == (REQUEST,)


def test_a_line_ends_after_its_lf_and_not_after_a_lone_cr() -> None:
    assert by_line(b"a\r\nb\rc\n\r\nd") == (b"a\r\n", b"b\rc\n", b"\r\n", b"d")


def test_by_byte_each_byte_is_a_piece() -> None:
    assert by_byte(b"a\r\n") == (b"a", b"\r", b"\n")


@pytest.mark.parametrize(("delivery", "small"), [(by_line, b"\n"), (by_byte, b"a")])
def test_after_the_most_cuts_the_rest_is_one_piece(delivery: Delivery, small: bytes) -> None:
    pieces = delivery(small * (MOST_CUTS + 500))
    assert pieces == (*([small] * MOST_CUTS), small * 500)


@given(seed=st.integers())
def test_a_seed_repeats_its_cuts_in_data_of_the_same_length(seed: int) -> None:
    cuts = [len(piece) for piece in at_random(seed)(REQUEST)]
    assert [len(piece) for piece in at_random(seed)(REQUEST.swapcase())] == cuts
    assert len(cuts) > 1


def test_seeds_cut_everywhere_and_differently() -> None:
    places = set()
    for seed in range(500):
        pieces = at_random(seed)(REQUEST)
        places |= {len(b"".join(pieces[:count])) for count in range(1, len(pieces))}
    assert places == set(range(1, len(REQUEST)))


def test_a_seed_means_the_same_on_every_machine() -> None:
    # The seed in a record must repeat the run elsewhere, and years later.
    assert at_random(7)(REQUEST) == (b"GET / HTTP/1.1\r\nH", b"ost: a\r\n\r\nbody")
