"""TLS sessions of peers that send much and say nothing."""

from pathlib import Path
from typing import Any

import pytest

from reference_server.network import tls
from reference_server.network.tls import Session, server_context
from tests.reference_server.network.tls_records import RecordClient

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"

Both = tuple[Session, RecordClient]


@pytest.fixture
def both(certificates: Any, tmp_path: Path) -> Both:
    """Both sides of a session, after the handshake."""
    session = Session(server_context({"certfile": str(certificates.server)}))
    client = RecordClient(certificates.authority, tmp_path)
    while not session.established:
        session.receive(client.shake_hands(session.output()))
    session.output()
    return session, client


def test_keys_may_be_renewed_now_and_then(both: Both) -> None:
    session, client = both
    for number in range(5000):
        assert session.receive(client.key_update(ask=number % 2 == 0) + client.data(GET)) == GET
        session.output()
    assert session.failure is None


def test_keys_renewed_without_end_end_the_session(both: Both) -> None:
    session, client = both
    updates = 0
    while session.failure is None and updates < 100_000:
        session.receive(client.key_update())
        updates += 1
    assert session.failure == "too many records without content"
    assert updates * 27 < tls.MOST_EMPTY + 100


def test_it_is_noticed_within_one_read(both: Both) -> None:
    session, client = both
    assert session.receive(b"".join(client.key_update() for _ in range(10_000)) + client.data(GET)) == b""
    assert session.failure == "too many records without content"


def test_a_little_content_buys_no_flood_later(both: Both) -> None:
    """What is received in proportion to its content is no credit."""
    session, client = both
    for _ in range(100):
        assert session.receive(client.data(b"x" * 16_000))
    assert session.receive(b"".join(client.key_update() for _ in range(10_000))) == b""
    assert session.failure == "too many records without content"


def test_content_in_records_of_one_octet_is_content(both: Both) -> None:
    session, client = both
    octets = b"".join(client.data(b"x") for _ in range(20_000))
    assert session.receive(octets) == b"x" * 20_000
    assert session.failure is None


def test_a_large_record_may_come_octet_by_octet(both: Both) -> None:
    session, client = both
    record = client.data(b"x" * 16_000)
    received = [session.receive(record[index : index + 1]) for index in range(len(record))]
    assert b"".join(received) == b"x" * 16_000


def test_a_peer_that_takes_no_answers_to_its_updates_ends_the_session(both: Both) -> None:
    """Each asks for one in return, and they would be kept without end."""
    session, client = both
    asked = 0
    while session.failure is None and asked < 20_000:
        session.receive(client.key_update(ask=True) + client.data(b"x"))
        asked += 1
    assert session.failure == "the peer does not take handshake messages"
    assert len(session.output()) < tls.MOST_UNSENT + 1000
