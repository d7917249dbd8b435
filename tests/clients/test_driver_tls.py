"""The driver over TLS: handshakes and identities, the ways a secured stream ends, and what is not TLS."""

import ssl
from collections.abc import Callable
from dataclasses import replace

import pytest

from clients.certificates import Certificates
from clients.conversation import Conversation, Patience
from clients.driver import play
from clients.endpoint import Endpoint
from clients.limits import Limits
from clients.steps import CLEARTEXT, CLOSE_NOTIFY, HALF_CLOSE, RESET, Handshake, Identity, Step
from clients.tls import Security, make_security
from clients.transcript import Ending, Kind, Transcript

Serve = Callable[..., Endpoint]
Received = Callable[[], list[bytes]]

PATIENT = Patience(quiet=5, silence=10, whole=20)
HASTY = Patience(quiet=0.05, silence=0.3, whole=2)

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
FOLLOW_UP = b"GET /again HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"
LAST = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nlast"

MANY = 3_000_000
LARGE_REQUEST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % MANY + b"a" * MANY
LARGE_ANSWER = b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % MANY + b"b" * MANY


@pytest.fixture
def serve_tls(serve: Serve, server_context: ssl.SSLContext, security: Security) -> Serve:
    """Serve over TLS."""
    return lambda *scripts: serve(*scripts, context=server_context, security=security)


@pytest.fixture
def serve_mutual_tls(serve: Serve, demanding_context: ssl.SSLContext, security: Security) -> Serve:
    """Serve over TLS, and require a client certificate from the known authority."""
    return lambda *scripts: serve(*scripts, context=demanding_context, security=security)


@pytest.fixture
def serve_cleartext(serve: Serve, security: Security) -> Serve:
    """Serve without TLS at an endpoint with TLS."""
    return lambda *scripts: serve(*scripts, security=security)


def kinds(transcript: Transcript) -> list[Kind]:
    return [event.kind for event in transcript.events]


def conversation(*steps: Step, follow_up: bytes = b"") -> Conversation:
    return Conversation(steps or (REQUEST,), follow_up=follow_up)


# Conversations


@pytest.mark.parametrize("steps", [(REQUEST,), (Handshake(), REQUEST)], ids=["implied", "explicit"])
def test_a_conversation_begins_with_one_handshake(
    serve_tls: Serve, received: Received, steps: tuple[Step]
) -> None:
    transcript = play(serve_tls(("request", LAST, "close_notify")), conversation(*steps), PATIENT)
    assert kinds(transcript)[:3] == [Kind.CONNECTED, Kind.SECURED, Kind.SENT]
    assert transcript.events[1].note.startswith("TLSv1.3, ")
    assert (transcript.secured, transcript.received) == (True, LAST)
    assert received() == [REQUEST]


def test_a_follow_up_is_answered_over_tls(serve_tls: Serve, received: Received) -> None:
    endpoint = serve_tls(("request", OK, "request", LAST, "close_notify"))
    transcript = play(endpoint, conversation(follow_up=FOLLOW_UP), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.CLOSE_NOTIFY, OK + LAST)
    assert transcript.received_before_follow_up == len(OK)
    assert received() == [REQUEST + FOLLOW_UP]


def test_several_responses_in_one_record_are_all_read(serve_tls: Serve) -> None:
    conversation = Conversation((REQUEST, REQUEST), answers=2)
    transcript = play(serve_tls((2 * len(REQUEST), OK + LAST, "close_notify")), conversation, PATIENT)
    assert transcript.received == OK + LAST
    assert [event.data for event in transcript.events if event.kind is Kind.RECEIVED] == [OK + LAST]


def test_a_response_in_records_of_one_byte_is_read(serve_tls: Serve) -> None:
    pieces = [bytes([byte]) for byte in OK]
    endpoint = serve_tls(("request", pieces, "request", LAST, "close_notify"))
    transcript = play(endpoint, conversation(follow_up=FOLLOW_UP), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.CLOSE_NOTIFY, OK + LAST)


def test_a_large_answer_is_read_while_a_large_request_is_written(
    serve_tls: Serve, received: Received
) -> None:
    endpoint = serve_tls((LARGE_ANSWER, len(LARGE_REQUEST), "close_notify"))
    large = replace(conversation(LARGE_REQUEST), room=len(LARGE_ANSWER))
    transcript = play(endpoint, large, PATIENT, limits=Limits(kept=2 * len(LARGE_ANSWER)))
    assert (transcript.ending, transcript.received) == (Ending.CLOSE_NOTIFY, LARGE_ANSWER)
    assert received() == [LARGE_REQUEST]


