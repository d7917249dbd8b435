"""The driver: plays one conversation and returns its transcript.

It interprets the steps of a conversation, one after the other. When the wanted responses have come and the
connection seems to persist, it sends a follow-up request, which proves whether it does. How bytes travel is
the business of the channel; what a transcript means is not known here.
"""

import threading
from types import TracebackType
from typing import Self

from clients.channel import SYSTEM, Channel, System
from clients.conversation import Conversation, Patience
from clients.delivery import MOST_CUTS
from clients.endpoint import Endpoint
from clients.limits import LIMITS, Limits, Turn
from clients.log import Log
from clients.steps import Action, Await, Handshake, Step, join_writes, with_handshakes
from clients.transcript import Ending, Kind, Transcript
from clients.waits import ATTENTION, Wait, Waits, drive


def play(
    endpoint: Endpoint,
    conversation: Conversation,
    patience: Patience,
    called_off: threading.Event | None = None,
    *,
    system: System = SYSTEM,
    limits: Limits = LIMITS,
) -> Transcript:
    """Play one conversation on a new connection, and wait in this thread until it is over.

    called_off: another thread may set it, and the conversation is left as it stands.
    Raises nothing that a peer or a network does; ValueError when a TLS step does not fit the endpoint.
    """
    waits = playing(
        endpoint, conversation, patience, called_off or threading.Event(), system=system, limits=limits
    )
    return drive(waits)


def playing(
    endpoint: Endpoint,
    conversation: Conversation,
    patience: Patience,
    called_off: threading.Event,
    *,
    system: System = SYSTEM,
    limits: Limits = LIMITS,
) -> Waits[Transcript]:
    """Play as `play` does, but yield each wait to the caller, which does the waiting."""
    with Driver(endpoint, conversation, patience, called_off, system=system, limits=limits) as driver:
        yield from driver.run()
        return driver.transcript()


