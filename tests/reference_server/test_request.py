"""The request object, and forms, as applications see them."""

from collections.abc import Callable
from typing import Any

import pytest

from reference_server.parsing.documented import Documented
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.profile import Profile
from reference_server.request import HTTPRequest

Serve = Callable[..., Any]

GET = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"


def answer(request: HTTPRequest, body: bytes = b"fine") -> None:
    request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
    request.finish()


def ask_for(serve: Serve, show: Callable[[HTTPRequest], object], data: bytes, **options: Any) -> str:
    """Return what ``show`` makes of a request."""
    client = serve(lambda request: answer(request, repr(show(request)).encode()), **options).connect()
    body: bytes = client.ask(data).body
    return body.decode()


def test_the_attributes_of_a_request(serve: Serve, profile: Profile) -> None:
    """DOC-REQ-1, DOC-REQ-2, DOC-REQ-3, DOC-LINE-4."""

    def show(request: HTTPRequest) -> object:
        return (
            request.method, request.uri, request.version, request.host, request.path, request.query,
            request.remote_ip, request.protocol, request.body, request.headers["a-b"], dict(request.trailers),
        )  # fmt: skip

    data = b"PUT /a/%41?b=c?d HTTP/1.1\r\nHost: h:1\r\nA-b: 1\r\nContent-Length: 2\r\n\r\nxy"
    expected: tuple[object, ...] = (
        "PUT",
        "/a/%41?b=c?d",
        "HTTP/1.1",
        "h:1",
        "/a/%41",
        "b=c?d",
        "127.0.0.1",
        "http",
        b"xy",
        "1",
        {},
    )
    assert ask_for(serve, show, data, profile=profile) == repr(expected)


@pytest.mark.parametrize(
    ("target", "path", "query"),
    [
        (b"http://h/a/b?c", "/a/b", "c"),
        (b"http://h", "/", ""),
        (b"http://h?c/d", "/", "c/d"),
        (b"//h/a", "//h/a", ""),
        (b"/?", "/", ""),
        (b"/a://b", "/a://b", ""),
    ],
)
def test_path_and_query_of_each_form(target: bytes, path: str, query: str, serve: Serve) -> None:
    """DOC-REQ-1, DOC-LINE-4."""
    data = b"GET %b HTTP/1.1\r\nHost: h\r\n\r\n" % target
    assert ask_for(serve, lambda r: (r.path, r.query), data) == repr((path, query))


def test_the_default_host(serve: Serve, profile: Profile) -> None:
    """DOC-REQ-2."""
    assert ask_for(serve, lambda r: r.host, b"GET / HTTP/1.0\r\n\r\n", profile=profile) == "'127.0.0.1'"


FORWARDED = b"GET / HTTP/1.1\r\nHost: h\r\n%b\r\n"


@pytest.mark.parametrize(
    ("fields", "seen"),
    [
        (b"", ("127.0.0.1", "http")),
        (b"X-Real-Ip: 1.2.3.4\r\nX-Forwarded-For: 5.6.7.8\r\n", ("1.2.3.4", "http")),
        (b"X-Forwarded-For: 5.6.7.8\r\nX-Scheme: https\r\n", ("5.6.7.8", "https")),
        (b"X-Scheme: http\r\nX-Forwarded-Proto: https\r\n", ("127.0.0.1", "http")),
        (b"X-Forwarded-Proto: https\r\n", ("127.0.0.1", "https")),
        (b"X-Scheme: gopher\r\n", ("127.0.0.1", "http")),
    ],
)
def test_xheaders(fields: bytes, seen: tuple[str, str], serve: Serve, profile: Profile) -> None:
    """DOC-REQ-4."""
    show = lambda r: (r.remote_ip, r.protocol)  # noqa: E731
    assert ask_for(serve, show, FORWARDED % fields, xheaders=True, profile=profile) == repr(seen)
    assert ask_for(serve, show, FORWARDED % fields, profile=profile) == repr(("127.0.0.1", "http"))


def test_what_a_request_tells_of_itself(serve: Serve) -> None:
    """DOC-REQ-5, DOC-REQ-7, DOC-REQ-9."""
    data = b"GET /a?b HTTP/1.1\r\nHost: h\r\n\r\n"
    show = lambda r: (r.supports_http_1_1(), r.full_url(), r)  # noqa: E731
    assert ask_for(serve, show, data) == (
        "(True, 'http://h/a?b', HTTPRequest(protocol='http', host='h', method='GET', uri='/a?b', "
        "version='HTTP/1.1', remote_ip='127.0.0.1', body=b'', headers={'Host': 'h'}))"
    )
    assert ask_for(serve, lambda r: r.supports_http_1_1(), data.replace(b"1.1", b"1.2")) == "False"


def test_the_time_of_a_request_stands_still_when_it_is_finished(serve: Serve) -> None:
    """DOC-REQ-6."""
    times: list[float] = []

    def callback(request: HTTPRequest) -> None:
        times.append(request.request_time())
        answer(request)
        times.extend(request.request_time() for _ in range(2))

    assert serve(callback).connect().ask(GET).status == 200
    assert 0 <= times[0] <= times[1] == times[2]