# Endings


@pytest.mark.parametrize(
    ("end", "ending"),
    [
        pytest.param("close_notify", Ending.CLOSE_NOTIFY, id="close-notify"),
        pytest.param("finish", Ending.TRUNCATED, id="fin-without-close-notify"),
        pytest.param("reset", Ending.RESET, id="reset"),
    ],
)
def test_the_ways_a_secured_stream_ends_are_kept_apart(serve_tls: Serve, end: str, ending: Ending) -> None:
    transcript = play(serve_tls(("request", LAST, end)), conversation(), PATIENT)
    assert (transcript.ending, transcript.received, transcript.secured) == (ending, LAST, True)


def test_a_server_that_stays_silent_over_tls_is_silent(serve_tls: Serve) -> None:
    transcript = play(serve_tls(("request", "end")), conversation(), HASTY)
    assert (transcript.ending, transcript.secured) == (Ending.SILENCE, True)


def test_our_close_notify_is_answered_with_the_servers(serve_tls: Serve, received: Received) -> None:
    endpoint = serve_tls(("request", "end", LAST, "close_notify"))
    transcript = play(endpoint, conversation(REQUEST, CLOSE_NOTIFY, follow_up=FOLLOW_UP), PATIENT)
    assert Kind.CLOSE_NOTIFY_SENT in kinds(transcript)
    assert (transcript.ending, transcript.received) == (Ending.CLOSE_NOTIFY, LAST)
    assert received() == [REQUEST]


def test_no_follow_up_is_sent_after_our_close_notify(serve_tls: Serve) -> None:
    endpoint = serve_tls(("request", "end", OK, "close_notify"))
    transcript = play(endpoint, conversation(REQUEST, CLOSE_NOTIFY, follow_up=FOLLOW_UP), PATIENT)
    assert (transcript.ending, transcript.received_before_follow_up) == (Ending.CLOSE_NOTIFY, None)


def test_a_write_after_our_close_notify_fails_and_reading_goes_on(
    serve_tls: Serve, received: Received
) -> None:
    endpoint = serve_tls(("request", "end", LAST, "close_notify"))
    transcript = play(endpoint, conversation(REQUEST, CLOSE_NOTIFY, b"more"), PATIENT)
    assert [event.note for event in transcript.events if event.kind is Kind.SEND_FAILED] == [
        "our sending side of TLS is closed"
    ]
    assert (transcript.ending, transcript.received) == (Ending.CLOSE_NOTIFY, LAST)
    assert received() == [REQUEST]


@pytest.mark.parametrize("steps", [(HALF_CLOSE,), (CLOSE_NOTIFY, HALF_CLOSE)], ids=["implied", "explicit"])
def test_a_half_close_over_tls_begins_with_one_close_notify(
    serve_tls: Serve, received: Received, steps: tuple[Step, ...]
) -> None:
    endpoint = serve_tls(("request", "end", LAST, "close_notify"))
    transcript = play(endpoint, conversation(REQUEST, *steps), PATIENT)
    assert kinds(transcript)[2:5] == [Kind.SENT, Kind.CLOSE_NOTIFY_SENT, Kind.HALF_CLOSED]
    assert (transcript.ending, transcript.received) == (Ending.CLOSE_NOTIFY, LAST)
    assert received() == [REQUEST]


def test_after_a_reset_there_is_a_new_handshake(serve_tls: Serve, received: Received) -> None:
    endpoint = serve_tls(("request", "end"), ("request", LAST, "close_notify"))
    transcript = play(endpoint, conversation(REQUEST, RESET, REQUEST), PATIENT)
    assert kinds(transcript)[:7] == [
        Kind.CONNECTED,
        Kind.SECURED,
        Kind.SENT,
        Kind.RESET_SENT,
        Kind.CONNECTED,
        Kind.SECURED,
        Kind.SENT,
    ]
    assert (transcript.ending, transcript.received) == (Ending.CLOSE_NOTIFY, LAST)
    assert received() == [REQUEST, REQUEST]


# Identities


def test_the_usual_client_certificate_is_accepted(serve_mutual_tls: Serve, received: Received) -> None:
    endpoint = serve_mutual_tls(("request", LAST, "close_notify"))
    transcript = play(endpoint, conversation(Handshake(Identity.USUAL), REQUEST), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.CLOSE_NOTIFY, LAST)
    assert received() == [REQUEST]


