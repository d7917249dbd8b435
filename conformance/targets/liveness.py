"""Whether a target lives through its run, and who may have killed it.

A server that dies takes with it whatever is under way, and whoever comes after finds nobody there. Of both
nothing can be said, unless it is started again. So its deaths are noticed here, the conversations that may
have brought one about are told, and it is waited for. What is played, and what it means, is not known here.
"""

import math
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from clients.raw import Patience
from clients.transcript import Kind, Transcript
from conformance.targets.preflight import ask_plainly, is_answered
from conformance.targets.target import Target

# How long a target may take to come back, in seconds: one that somebody else looks after, if it is; and one
# that is kept running, which may have much to load.
_RETURNS_WITHIN = 3.0
_RESTARTS_WITHIN = 30.0
_BETWEEN_LOOKS = 0.05

# A death may be noticed so much later than it was caused, in seconds, by a machine with much to do.
_NOTICED_WITHIN = 1.0

# Who did nothing for a second is no suspect; of the others, the nearest to the moment are enough.
_MOST_SUSPECTS = 60


@dataclass(frozen=True)
class Death:
    """An end that nobody asked for. moment: by time.monotonic(). how: a phrase that follows "the target"."""

    moment: float
    how: str


class Keeper(Protocol):
    """Whoever keeps a target running."""

    @property
    def crashes(self) -> tuple[Death, ...]:
        """Each time that it ended of its own accord."""

    def start_again(self) -> None:
        """End it, for it does nothing any more, and let it start again."""


class Life:
    """The life of one target. patience: with which it is asked. keeper: who starts it again, if anybody."""

    def __init__(self, target: Target, patience: Patience, keeper: Keeper | None = None) -> None:
        self._target = target
        self._patience = patience
        self._keeper = keeper
        self._asking = threading.Lock()
        self._last_answered = -math.inf
        self._noticed: list[Death] = []
        self.gone = ""
        """How it ended for good; empty while it can be asked."""

    @property
    def deaths(self) -> tuple[Death, ...]:
        """All deaths so far, in order: those that the keeper knows of, and those that were noticed here."""
        known = self._keeper.crashes if self._keeper else ()
        return tuple(sorted((*known, *self._noticed), key=lambda death: death.moment))

    def look_after(self, said: Transcript) -> bool:
        """See to it that the target lives, where a conversation makes that doubtful; return whether it does.

        May be called from many threads, of which one asks for all that were in doubt when it began.
        """
        with self._asking:
            doubtful = not self.gone and self._last_answered < said.began
            if doubtful and not said.nobody_there:
                self._ask(since=said.last(Kind.CONNECTED, Kind.SENT, Kind.RECEIVED) or said.began)
            elif doubtful:
                self.recover()
            return not self.gone

    def died_since(self, moment: float) -> str:
        """Ask it plainly, and return how it died at that moment or later; empty when it did not."""
        self._ask(moment)
        return next((death.how for death in reversed(self.deaths) if death.moment >= moment), "")

    def recover(self) -> bool:
        """Wait until it answers again. Once it does not in time, it is gone."""
        last_moment = time.monotonic() + (_RESTARTS_WITHIN if self._keeper else _RETURNS_WITHIN)
        while not self.gone and not self._answers():
            if time.monotonic() > last_moment:
                self.gone = self.deaths[-1].how if self.deaths else _NOT_THERE
            time.sleep(_BETWEEN_LOOKS)
        return not self.gone

    def _ask(self, since: float) -> None:
        """Find out whether it stalls or died, and have it started again. since: when it was last heard."""
        said = ask_plainly(self._target, self._patience)
        if is_answered(self._target, said):
            self._last_answered = said.began
            return
        if said.ending.closed or said.nobody_there:
            self._wait_for_notice(Death(since, _NOT_THERE if said.nobody_there else _SILENT))
            self.recover()
            return
        self._noticed.append(Death(since, _SILENT))
        if self._keeper:
            self._keeper.start_again()
            self.recover()
        else:
            self.gone = _SILENT  # it was given all the time that there is

    def _wait_for_notice(self, seen: Death) -> None:
        """Leave it to the keeper to notice a death, who knows how it came; else note what was seen of it."""
        last_moment = time.monotonic() + (_NOTICED_WITHIN if self._keeper else 0)
        while all(death.moment < seen.moment for death in self.deaths):
            if time.monotonic() > last_moment:
                self._noticed.append(seen)
            time.sleep(_BETWEEN_LOOKS)

    def _answers(self) -> bool:
        said = ask_plainly(self._target, self._patience)
        answers = is_answered(self._target, said)
        if answers:
            self._last_answered = said.began
        return answers


