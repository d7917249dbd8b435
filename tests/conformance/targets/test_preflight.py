"""The preflight: what a server offers, or one sentence that says why it cannot be tested."""

import re
import ssl
from pathlib import Path
from typing import Any

import pytest

from clients.certificates import make_certificates
from clients.conversation import Patience
from conformance.errors import BadUsage, Untestable
from conformance.judging.model import Need
from conformance.targets.preflight import examine, still_answers
from conformance.targets.target import locate
from tests.conformance.builders import BAD_REQUEST, CONTINUE, HALF, HOSTILE, OK, response
from tests.conformance.scripted_server import (
    Answer,
    Peer,
    Script,
    always,
    by_request,
    free_port,
    serving,
    silent,
    then_close,
    then_reset,
    then_wait,
    witnessing,
)

TO_THE_END = b"HTTP/1.1 200 OK\r\n\r\nuntil the end"


INCOMPLETE = "its answer to a plain GET is not a complete HTTP/1.x response, and it"
NOTHING = "it sent nothing in response to a plain GET and"


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        pytest.param(then_close(b""), f"{NOTHING} closed the connection", id="nothing"),
        pytest.param(then_reset, f"{NOTHING} reset the connection", id="a reset"),
        pytest.param(then_close(b"\x00garbage"), f"{INCOMPLETE} closed the connection", id="garbage"),
        pytest.param(then_close(HALF), f"{INCOMPLETE} closed the connection", id="half a response"),
        pytest.param(then_close(CONTINUE), f"{INCOMPLETE} closed the connection", id="an interim response"),
    ],
)
def test_a_server_that_ends_without_an_answer_is_untestable(script: Script, sentence: str) -> None:
    with serving(script) as server:
        with pytest.raises(Untestable) as caught:
            examine(locate(server.url))
        assert not still_answers(locate(server.url))
    assert str(caught.value) == f"{server.url} cannot be tested: {sentence}"


@pytest.mark.parametrize(
    ("script", "sentence"),
    [
        pytest.param(silent, NOTHING, id="nothing"),
        pytest.param(then_wait(b"SSH-2.0-OpenSSH_9.2\r\n"), INCOMPLETE, id="another protocol"),
        pytest.param(then_wait(HALF), INCOMPLETE, id="half a response"),
        pytest.param(then_wait(TO_THE_END), INCOMPLETE, id="a response that does not end"),
    ],
)
def test_a_server_that_falls_silent_without_an_answer_is_untestable(script: Script, sentence: str) -> None:
    brief = Patience(silence=0.1, whole=3.0)
    with serving(script) as server:
        with pytest.raises(Untestable) as caught:
            examine(locate(server.url), patience=brief)
        assert not still_answers(locate(server.url), brief)
    ending = "fell silent without closing the connection"
    assert str(caught.value) == f"{server.url} cannot be tested: {sentence} {ending}"


def test_a_port_where_nothing_listens_is_untestable() -> None:
    url = f"http://127.0.0.1:{free_port()}/"
    with pytest.raises(Untestable) as caught:
        examine(locate(url))
    assert str(caught.value) == (f"{url} cannot be tested: no connection could be made (Connection refused)")
    assert not still_answers(locate(url))


@pytest.mark.parametrize("status", [301, 404, 500])
def test_another_status_needs_another_url(status: int) -> None:
    with serving(always(response(status))) as server, pytest.raises(Untestable) as caught:
        examine(locate(server.url))
    assert str(caught.value) == (
        f"{server.url} answers a plain GET with {status}; use a URL that answers with 200"
    )


@pytest.mark.parametrize(
    "script",
    [
        pytest.param(always(OK), id="200"),
        pytest.param(always(response(204)), id="204"),
        pytest.param(always(CONTINUE, OK), id="200 after an interim response"),
        pytest.param(then_close(OK), id="200, and closes"),
        pytest.param(then_close(TO_THE_END), id="200 without length, and closes"),
        pytest.param(then_close(response(version=b"HTTP/1.0")), id="200 in HTTP/1.0"),
    ],
)
def test_a_server_that_answers_is_testable_without_a_witness(script: Script) -> None:
    with serving(script) as server:
        found = examine(locate(server.url))
        assert still_answers(locate(server.url))
    assert found.witness is None
    assert found.offers == frozenset()
    assert found.placeholders[b"<witness>"] == b"/"


def test_any_status_counts_as_an_answer() -> None:
    with serving(always(BAD_REQUEST)) as server:
        assert still_answers(locate(server.url))


def test_the_bytes_of_the_plain_get() -> None:
    with serving(always(OK)) as server:
        examine(locate(f"{server.url}a%20b?c"))
    assert server.requests[0] == b"GET /a%%20b?c HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % server.port


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ([b"Server: example/1.0"], "example/1.0"),
        ([b"server: a", b"Server: b"], "a, b"),
        ([], ""),
        ([b"Server: \xe9"], "\xe9"),
    ],
    ids=["one", "two lines", "none", "above ASCII"],
)
def test_the_server_field_is_kept(fields: list[bytes], name: str) -> None:
    with serving(always(response(200, b"", *fields))) as server:
        assert examine(locate(server.url)).server == name


@pytest.mark.parametrize("version", [b"HTTP/1.0", b"HTTP/1.1"])
def test_whether_it_labels_its_responses_http10_is_kept(version: bytes) -> None:
    with serving(always(response(200, b"ok", version=version))) as server:
        assert examine(locate(server.url)).labels_http10 is (version == b"HTTP/1.0")


