"""A URL becomes a target, or an error that says why not; nothing is connected to."""

from pathlib import Path

import pytest

from clients.certificates import Certificates, make_certificates
from clients.steps import Identity
from conformance.errors import BadUsage
from conformance.judging.model import Need
from conformance.targets.target import locate
from tests.conformance.builders import secured_endpoint, target


@pytest.mark.parametrize(
    ("url", "host", "port", "authority", "path"),
    [
        pytest.param("http://a.test", "a.test", 80, b"a.test", b"/", id="bare"),
        pytest.param("http://a.test/", "a.test", 80, b"a.test", b"/", id="root"),
        pytest.param("http://a.test:8080/", "a.test", 8080, b"a.test:8080", b"/", id="port"),
        pytest.param("http://a.test:80/", "a.test", 80, b"a.test", b"/", id="default port"),
        pytest.param("http://a.test:/", "a.test", 80, b"a.test", b"/", id="empty port"),
        pytest.param("http://a.test:0080/", "a.test", 80, b"a.test", b"/", id="port with zeros"),
        pytest.param(
            "http://a.test:443/", "a.test", 443, b"a.test:443", b"/", id="the default port of https"
        ),
        pytest.param("http://a.test:65535/", "a.test", 65535, b"a.test:65535", b"/", id="last port"),
        pytest.param("https://a.test/", "a.test", 443, b"a.test", b"/", id="https"),
        pytest.param("https://a.test:443/", "a.test", 443, b"a.test", b"/", id="https, default port"),
        pytest.param(
            "https://a.test:80/", "a.test", 80, b"a.test:80", b"/", id="https, the default port of http"
        ),
        pytest.param("http://127.0.0.1:1/", "127.0.0.1", 1, b"127.0.0.1:1", b"/", id="IPv4"),
        pytest.param("http://[::1]/", "::1", 80, b"[::1]", b"/", id="IPv6"),
        pytest.param("http://[::1]:8080/x", "::1", 8080, b"[::1]:8080", b"/x", id="IPv6 with port"),
        pytest.param("http://[::ffff:1.2.3.4]/", "::ffff:1.2.3.4", 80, b"[::ffff:1.2.3.4]", b"/", id="mixed"),
        pytest.param("HTTP://A.Test/Path", "a.test", 80, b"a.test", b"/Path", id="upper case"),
        pytest.param("http://a_b-c.test./", "a_b-c.test.", 80, b"a_b-c.test.", b"/", id="odd characters"),
        pytest.param(
            "http://b\u00fccher.test/", "b\u00fccher.test", 80, b"xn--bcher-kva.test", b"/", id="unicode host"
        ),
        pytest.param("http://a.test/b/c;d=e,f", "a.test", 80, b"a.test", b"/b/c;d=e,f", id="path"),
        pytest.param("http://a.test/b?c=d&e=/?", "a.test", 80, b"a.test", b"/b?c=d&e=/?", id="query"),
        pytest.param("http://a.test?c=d", "a.test", 80, b"a.test", b"/?c=d", id="query without path"),
        pytest.param("http://a.test/b?", "a.test", 80, b"a.test", b"/b", id="empty query"),
        pytest.param("http://a.test/b#c", "a.test", 80, b"a.test", b"/b", id="fragment"),
        pytest.param("http://a.test/b c?d e", "a.test", 80, b"a.test", b"/b%20c?d%20e", id="spaces"),
        pytest.param("http://a.test/%41%20", "a.test", 80, b"a.test", b"/%41%20", id="encoded already"),
        pytest.param(
            "http://a.test/\u00fc?\u20ac", "a.test", 80, b"a.test", b"/%C3%BC?%E2%82%AC", id="utf-8"
        ),
        pytest.param(
            "http://a.test/<b>\"'", "a.test", 80, b"a.test", b"/%3Cb%3E%22'", id="forbidden characters"
        ),
        pytest.param(
            "http://a.test/a\x7f\x01", "a.test", 80, b"a.test", b"/a%7F%01", id="control characters"
        ),
        pytest.param(" http://a.test/", "a.test", 80, b"a.test", b"/", id="a space before"),
    ],
)
def test_a_url_is_parsed(url: str, host: str, port: int, authority: bytes, path: bytes) -> None:
    located = locate(url)
    assert (located.endpoint.host, located.endpoint.port) == (host, port)
    assert (located.authority, located.path) == (authority, path)
    assert located.url == url


