"""A large form is read before the application is called, in steps, and others are served between them."""

import logging
from collections.abc import Callable
from typing import Any

import pytest

from reference_server.connection import HTTPConnection
from reference_server.parsing.profile import Profile
from reference_server.parsing.steps import STEP
from reference_server.reading import LARGE
from reference_server.request import HTTPRequest

Serve = Callable[..., Any]

GET = b"GET /other HTTP/1.1\r\nHost: h\r\n\r\n"

ESCAPED = b"a=" + b"%41" * (LARGE // 3)
FILE = b'--B\r\nContent-Disposition: form-data; name="f"; filename="x"\r\n\r\n%b\r\n--B--'
UPLOAD = FILE % (b"x" * LARGE)
MANY = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n' * 10_001 + b"--B--"

URLENCODED = b"application/x-www-form-urlencoded"
PARTS = b"multipart/form-data; boundary=B"


def post(content_type: bytes, body: bytes, method: bytes = b"POST") -> bytes:
    head = b"%b /?q=0 HTTP/1.1\r\nHost: h\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (method, content_type, len(body)) + body


def answer(request: HTTPRequest, body: bytes = b"fine") -> None:
    request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    request.finish()


def show(request: HTTPRequest) -> None:
    arguments = {name: [len(value) for value in values] for name, values in request.arguments.items()}
    files = {name: [len(file["body"]) for file in files] for name, files in request.files.items()}
    answer(request, repr((arguments, files)).encode())


@pytest.fixture
def rounds(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Count the rounds of the loop between the end of a body and the call of the application."""
    counted: list[int] = []
    serve, call = HTTPConnection._serve, HTTPConnection._call

    def counting(self: HTTPConnection, request: HTTPRequest) -> None:
        counted.append(0)

        def tick() -> None:
            if request in waiting:
                counted[-1] += 1
                self.stream.io_loop.add_callback(tick)

        waiting.append(request)
        tick()
        serve(self, request)

    def counted_at_last(self: HTTPConnection, request: HTTPRequest) -> None:
        waiting.remove(request)
        call(self, request)

    waiting: list[HTTPRequest] = []
    monkeypatch.setattr(HTTPConnection, "_serve", counting)
    monkeypatch.setattr(HTTPConnection, "_call", counted_at_last)
    return counted


URLENCODED_SHOWN: object = ({"q": [1], "a": [LARGE // 3]}, {})
UPLOAD_SHOWN: object = ({"q": [1]}, {"f": [LARGE]})


@pytest.mark.parametrize(
    ("data", "shown"),
    [
        (post(URLENCODED, ESCAPED), URLENCODED_SHOWN),
        (post(URLENCODED, ESCAPED, b"PUT"), URLENCODED_SHOWN),
        (post(PARTS, UPLOAD), UPLOAD_SHOWN),
        (post(PARTS, UPLOAD, b"PUT"), UPLOAD_SHOWN),
    ],
)
def test_a_large_form_is_there_when_the_application_is_called(
    data: bytes, shown: object, serve: Serve, rounds: list[int], profile: Profile
) -> None:
    """DOC-FORM-1, DOC-MP-5; one step at most in each round of the loop."""
    client = serve(show, profile=profile).connect()
    assert client.ask(data).body == repr(shown).encode()
    assert rounds[0] >= len(data) // STEP
    assert client.ask(GET).body == repr(({}, {})).encode()


@pytest.mark.parametrize(
    "data",
    [
        post(URLENCODED, ESCAPED[:STEP]),
        post(b"text/plain", UPLOAD),
        post(PARTS, UPLOAD, b"PATCH"),
        post(b"multipart/form-data; boundary=", UPLOAD),
    ],
    ids=["small", "not a form", "another method", "no boundary"],
)
def test_nothing_else_has_to_wait(data: bytes, serve: Serve, rounds: list[int]) -> None:
    client = serve(show).connect()
    assert client.ask(data).status == 200
    assert rounds == [1]


def test_a_form_that_was_read_ahead_is_not_read_again(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    read = []
    original = HTTPRequest._body_steps

    def counted(self: HTTPRequest, boundary: bytes) -> Any:
        read.append(boundary)
        return original(self, boundary)

    monkeypatch.setattr(HTTPRequest, "_body_steps", counted)
    client = serve(show).connect()
    assert client.ask(post(PARTS, UPLOAD)).status == 200
    assert client.ask(post(URLENCODED, ESCAPED)).status == 200
    assert read == [b"B", b""]


def test_too_much_is_refused_when_the_application_asks(serve: Serve) -> None:
    assert len(MANY) > LARGE
    assert serve(show).connect().ask(post(PARTS, MANY)).status == 413
    assert serve(answer).connect().ask(post(PARTS, MANY)).body == b"fine"


def test_requests_after_a_large_form_wait_for_their_turn(serve: Serve) -> None:
    client = serve(lambda request: answer(request, request.path.encode())).connect()
    client.send(post(URLENCODED, ESCAPED) + GET)
    assert client.response().body == b"/"
    assert client.response().body == b"/other"


def test_a_connection_that_ends_while_its_form_is_read_is_not_served(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """DOC-CONN-7."""
    seen: list[str] = []
    original = HTTPRequest.read_ahead

    def closing(self: HTTPRequest) -> Any:
        steps = original(self)
        next(steps)
        yield
        self.connection.stream.close()
        yield from steps

    monkeypatch.setattr(HTTPRequest, "read_ahead", closing)

    def application(request: HTTPRequest) -> None:
        seen.append(request.path)
        answer(request)

    server = serve(application)
    client = server.connect()
    client.send(post(URLENCODED, ESCAPED))
    assert client.read_to_end() == b""
    assert server.connect().ask(GET).status == 200
    assert seen == ["/other"]
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_fault_while_a_form_is_read_is_met_by_the_application(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """DOC-CONN-6."""

    def failing(_: HTTPRequest, __: bytes) -> Any:
        yield
        raise ValueError("no good")

    monkeypatch.setattr(HTTPRequest, "_body_steps", failing)
    assert serve(answer).connect().ask(post(URLENCODED, ESCAPED)).body == b"fine"
    assert serve(show).connect().ask(post(URLENCODED, ESCAPED)).status == 500
    assert "Exception in request callback" in caplog.text