def test_what_one_request_does_to_its_headers_the_next_does_not_see(serve: Serve, profile: Profile) -> None:
    """DOC-CONN-8."""

    def callback(request: HTTPRequest) -> None:
        before = sorted(request.headers)
        request.headers["Added"] = "x"
        answer(request, repr(before).encode())

    client = serve(callback, profile=profile).connect()
    assert [client.ask(GET).body for _ in range(3)] == [b"['Host']"] * 3


def ask_for_form(serve: Serve, data: bytes, profile: Profile) -> str:
    def show(request: HTTPRequest) -> object:
        files = {name: [file["filename"] for file in files] for name, files in request.files.items()}
        return request.arguments, files

    return ask_for(serve, show, data, profile=profile)


def form(body: bytes, content_type: bytes, method: bytes = b"POST", target: bytes = b"/") -> bytes:
    head = b"%b %b HTTP/1.1\r\nHost: h\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n%b"
    return head % (method, target, content_type, len(body), body)


URLENCODED = b"application/x-www-form-urlencoded"


def test_arguments_of_query_and_body_in_order(serve: Serve, profile: Profile) -> None:
    """DOC-FORM-1, DOC-FORM-2."""
    data = form(b"a=2&b=3&c=", URLENCODED + b"; charset=x", target=b"/?a=1&d=")
    assert ask_for_form(serve, data, profile) == repr(({"a": [b"1", b"2"], "b": [b"3"]}, {}))
    data = form(b"a=2", URLENCODED, method=b"PUT")
    assert ask_for_form(serve, data, profile) == repr(({"a": [b"2"]}, {}))


@pytest.mark.parametrize(
    "data",
    [
        form(b"a=1", URLENCODED, method=b"PATCH"),
        form(b"a=1", URLENCODED, method=b"GET"),
        form(b"a=1", b"x/y"),
    ],
)
def test_other_bodies_are_no_forms(data: bytes, serve: Serve, profile: Profile) -> None:
    """DOC-FORM-2, DOC-MP-1."""
    assert ask_for_form(serve, data, profile) == repr(({}, {}))


def test_media_types_have_no_case_in_http11_only(serve: Serve) -> None:
    """DOC-FORM-2."""
    data = form(b"a=1", b"Application/X-WWW-form-urlencoded")
    assert ask_for_form(serve, data, HTTP11()) == repr(({"a": [b"1"]}, {}))
    assert ask_for_form(serve, data, Documented()) == repr(({}, {}))


MULTIPART = (
    b'--B C\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    b'--B C\r\nContent-Disposition: form-data; name="f"; filename="x;y"\r\n\r\n2\r\n--B C--\r\n'
)


@pytest.mark.parametrize("method", [b"POST", b"PUT"])
def test_multipart_forms(method: bytes, serve: Serve, profile: Profile) -> None:
    """DOC-MP-1, DOC-MP-2, DOC-MP-4, DOC-MP-5."""
    data = form(MULTIPART, b'multipart/form-data; boundary="B C"', method, b"/?a=0")
    assert ask_for_form(serve, data, profile) == repr(({"a": [b"0", b"1"]}, {"f": ["x;y"]}))


def test_a_delimiter_within_a_line_divides_in_the_documented_profile_only(serve: Serve) -> None:
    """DOC-MP-6."""
    part = b'--B\r\nContent-Disposition: form-data; name="a"\r\n\r\n%b\r\n'
    data = form(part % b"1 --B\r\n2" + part % b"3" + b"--B--", b"multipart/form-data; boundary=B")
    assert ask_for_form(serve, data, HTTP11()) == repr(({"a": [b"1 --B\r\n2", b"3"]}, {}))
    assert ask_for_form(serve, data, Documented()) == repr(({"a": [b"3"]}, {}))


def test_multipart_without_a_boundary(
    serve: Serve, caplog: pytest.LogCaptureFixture, profile: Profile
) -> None:
    """DOC-MP-3."""
    data = form(MULTIPART, b"multipart/form-data; boundary=", target=b"/?a=0")
    assert ask_for_form(serve, data, profile) == repr(({"a": [b"0"]}, {}))
    assert "Invalid multipart/form-data" in caplog.text


def with_boundary(length: int) -> bytes:
    boundary = b"b" * length
    return form(
        MULTIPART.replace(b"B C", boundary), b"multipart/form-data; boundary=" + boundary, target=b"/?a=0"
    )


def test_a_boundary_of_71_octets_is_refused_in_http11(serve: Serve) -> None:
    """RFC 2046, section 5.1.1. It is refused whether the application asks for the form or not."""
    client = serve(answer, profile=HTTP11()).connect()
    assert client.ask(with_boundary(70)).body == b"fine"
    assert client.ask(with_boundary(71)).status == 400
    assert client.read_to_end() == b""


def test_a_boundary_of_71_octets_is_none_in_the_documented_profile(
    serve: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    """DOC-MP-3."""
    expected = repr(({"a": [b"0", b"1"]}, {"f": ["x;y"]}))
    assert ask_for_form(serve, with_boundary(70), Documented()) == expected
    assert caplog.messages == []
    assert ask_for_form(serve, with_boundary(71), Documented()) == repr(({"a": [b"0"]}, {}))
    assert "Invalid multipart/form-data" in caplog.text


def test_too_large_a_form_is_answered_with_its_status(serve: Serve) -> None:
    server = serve(lambda request: answer(request, repr(request.arguments).encode()))
    client = server.connect()
    assert client.ask(form(b"&" * 20_000, URLENCODED)).status == 413
    assert client.read_to_end() == b""
