"""What a transcript says of its events."""

import pytest

from clients.transcript import Direction, Ending, Event, Kind, Transcript

CLOSING = {Ending.FIN, Ending.RESET, Ending.CLOSE_NOTIFY, Ending.TRUNCATED, Ending.ALERT}


def transcript(*events: tuple[Kind, bytes] | Kind) -> Transcript:
    """A transcript of events, each a moment after the one before it."""
    timed = []
    for moment, event in enumerate(events):
        kind, data = event if isinstance(event, tuple) else (event, b"")
        timed.append(Event(moment / 10, kind, data))
    return Transcript(tuple(timed), Ending.FIN)


def sent(data: bytes) -> tuple[Kind, bytes]:
    return Kind.SENT, data


def received(data: bytes) -> tuple[Kind, bytes]:
    return Kind.RECEIVED, data


def followed_up(data: bytes) -> tuple[Kind, bytes]:
    return Kind.FOLLOWED_UP, data


# Two connections; only the last one counts.
TWO = transcript(
    Kind.CONNECTED,
    Kind.SECURED,
    sent(b"first"),
    received(b"one"),
    Kind.PAUSED,
    Kind.AWAITED_IN_VAIN,
    followed_up(b"more"),
    Kind.RESET_SENT,
    Kind.CONNECTED,
    sent(b"second"),
    received(b"two"),
    Kind.ENDED,
)


@pytest.mark.parametrize(
    ("direction", "kinds"),
    [
        (Direction.THEIRS, {Kind.RECEIVED}),
        (Direction.NEITHER, {Kind.SECURED, Kind.AWAITED_IN_VAIN, Kind.ENDED}),
    ],
)
def test_an_event_is_our_doing_unless_it_is_theirs_or_of_neither_side(
    direction: Direction, kinds: set[Kind]
) -> None:
    assert {kind for kind in Kind if kind.direction is direction} == kinds


@pytest.mark.parametrize("ending", Ending)
def test_an_ending_says_whether_the_server_closed(ending: Ending) -> None:
    assert ending.closed is (ending in CLOSING)


def test_sent_and_received_bytes_are_joined_without_the_follow_up() -> None:
    seen = transcript(
        Kind.CONNECTED,
        sent(b"a"),
        received(b"1"),
        sent(b"b"),
        received(b"2"),
        followed_up(b"c"),
        received(b"3"),
    )
    assert (seen.sent, seen.received) == (b"ab", b"123")


def test_only_the_last_connection_counts() -> None:
    assert (TWO.sent, TWO.received) == (b"second", b"two")
    assert [event.kind for event in TWO.last_connection] == [
        Kind.CONNECTED,
        Kind.SENT,
        Kind.RECEIVED,
        Kind.ENDED,
    ]
    assert (TWO.secured, TWO.awaited_in_vain) == (False, False)
    assert (TWO.received_before_follow_up, TWO.received_before_pause_ended) == (None, None)


def test_without_a_connection_all_events_count() -> None:
    assert transcript(Kind.ENDED).last_connection == (Event(0, Kind.ENDED),)
    assert transcript().last_connection == ()


def test_the_bytes_before_the_follow_up_are_counted() -> None:
    seen = transcript(Kind.CONNECTED, received(b"12"), received(b"3"), followed_up(b"x"), received(b"4"))
    assert seen.received_before_follow_up == 3


def test_if_nothing_came_before_the_follow_up_the_count_is_zero() -> None:
    assert transcript(Kind.CONNECTED, followed_up(b"x"), received(b"4")).received_before_follow_up == 0


def test_the_bytes_before_the_end_of_the_first_pause_are_counted() -> None:
    seen = transcript(Kind.CONNECTED, received(b"12"), Kind.PAUSED, received(b"3"), Kind.PAUSED)
    assert seen.received_before_pause_ended == 2


def test_without_a_follow_up_or_a_pause_there_is_no_count() -> None:
    seen = transcript(Kind.CONNECTED, received(b"12"))
    assert (seen.received_before_follow_up, seen.received_before_pause_ended) == (None, None)


def test_a_handshake_and_a_wait_in_vain_are_reported() -> None:
    seen = transcript(Kind.CONNECTED, Kind.SECURED, Kind.AWAITED_IN_VAIN)
    assert (seen.secured, seen.awaited_in_vain) == (True, True)
    assert (transcript(Kind.CONNECTED).secured, transcript(Kind.CONNECTED).awaited_in_vain) == (False, False)


def test_a_long_event_is_shortened_to_its_ends() -> None:
    event = Event(0, Kind.RECEIVED, bytes(range(200)))
    assert event.shortened(200, 0) is event
    short = event.shortened(10, 5)
    assert (short.data, short.cut, short.tail) == (bytes(range(10)), 185, bytes(range(195, 200)))
    assert short.size == event.size == 200
    assert short.shortened(10, 5) is short
    shorter = short.shortened(3, 2)
    assert (shorter.data, shorter.cut, shorter.tail) == (bytes(range(3)), 195, bytes(range(198, 200)))
    assert event.shortened(10, 0).tail == b""


def test_what_was_left_out_counts() -> None:
    page = Event(0.1, Kind.RECEIVED, b"x" * 100).shortened(0, 0)
    events = (
        Event(0, Kind.CONNECTED),
        page,
        Event(0.2, Kind.FOLLOWED_UP, b"GET"),
        Event(0.3, Kind.RECEIVED, b"y" * 9).shortened(0, 0),
    )
    seen = Transcript(events, Ending.FIN)
    assert (seen.received, seen.received_before_follow_up, seen.answered_follow_up) == (b"", 100, True)


def test_what_was_judged_is_kept_in_part() -> None:
    small = transcript(sent(b"a"), received(b"b"))
    assert small.shortened() is small
    large = transcript(sent(b"a" * 10_000), received(b"b" * 10_000))
    kept = large.shortened()
    assert sum(len(event.data + event.tail) for event in kept.events) == 2 * 4096
    assert [event.size for event in kept.events] == [event.size for event in large.events]