@pytest.mark.parametrize(
    ("identity", "alert"),
    [
        (Identity.ANONYMOUS, "tlsv13 alert certificate required"),
        (Identity.UNTRUSTED, "tlsv1 alert unknown ca"),
    ],
)
def test_a_refused_client_certificate_is_a_fatal_alert(
    serve_mutual_tls: Serve, identity: Identity, alert: str
) -> None:
    transcript = play(serve_mutual_tls(()), conversation(Handshake(identity)), PATIENT)
    assert (transcript.ending, transcript.note) == (Ending.ALERT, alert)
    assert transcript.received == b""


def test_a_handshake_that_ends_in_an_alert_secures_nothing(
    serve: Serve, demanding_context: ssl.SSLContext, certificates: Certificates
) -> None:
    # Before version 1.3 the client certificate is refused within the handshake.
    old = make_security("localhost", authority=certificates.authority)
    for context in old.contexts.values():
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    endpoint = serve((), context=demanding_context, security=old)
    transcript = play(endpoint, conversation(Handshake(Identity.ANONYMOUS), REQUEST), PATIENT)
    assert transcript.ending is Ending.ALERT
    assert kinds(transcript) == [Kind.CONNECTED, Kind.ENDED]
    assert not transcript.secured


def test_a_name_that_the_server_does_not_know_is_a_fatal_alert(
    serve: Serve, certificates: Certificates, security: Security
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
    transcript = play(serve((), context=context, security=security), conversation(), PATIENT)
    assert (transcript.ending, transcript.note) == (Ending.ALERT, "tlsv1 unrecognized name")


# What is not TLS


def test_a_certificate_that_we_do_not_trust_breaks_tls(
    serve: Serve, server_context: ssl.SSLContext, certificates: Certificates
) -> None:
    strange = make_security("localhost", authority=certificates.untrusted_client)
    transcript = play(serve((), context=server_context, security=strange), conversation(), PATIENT)
    assert transcript.ending is Ending.TLS_BROKEN
    assert transcript.note == "unable to get local issuer certificate"
    assert not transcript.secured


def test_a_server_that_answers_in_cleartext_does_not_speak_tls(serve_cleartext: Serve) -> None:
    transcript = play(serve_cleartext((b"HTTP/1.1 400 Bad Request\r\n\r\n", "end")), conversation(), PATIENT)
    assert (transcript.ending, transcript.note) == (Ending.TLS_BROKEN, "wrong version number")
    assert not transcript.secured
    assert transcript.received == b""


def test_a_server_that_closes_in_the_handshake_truncates_it(serve_cleartext: Serve) -> None:
    transcript = play(serve_cleartext((10, "finish", "end")), conversation(), PATIENT)
    assert (transcript.ending, transcript.secured) == (Ending.TRUNCATED, False)


def test_a_server_that_is_silent_in_the_handshake_is_silent(serve_cleartext: Serve) -> None:
    transcript = play(serve_cleartext(("end",)), conversation(), HASTY)
    assert (transcript.ending, transcript.secured) == (Ending.SILENCE, False)
    assert Kind.SENT not in kinds(transcript)


def test_cleartext_goes_to_the_tls_port_unchanged(serve_cleartext: Serve, received: Received) -> None:
    transcript = play(serve_cleartext(("request", LAST)), conversation(CLEARTEXT, REQUEST), PATIENT)
    assert (transcript.ending, transcript.received) == (Ending.FIN, LAST)
    assert not transcript.secured
    assert received() == [REQUEST]


def test_a_tls_server_hangs_up_on_cleartext(serve_tls: Serve) -> None:
    transcript = play(serve_tls(()), conversation(CLEARTEXT, REQUEST), PATIENT)
    assert transcript.ending in (Ending.FIN, Ending.RESET)
    assert not transcript.secured


def test_after_cleartext_and_a_reset_there_is_a_handshake(
    serve: Serve, server_context: ssl.SSLContext, security: Security, received: Received
) -> None:
    endpoint = serve((), ("request", LAST, "close_notify"), context=server_context, security=security)
    transcript = play(endpoint, conversation(CLEARTEXT, b"GET", RESET, REQUEST), PATIENT)
    assert (transcript.ending, transcript.secured) == (Ending.CLOSE_NOTIFY, True)
    assert received()[1:] == [REQUEST]


def test_tls_may_ask_for_another_name_than_the_address(serve_tls: Serve, security: Security) -> None:
    endpoint = replace(serve_tls(("request", LAST, "close_notify")), security=security)
    assert (endpoint.host, security.server_name) == ("127.0.0.1", "localhost")
    assert play(endpoint, conversation(), PATIENT).ending is Ending.CLOSE_NOTIFY
