"""The log of a conversation: what is kept of it, and that nothing is lost uncounted."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from clients.log import Log
from clients.transcript import Kind


def log_of(kept: int, most: int, pieces: list[bytes]) -> Log:
    times = count()
    log = Log(lambda: next(times), kept, most)
    for piece in pieces:
        log.add(Kind.RECEIVED, piece)
    return log


PIECES = st.lists(st.binary(min_size=1, max_size=9), max_size=40)


@given(st.integers(4, 60), st.integers(1, 50), PIECES)
def test_the_beginning_and_the_end_are_kept_and_the_rest_is_counted(
    kept: int, most: int, pieces: list[bytes]
) -> None:
    whole = b"".join(pieces)
    log = log_of(kept, most, pieces)
    assert sum(event.size for event in log.events) == len(whole)
    beginning, end = b"", b""
    for event in log.events:
        if not log.is_cut or not any(each.cut for each in log.events[: log.events.index(event)]):
            beginning += event.data
        else:
            end += event.data
    assert whole.startswith(beginning)
    assert whole.endswith(end)
    assert log.is_cut == (len(beginning + end) < len(whole))
    if log.is_cut:
        assert len(beginning) == kept - kept // 4
        assert len(end) >= min(kept // 4, 1)
    longest = max((event.size for event in log.events), default=0)
    assert len(beginning + end) <= kept + longest


def test_many_small_pieces_are_joined() -> None:
    log = log_of(100_000, 10, [bytes((number % 256,)) for number in range(50_000)])
    assert len(log.events) <= 10 + 50_000 // 4096 + 1
    assert b"".join(event.data for event in log.events) == bytes(number % 256 for number in range(50_000))


def test_pieces_with_something_between_them_are_not_joined() -> None:
    log = log_of(100, 1, [b"a"])
    log.add(Kind.SENT, b"b")
    log.add(Kind.RECEIVED, b"c")
    assert [event.data for event in log.events] == [b"a", b"b", b"c"]
    log.add(Kind.RECEIVED, b"d")
    assert [event.data for event in log.events] == [b"a", b"b", b"cd"]


def test_what_is_sent_is_not_cut() -> None:
    log = log_of(4, 10, [b"a" * 10])
    log.add(Kind.SENT, b"b" * 100)
    assert log.events[-1].data == b"b" * 100