@pytest.mark.parametrize(
    ("answer", "opinion"),
    [
        pytest.param(OK, "", id="both agree"),
        pytest.param(
            response(200, b"hello", b"A\x1b b: c"),
            r"h11 refuses the answer to a plain GET, which wirecheck reads as 200 with 5 bytes .+",
            id="h11 refuses it",
        ),
        pytest.param(
            response(200, b"", b"A b: " + b"c" * 100_000),
            r"h11 refuses the answer .+ \(\d+ more characters\)",
            id="h11 refuses a long line",
        ),
    ],
)
def test_h11_has_a_second_opinion_on_the_plain_get(answer: bytes, opinion: str) -> None:
    with serving(always(answer)) as server:
        found = examine(locate(server.url)).second_opinion
    assert re.fullmatch(opinion, found)
    assert found.isprintable()
    assert len(found) < 1100


def test_the_witness_is_found_in_the_usual_place() -> None:
    with serving(by_request(witnessing())) as server:
        found = examine(locate(server.url))
    assert found.witness == b"/witness"
    assert found.offers == {Need.WITNESS, Need.FORMS}
    assert found.server == "scripted"


@pytest.mark.parametrize("named", ["/a/b", "/a/b/"])
def test_the_witness_is_found_at_a_given_path(named: str) -> None:
    with serving(by_request(witnessing(b"/a/b"))) as server:
        assert examine(locate(server.url), witness=named).witness == b"/a/b"


def test_the_witness_may_be_mounted_at_the_root() -> None:
    with serving(by_request(witnessing(b""))) as server:
        found = examine(locate(server.url), witness="/")
    assert found.placeholders[b"<status>"] == b"/status"


def test_capabilities_that_were_known_before_are_kept(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.server)

    def secured(peer: Peer) -> None:
        with context.wrap_socket(peer.connection, server_side=True) as connection:
            by_request(witnessing())(Peer(connection, []))

    with serving(secured) as server:
        url = server.url.replace("http:", "https:")
        found = examine(locate(url, authority=certificates.authority))
    assert found.offers == {Need.TLS, Need.WITNESS, Need.FORMS}


def test_with_a_witness_the_path_itself_need_not_exist() -> None:
    answer = witnessing()

    def missing_elsewhere(request: bytes) -> bytes:
        return answer(request) if b"/witness/" in request else response(404)

    with serving(by_request(missing_elsewhere)) as server:
        assert examine(locate(server.url)).witness == b"/witness"


def test_a_missing_witness_at_a_given_path_is_an_error() -> None:
    with serving(by_request(witnessing())) as server, pytest.raises(BadUsage) as caught:
        examine(locate(server.url), witness="/here")
    assert str(caught.value) == (f"there is no witness at {server.url} under /here: /here/echo did not echo")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(witnessing(witness=2), id="another number"),
        pytest.param(witnessing(witness=[1]), id="a list for the number"),
        pytest.param(lambda _: response(200, b'{"witness": 1'), id="JSON cut short"),
        pytest.param(lambda _: response(200, b"[" * 100_000), id="JSON too deep"),
        pytest.param(lambda _: response(200, HOSTILE), id="not JSON"),
        pytest.param(lambda _: response(201, b'{"witness": 1}'), id="another status"),
    ],
)
def test_an_invalid_echo_is_not_a_witness(answer: Answer) -> None:
    with serving(by_request(answer)) as server:
        assert examine(locate(server.url)).witness is None


@pytest.mark.parametrize(
    "members",
    [
        pytest.param({"arguments": {"a": ["2"]}}, id="another value"),
        pytest.param({"arguments": {"a": "1"}}, id="not a list"),
        pytest.param({"arguments": {"a": 1}}, id="a number"),
        pytest.param({"arguments": [["a", "1"]]}, id="a list"),
        pytest.param({"arguments": None}, id="null"),
        pytest.param({"arguments": {"a": ["1", "1"]}}, id="twice"),
    ],
)
def test_a_witness_that_misreads_forms_does_not_report_them(members: dict[str, Any]) -> None:
    with serving(by_request(witnessing(**members))) as server:
        assert examine(locate(server.url)).offers == {Need.WITNESS}


def test_a_witness_that_does_not_answer_a_form_does_not_report_forms() -> None:
    answer = witnessing()

    def no_posts(peer: Peer) -> None:
        while request := peer.request():
            if not request.startswith(b"POST"):
                peer.send(answer(request))

    with serving(no_posts) as server:
        found = examine(locate(server.url), discovery=Patience(silence=0.5, whole=3.0))
    assert found.offers == {Need.WITNESS}


# TLS that fails


def test_a_handshake_that_is_answered_in_clear_is_untestable() -> None:
    def in_the_clear(peer: Peer) -> None:
        peer.connection.recv(65536)
        peer.send(BAD_REQUEST)

    with serving(in_the_clear) as server, pytest.raises(Untestable) as caught:
        examine(locate(server.url.replace("http:", "https:")))
    assert "no TLS connection could be made (" in str(caught.value)
    assert "--ca" not in str(caught.value)


def test_a_certificate_that_cannot_be_verified_is_untestable_with_advice(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.server)

    def secured(peer: Peer) -> None:
        with context.wrap_socket(peer.connection, server_side=True) as connection:
            connection.recv(65536)

    with serving(secured) as server, pytest.raises(Untestable) as caught:
        examine(locate(server.url.replace("http:", "https:")))
    message = str(caught.value)
    assert "no TLS connection could be made (" in message
    assert message.endswith("; use --ca to name the authority to trust)")