FORM = "is not a URL of the form http://host:port/ or https://host:port/, unix:/path or http+unix://%2Fpath/"
HOST = "has a host that is not valid in a request (RFC 3986, 3.2.2)"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        pytest.param("", FORM, id="empty"),
        pytest.param("http://", FORM, id="no host"),
        pytest.param("http:///path", FORM, id="no host, a path"),
        pytest.param("http://:80/", FORM, id="a port alone"),
        pytest.param("http:/a.test", FORM, id="one slash"),
        pytest.param("//a.test/", FORM, id="no scheme"),
        pytest.param("a.test", FORM, id="a host alone"),
        pytest.param("localhost:8080", FORM, id="host and port alone"),
        pytest.param("ftp://a.test/", FORM, id="another scheme"),
        pytest.param("ws://a.test/", FORM, id="yet another scheme"),
        pytest.param("http://u@a.test/", "has a user name", id="user name"),
        pytest.param("http://u:p@a.test/", "has a user name", id="user name and password"),
        pytest.param("http://@a.test/", "has a user name", id="empty user name"),
        pytest.param("http://a.test:0/", "has port 0, on which no server can listen", id="port 0"),
        pytest.param("http://a.test:65536/", "is not a URL: ", id="port out of range"),
        pytest.param("http://a.test:-1/", "is not a URL: ", id="negative port"),
        pytest.param("http://a.test:http/", "is not a URL: ", id="port in letters"),
        pytest.param("http://a.test:1:2/", "is not a URL: ", id="two ports"),
        pytest.param("http://a.test:8 0/", "is not a URL: ", id="space in the port"),
        pytest.param("http://[::1/", "is not a URL: ", id="bracket left open"),
        pytest.param("http://[]/", "is not a URL: ", id="empty brackets"),
        pytest.param("http://[a.test]/", "is not a URL: ", id="a name in brackets"),
        pytest.param("http://[::1%<]/", HOST, id="odd zone"),
        pytest.param("http://a b/", HOST, id="space in the host"),
        pytest.param("http://a\x00/", HOST, id="NUL in the host"),
        pytest.param("http://<host>/", HOST, id="a placeholder"),
        pytest.param('http://a"b/', HOST, id="quote in the host"),
        pytest.param("http://a\\b/", HOST, id="backslash in the host"),
        pytest.param("http://a..test/", "is not a URL: ", id="empty label"),
        pytest.param("http://.test/", "is not a URL: ", id="empty first label"),
        pytest.param(f"http://{'a' * 64}.test/", "is not a URL: ", id="label too long"),
        pytest.param("http://\udc80/", "is not a URL: ", id="host that is not UTF-8"),
        pytest.param("http://a.test/\udc80", "is not a URL: ", id="path that is not UTF-8"),
    ],
)
def test_a_url_that_cannot_be_tested_is_an_error(url: str, sentence: str) -> None:
    with pytest.raises(BadUsage) as caught:
        locate(url)
    message = str(caught.value)
    assert sentence in message
    assert message.startswith(repr(url))
    assert message.isprintable()


def test_a_plain_target_has_its_defaults() -> None:
    located = locate("http://a.test/")
    assert (located.name, located.profile, located.witness) == ("http", "http11", None)
    assert located.endpoint.security is None
    assert located.offers == frozenset()
    assert located.verified is None


def test_a_target_over_tls_offers_tls() -> None:
    located = locate("https://a.test/")
    assert located.name == "https"
    assert located.offers == {Need.TLS}
    assert located.verified is True
    assert located.endpoint.security is not None
    assert located.endpoint.security.server_name == "a.test"


def test_arguments_are_kept() -> None:
    located = locate(
        "https://a.test/",
        name="mine",
        profile="documented",
        insecure=True,
        reserved_for=Need.CLIENT_CERTIFICATE,
    )
    assert (located.name, located.profile, located.verified) == ("mine", "documented", False)
    assert located.reserved_for is Need.CLIENT_CERTIFICATE


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def test_client_certificates_are_a_capability(certificates: Certificates) -> None:
    located = locate(
        "https://a.test/",
        authority=certificates.authority,
        client=certificates.client,
        untrusted_client=certificates.untrusted_client,
    )
    assert located.offers == {Need.TLS, Need.CLIENT_CERTIFICATE}
    assert located.endpoint.security is not None
    assert set(located.endpoint.security.contexts) == set(Identity)


def test_one_client_certificate_is_not_enough(certificates: Certificates) -> None:
    located = locate("https://a.test/", authority=certificates.authority, client=certificates.client)
    assert located.offers == {Need.TLS}


def test_a_certificate_file_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadUsage, match=r"^the certificate file cannot be used: No such file or directory$"):
        locate("https://a.test/", authority=tmp_path / "none.pem")


def test_a_certificate_file_without_a_certificate_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").touch()
    with pytest.raises(BadUsage, match=r"^the certificate file cannot be used: ."):
        locate("https://a.test/", authority=tmp_path / "empty.pem")


def test_options_of_https_are_an_error_with_plain_http(tmp_path: Path) -> None:
    sentence = r"^--ca, --insecure, --cert and --sni need an https URL, but http://a\.test/ is plain http$"
    with pytest.raises(BadUsage, match=sentence):
        locate("http://a.test/", insecure=True)
    with pytest.raises(BadUsage, match=sentence):
        locate("http://a.test/", authority=tmp_path / "any.pem")


# Placeholders


def test_without_a_witness_its_placeholder_is_the_path() -> None:
    assert target(path=b"/p?q").placeholders == {
        b"<host>": b"a.test",
        b"<origin>": b"http://a.test",
        b"<path>": b"/p?q",
        b"<witness>": b"/p?q",
    }


def test_with_a_witness_placeholders_are_its_resources() -> None:
    assert target(witness=b"/w", authority=b"a.test:81").placeholders == {
        b"<host>": b"a.test:81",
        b"<origin>": b"http://a.test:81",
        b"<path>": b"/",
        b"<witness>": b"/w/echo",
        b"<status>": b"/w/status",
        b"<size>": b"/w/size",
        b"<stream>": b"/w/stream",
        b"<slow>": b"/w/slow",
        b"<static>": b"/w/static",
        b"<ignore>": b"/w/ignore",
    }


def test_a_witness_at_the_root_has_no_double_slash() -> None:
    assert target(witness=b"").placeholders[b"<witness>"] == b"/echo"


def test_the_origin_over_tls_is_https() -> None:
    assert target(endpoint=secured_endpoint()).placeholders[b"<origin>"] == b"https://a.test"


@pytest.mark.parametrize(
    ("witness", "line"),
    [(None, b"GET /p?follow-up HTTP/1.1"), (b"/w", b"GET /w/echo?follow-up HTTP/1.1")],
    ids=["without the witness", "with the witness"],
)
def test_the_follow_up_is_plain_and_asks_for_the_close(witness: bytes | None, line: bytes) -> None:
    expected = line + b"\r\nHost: a.test\r\nConnection: close\r\n\r\n"
    assert target(path=b"/p", witness=witness).follow_up() == expected