# How a target ends, as phrases that follow it.
_SILENT = "answered nothing any more"
_NOT_THERE = "accepted no more connections"


@dataclass(frozen=True)
class Loss:
    """A death in a run. culprit: who brought it about; empty when nobody did it again, alone.

    suspects: who was under way at the time.
    """

    death: Death
    culprit: str
    suspects: tuple[str, ...]


def inquire(
    life: Life, conversations: Mapping[str, Transcript], kills: Callable[[str], bool]
) -> tuple[Loss, ...]:
    """Find out who brought about each death, by the suspects' being played again alone, once all is played.

    conversations: all with this target, by name. kills: plays one of them alone, and says whether the target
    died of it.
    """
    losses: list[Loss] = []
    for death in _deaths(life, conversations.values()):
        named = suspects(death, conversations)
        known = {loss.culprit for loss in losses}
        culprit = next((name for name in named if name in known), "")
        if not culprit and life.recover():
            culprit = next((name for name in named if life.recover() and kills(name)), "")
        elif not culprit and len(named) == 1 and not conversations[named[0]].received:
            culprit = named[0]  # nobody is left to ask, and nobody else to suspect
        losses.append(Loss(death, culprit, named))
    return tuple(losses)


def _deaths(life: Life, transcripts: Collection[Transcript]) -> tuple[Death, ...]:
    noticed = life.deaths or refusals(transcripts)
    how = life.died_since(time.monotonic())
    # One that stalls was last heard when it began to.
    return noticed if noticed or not how else (Death(last_heard(transcripts), how),)


def refusals(transcripts: Iterable[Transcript]) -> tuple[Death, ...]:
    """The deaths that conversations tell of: each time that nobody was there where somebody had been."""
    signs = []
    for said in transcripts:
        if said.nobody_there:
            signs.append((said.ended, True))
        connected = said.last(Kind.CONNECTED)
        if connected is not None:
            signs.append((connected, False))
    deaths, dead = [], False
    for moment, refused in sorted(signs):
        if refused and not dead:
            deaths.append(Death(moment, _NOT_THERE))
        dead = refused
    return tuple(deaths)


def last_heard(transcripts: Iterable[Transcript]) -> float:
    """When the last byte came, of all that was said."""
    return max((said.last(Kind.RECEIVED) or said.began for said in transcripts), default=0.0)


def suspects(death: Death, conversations: Mapping[str, Transcript]) -> tuple[str, ...]:
    """Who may have brought a death about: who was under way, the most suspicious first.

    These are the ones that got no answer; and of them, those that sent something nearest to the moment.
    """

    def innocence(name: str) -> tuple[bool, float]:
        said = conversations[name]
        sent = said.last(Kind.SENT, Kind.RESET_SENT, Kind.HALF_CLOSED, Kind.FOLLOWED_UP)
        return bool(said.received), abs((said.began if sent is None else sent) - death.moment)

    under_way = [
        name
        for name, said in conversations.items()
        if said.began <= death.moment + _NOTICED_WITHIN
        and said.ended >= death.moment - _NOTICED_WITHIN
        and said.last(Kind.CONNECTED) is not None
    ]
    return tuple(sorted(under_way, key=innocence)[:_MOST_SUSPECTS])
