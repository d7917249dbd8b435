"""The preflight against servers that can never be tested: one sentence each, and no exception of ours."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from conformance.errors import Untestable
from conformance.targets.preflight import examine
from conformance.targets.target import locate
from tests.hostile.behaviours import BEHAVIOURS
from tests.hostile.serving import serving
from tests.hostile.tls_servers import CERTIFICATES, IN_PLACE_OF_A_HANDSHAKE

NOTHING = "it sent nothing in response to a plain GET and"
NO_RESPONSE = "its answer to a plain GET is not a complete HTTP/1.x response, and it"
FLOOD = "on a plain GET it sent more than we were willing to read; every scenario requests this page"

SENTENCES = {
    "never-answers": f"{NOTHING} fell silent",
    "never-reads": f"{NOTHING} fell silent",
    "closes": f"{NOTHING} ",  # closed or reset: the request may arrive before or after
    "half-closes": f"{NOTHING} closed the connection",
    "speaks-first": f"{NO_RESPONSE} fell silent",
    "drips-octets": "it answers in drips: ",
    "drips-interim-responses": NO_RESPONSE,
    "reset-at-once": f"{NOTHING} reset the connection",
    "reset-behind-a-request": f"{NOTHING} reset the connection",
    "reset-in-a-status-line": f"{NO_RESPONSE} reset the connection",
    "reset-in-a-head": f"{NO_RESPONSE} reset the connection",
    "reset-in-content": f"{NO_RESPONSE} reset the connection",
    "reset-in-a-chunk": f"{NO_RESPONSE} reset the connection",
    "length-too-long-and-wait": f"{NO_RESPONSE} fell silent",
    **{name: FLOOD for name in BEHAVIOURS if name.startswith("endless-")},
}


def sentence_for(url: str, authority: Path | None = None) -> str:
    with pytest.raises(Untestable) as raised:
        examine(locate(url, authority=authority))
    sentence = str(raised.value)
    assert sentence.startswith(f"{url} cannot be tested: ")
    assert sentence.isprintable()
    return sentence


@pytest.mark.parametrize("name", BEHAVIOURS)
def test_a_server_that_gives_no_answer_is_one_sentence(name: str) -> None:
    with serving(BEHAVIOURS[name]) as port:
        sentence = sentence_for(f"http://127.0.0.1:{port}/")
    assert SENTENCES.get(name, f"{NO_RESPONSE} closed the connection") in sentence


@pytest.mark.parametrize("name", CERTIFICATES)
def test_a_certificate_that_cannot_be_trusted_is_one_sentence(name: str, tmp_path: Path) -> None:
    make, said = CERTIFICATES[name]
    with serving(make(tmp_path)) as port:
        assert said in sentence_for(f"https://127.0.0.1:{port}/", tmp_path / "authority.pem")


@pytest.mark.parametrize("name", IN_PLACE_OF_A_HANDSHAKE)
def test_a_handshake_that_does_not_succeed_is_one_sentence(name: str) -> None:
    with serving(IN_PLACE_OF_A_HANDSHAKE[name]) as port:
        sentence_for(f"https://127.0.0.1:{port}/")


@contextmanager
def full_backlog() -> Iterator[int]:
    """Listen without ever accepting, with so many clients waiting that no more are let in."""
    with ExitStack() as stack:
        listening = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
        for _ in range(4):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield listening.getsockname()[1]


def test_a_full_backlog_is_one_sentence() -> None:
    with full_backlog() as port:
        assert "no connection could be made (timed out)" in sentence_for(f"http://127.0.0.1:{port}/")