class Driver:
    """Plays one conversation, over one connection after another.

    It is a context manager: all connections are open until it ends. One thread at a time may use it; only
    `called_off` may be set from another thread.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        conversation: Conversation,
        patience: Patience,
        called_off: threading.Event,
        *,
        system: System = SYSTEM,
        limits: Limits = LIMITS,
    ) -> None:
        self._endpoint = endpoint
        self._conversation = conversation
        self._patience = patience
        self._called_off = called_off
        self._system = system
        self._limits = limits
        self._log = Log(system.clock, limits.kept, limits.events)
        self._turn = Turn(limits.long_heads)
        self._channels: list[Channel] = []
        self._channel = self._new_channel()  # the last of them
        self._cuts_left = MOST_CUTS  # in all writes together, so that the whole stays within our patience

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for channel in self._channels:
            channel.close()
        self._turn.give_back()

    def transcript(self) -> Transcript:
        """Return the transcript of what happened so far."""
        channel = self._channel
        ending = channel.ending or Ending.LEFT
        reading = channel.incoming.reading(ended=ending.orderly) if self._log.is_cut else None
        return Transcript(tuple(self._log.events), ending, channel.note, self._log.began, reading)

    def run(self) -> Waits[None]:
        """Play all steps, then find out how the connection stands. Afterwards the transcript is complete."""
        steps = join_writes(self._conversation.steps)
        yield from self._wait_for_turn()
        yield from self._channel.connect()
        if self._endpoint.security is not None:
            steps = with_handshakes(steps)
        for step, following in zip(steps, (*steps[1:], None), strict=True):
            if self._channel.ending is None or step in (Action.RESET, Action.ASIDE):
                yield from self._perform(step, following)
        if self._channel.ending is None:
            yield from self._finish(self._channel)
        if self._channel.ending is not None:
            self._log.add(Kind.ENDED, note=self._channel.note)

    def _new_channel(self) -> Channel:
        channel = Channel(
            self._endpoint,
            self._conversation,
            self._patience,
            self._called_off,
            log=self._log,
            turn=self._turn,
            system=self._system,
            limits=self._limits,
        )
        self._channels.append(channel)
        return channel

    def _wait_for_turn(self) -> Waits[None]:
        """Wait for the turn of our requests, where the endpoint has a rate; then the conversation begins."""
        if self._endpoint.rate is None:
            return
        seconds = self._endpoint.rate.turn(self._conversation.requests)
        while seconds > 0 and not self._called_off.is_set():
            yield Wait(min(seconds, ATTENTION))
            seconds -= ATTENTION
        self._log.restart()

    # The steps

    def _perform(self, step: Step, following: Step | None) -> Waits[None]:
        channel = self._channel
        if isinstance(step, bytes):
            yield from self._write(step, half_close_follows=following is Action.HALF_CLOSE)
        elif isinstance(step, Await):
            yield from self._await(step)
        elif isinstance(step, Handshake):
            yield from channel.shake_hands(step)
        elif step is Action.PAUSE:
            yield from self._pause()
        elif step is Action.HALF_CLOSE:
            yield from channel.half_close()
        elif step is Action.CLOSE_NOTIFY:
            yield from channel.close_notify()
        elif step is Action.SEGMENT:
            yield from channel.let_arrive()
        elif step is Action.RESET:
            channel.abort()
            yield from self._connect_anew()
        elif step is Action.ASIDE:
            channel.leave_aside()
            yield from self._connect_anew()

    def _write(self, data: bytes, *, half_close_follows: bool) -> Waits[None]:
        pieces = self._pieces(data)
        note = f"in {len(pieces)} pieces" if len(pieces) > 1 else ""
        self._log.add(Kind.SENT, b"".join(pieces), note)
        yield from self._channel.write(pieces, half_close_follows=half_close_follows)

    def _pieces(self, data: bytes) -> tuple[bytes, ...]:
        pieces = self._conversation.delivery(data)
        small, rest = pieces[: self._cuts_left], pieces[self._cuts_left :]
        self._cuts_left -= len(small)
        return (*small, b"".join(rest)) if rest else small

    def _await(self, what: Await) -> Waits[None]:
        channel = self._channel
        if not (yield from channel.watch(lambda: channel.incoming.consume(what))) and channel.ending is None:
            self._log.add(Kind.AWAITED_IN_VAIN)

    def _pause(self) -> Waits[None]:
        channel = self._channel
        yield from channel.watch(_never, silence=self._patience.quiet)
        if channel.ending is None:
            self._log.add(Kind.PAUSED)

    def _connect_anew(self) -> Waits[None]:
        """Go on over a new connection, even if the server has ended the one before."""
        self._channel = self._new_channel()
        yield from self._channel.connect()

    # The end

    def _finish(self, channel: Channel) -> Waits[None]:
        """Wait for the wanted responses, then find out whether the connection is open or closed."""
        wanted, follow_up = self._conversation.answers, self._conversation.follow_up
        if wanted and not (yield from channel.watch(lambda: channel.incoming.finals >= wanted)):
            channel.end(Ending.SILENCE)
            return
        if not channel.incoming.persists or channel.half_closed:
            yield from channel.watch(_never)
        elif not follow_up:
            channel.end(Ending.LEFT)
        if channel.ending is None and follow_up and not channel.half_closed:
            yield from self._follow_up(channel, follow_up)
        channel.end(Ending.SILENCE)

    def _follow_up(self, channel: Channel, request: bytes) -> Waits[None]:
        before = channel.incoming.finals
        self._log.add(Kind.FOLLOWED_UP, request)
        yield from channel.write((request,))
        if (yield from channel.watch(lambda: channel.incoming.finals > before)):
            # The request asks for the close, so anything else that the server sends comes before the end.
            yield from channel.watch(_never, silence=self._patience.quiet)
            channel.end(Ending.LEFT)


def _never() -> bool:
    return False
