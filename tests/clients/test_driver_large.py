"""The driver where a server sends much: what is kept of it, and what is known of all of it."""

import threading
from collections.abc import Callable

from clients.conversation import Conversation, Patience
from clients.driver import play
from clients.endpoint import Endpoint
from clients.limits import Limits
from clients.transcript import Ending, Kind, Transcript

Serve = Callable[..., Endpoint]

PATIENT = Patience(quiet=5, silence=10, whole=20)

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
FOLLOW_UP = b"GET /again HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 1_000_000

# The most that one read takes.
ONE_READ = 65536


def sizes(transcript: Transcript) -> int:
    return sum(event.size for event in transcript.events if event.kind is Kind.RECEIVED)


def test_of_much_the_beginning_and_the_end_are_kept_and_all_of_it_is_read(serve: Serve) -> None:
    conversation = Conversation((REQUEST,), follow_up=FOLLOW_UP, kept=2000)
    endpoint = serve(("request", PAGE, "request", LAST))
    transcript = play(endpoint, conversation, PATIENT, limits=Limits(kept=4000))
    assert transcript.ending is Ending.FIN
    assert transcript.received.startswith(PAGE[:3000])
    assert transcript.received.endswith(LAST)
    assert len(transcript.received) < 4000 + ONE_READ
    assert sizes(transcript) == len(PAGE + LAST)
    assert transcript.received_before_follow_up == len(PAGE)
    assert transcript.answered_follow_up
    assert transcript.reading is not None
    page, last = transcript.reading.responses
    assert (page.end, page.complete, page.content, page.length) == (len(PAGE), True, b"x" * 1000, 1_000_000)
    assert (last.start, last.complete, last.content) == (len(PAGE), True, b"last")


def test_what_is_kept_whole_is_read_from_its_bytes(serve: Serve) -> None:
    endpoint = serve(("request", PAGE))
    transcript = play(endpoint, Conversation((REQUEST,)), PATIENT, limits=Limits(kept=2 * len(PAGE)))
    assert (transcript.received, transcript.reading) == (PAGE, None)


def test_a_flood_is_cut_like_everything_else(serve: Serve) -> None:
    endpoint = serve(("request", PAGE, "end"))
    transcript = play(endpoint, Conversation((REQUEST,)), PATIENT, limits=Limits(kept=4000, received=500_000))
    assert transcript.ending is Ending.FLOOD
    assert len(transcript.received) < 4000 + ONE_READ
    assert sizes(transcript) > 500_000


class Reluctant(threading.Semaphore):
    """Refuses a number of times."""

    def __init__(self, times: int) -> None:
        super().__init__(1)
        self.left = times
        self.returned = 0

    def acquire(self, blocking: bool = True, timeout: float | None = None) -> bool:  # noqa: ARG002
        assert not blocking, "a conversation must not stop the thread that plays all others"
        self.left -= 1
        return self.left < 0

    def release(self, n: int = 1) -> None:
        self.returned += n


def test_a_long_head_waits_for_its_turn_which_is_given_back(serve: Serve) -> None:
    turns = Reluctant(5)
    head = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\nA: %b\r\n\r\n" % (b"a" * 500_000)
    # To wait for a turn is not to hear nothing: as silence, five of these waits would be too long.
    patience = Patience(quiet=0.001, silence=0.03, whole=20)
    transcript = play(
        serve(("request", head)), Conversation((REQUEST,)), patience, limits=Limits(long_heads=turns)
    )
    assert transcript.reading is not None
    assert transcript.reading.responses[0].complete
    assert (turns.left, turns.returned) == (-1, 1)


def test_a_head_of_usual_length_needs_no_turn(serve: Serve) -> None:
    turns = Reluctant(1000)
    play(serve(("request", PAGE)), Conversation((REQUEST,)), PATIENT, limits=Limits(long_heads=turns))
    assert (turns.left, turns.returned) == (1000, 0)
