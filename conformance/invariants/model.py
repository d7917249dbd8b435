"""What an invariant is, and what it is given to look at.

Both are values. Where the responses come from is the business of `responses`, and the rules are in `rules`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from clients.response import Response
from conformance.judging.model import Check


@dataclass(frozen=True)
class Exchange:
    """A response as it was received, and the facts about its request and its connection that rules need."""

    response: Response
    method: bytes = b"GET"  # of the request; GET where the bytes sent do not show it
    version: bytes = b"HTTP/1.1"  # of the request; HTTP/1.1 where the bytes sent do not show it
    last: bool = True  # whether no response followed on the connection
    unannounced_close: bool = False  # whether the server closed after it, and the client gave no reason to
    left_unended: bool = False  # whether only a close could have ended it, and none came
    field_lines: tuple[bytes, ...] = ()  # as received; empty where the head has line ends other than CRLF


@dataclass(frozen=True, kw_only=True)
class Invariant(Check):
    """A rule for every response."""

    rule: str  # what each response does, as a phrase that follows "Every response"
    applies: Callable[[Exchange], bool]  # whether the rule says anything about this response
    wrong: Callable[[Exchange], str]  # what it does instead, as a phrase that follows "A response"; or ""
