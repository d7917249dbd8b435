"""Tags: what makes a scenario unsafe on a shared server.

The tags follow from the bytes and the steps, so that no scenario has to be marked and none can be forgotten.
"""

import re
from collections.abc import Iterator
from enum import Enum
from itertools import groupby

from clients.response import TOKEN
from clients.steps import Action, Step
from conformance.judging.model import Check, Scenario
from conformance.judging.placeholders import fill, length_after_head


class Tag(Enum):
    """What a scenario does that could harm a server or its other users, as a phrase about the scenario.

    UNCLEAR endangers the other users: if a proxy in front disagrees with the server, bytes of the scenario
    may become part of another user's request.
    """

    RESETS = "resets a connection in the middle of an exchange"
    HOLDS = "holds one connection open while it uses another"
    LARGE = "sends more than 16 KiB or tests a limit of the server"
    UNCLEAR = "frames a message so that two readers may disagree on where the next one starts"


_LARGE = 16 * 1024
_ABOUT_LIMITS = "limits"


def tags(check: Check) -> frozenset[Tag]:
    """Return the tags of a check; an invariant sends nothing and has none."""
    return frozenset(_tags(check)) if isinstance(check, Scenario) else frozenset()


def _tags(scenario: Scenario) -> Iterator[Tag]:
    if Action.RESET in scenario.send:
        yield Tag.RESETS
    if Action.ASIDE in scenario.send:
        yield Tag.HOLDS
    if scenario.topic == _ABOUT_LIMITS or len(scenario.bytes_sent) > _LARGE:
        yield Tag.LARGE
    if not all(
        framed_clearly(_filled(sent)) for sent in _connections(scenario.send) if _speaks_of_framing(sent)
    ):
        yield Tag.UNCLEAR


def _connections(steps: tuple[Step, ...]) -> Iterator[bytes]:
    """Yield the bytes that are sent on each connection."""
    for ending, run in groupby(steps, key=lambda step: step in (Action.RESET, Action.ASIDE)):
        if not ending:
            yield b"".join(step for step in run if isinstance(step, bytes))


def _filled(sent: bytes) -> bytes:
    """Fill in <length> alone, so that it is the length of the bytes as they are."""
    return fill(sent, {b"<length>": length_after_head(sent)}) if b"<length>" in sent else sent


_REQUEST_LINE = TOKEN + rb" [!-~\x80-\xff]+ HTTP/1\.[01]\r\n"
_FIELD_LINE = TOKEN + rb":[\t -~\x80-\xff]*\r\n"
_HEAD = re.compile(_REQUEST_LINE + b"(?:" + _FIELD_LINE + rb")*+\r\n")
_FRAMING_FIELD = re.compile(rb"(?im)^(content-length|transfer-encoding):[ \t]*([^\r\n]*?)[ \t]*\r$")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})\r\n")
_TRAILER_SECTION = re.compile(b"(?:" + _FIELD_LINE + rb")*+\r\n")

# Without one of these words, in whatever case, no reader looks for a body.
_WORDS_OF_FRAMING = re.compile(rb"(?i)content.?length|transfer.?encoding")


def _speaks_of_framing(sent: bytes) -> bool:
    # Most bytes have neither word, and some are megabytes: searching for a word is faster than for a pattern,
    # and for a letter much faster still. Each of the words has a g, followed by at most two letters.
    words = sent[: max(sent.rfind(b"g"), sent.rfind(b"G")) + 3].lower()
    return (b"length" in words or b"encoding" in words) and bool(_WORDS_OF_FRAMING.search(words))


def framed_clearly(sent: bytes) -> bool:
    """Whether no two readers can disagree on where each request in these bytes ends (RFC 9112, 6.3 and 11.2).

    The last request may be cut off anywhere, since nothing follows it.
    """
    at = 0
    while at < len(sent):
        head = _HEAD.match(sent, at)
        if head is None:
            return not _speaks_of_framing(sent[at:])
        after = _end_of_body(sent, head)
        if after is None:
            return False
        at = after
    return True


def _end_of_body(sent: bytes, head: re.Match[bytes]) -> int | None:
    """Return the offset where the body after a head ends; None if readers may disagree on it."""
    framing = [(name.lower(), value.lower()) for name, value in _FRAMING_FIELD.findall(head[0])]
    if len(_WORDS_OF_FRAMING.findall(head[0])) > len(framing):
        return None  # a field whose name or value only resembles a framing field
    if not framing:
        return head.end()
    (name, value), *others = framing
    if others:
        return None
    if name == b"content-length":
        return head.end() + int(value) if re.fullmatch(rb"[0-9]{1,9}", value) else None
    in_http10 = head[0].partition(b"\r\n")[0].endswith(b"HTTP/1.0")
    return None if value != b"chunked" or in_http10 else _end_of_chunks(sent, head.end())


def _end_of_chunks(sent: bytes, at: int) -> int | None:
    while at < len(sent):
        size = _CHUNK_SIZE.match(sent, at)
        if size is None:
            return None
        length = int(size[1], 16)
        if not length:
            # Some scenarios send megabytes of trailers without an end; finding no empty line is fast.
            if sent.find(b"\r\n\r\n", size.end() - 2) < 0:
                return None
            trailers = _TRAILER_SECTION.match(sent, size.end())
            return trailers.end() if trailers and not _speaks_of_framing(trailers[0]) else None
        at = size.end() + length + 2
        if at <= len(sent) and sent[at - 2 : at] != b"\r\n":
            return None
    return at
