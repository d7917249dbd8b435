"""Targets as users have them: on Unix sockets, IPv6, below a path, with tokens and certificates."""

import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clients.certificates import Certificates, make_certificates
from clients.conversation import Conversation, Patience
from clients.driver import play
from clients.endpoint import Rate
from conformance.command.command import main
from conformance.errors import BadUsage
from conformance.gate import Exit
from conformance.judging.model import Need
from conformance.record import Run, read
from conformance.targets.preflight import demands_certificate, examine
from conformance.targets.target import locate
from tests.conformance.builders import OK
from tests.conformance.scripted_server import always, by_request, serving, witnessing
from tests.paths import ROOT

LONGEST_WAIT = 30.0


@contextmanager
def reference_server(*options: str) -> Iterator[str]:
    """Run the reference server with these options in a process of its own; yield its URL."""
    with subprocess.Popen(
        [sys.executable, "-m", "reference_server", "--port", "0", "--exit-on-eof", *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().removeprefix("Listening on ").strip()
        finally:
            process.terminate()


def judged(tmp_path: Path, *arguments: str) -> Run:
    """Return the record of a run, which must be conforming."""
    assert main([*arguments, "--output", str(tmp_path), "--", "-p", "no:cacheprovider"]) == Exit.CONFORMING
    return read(tmp_path / "run.jsonl")


def sent(run: Run) -> list[str]:
    return [event["data"] for found in run.findings for event in found["events"] if event["kind"] == "SENT"]


# Unix sockets


class Answering(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while self.rfile.readline() not in (b"\r\n", b""):
            pass
        self.wfile.write(OK)


@pytest.fixture
def unix_socket(tmp_path: Path) -> Iterator[str]:
    path = str(tmp_path / "s")
    with socketserver.ThreadingUnixStreamServer(path, Answering) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield path
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("url", "path", "authority", "resource"),
    [
        ("unix:/run/a.sock", "/run/a.sock", b"localhost", b"/"),
        ("http+unix://%2Frun%2Fa.sock/b?c", "/run/a.sock", b"localhost", b"/b?c"),
        ("http+unix://%2Frun%2Fa.sock", "/run/a.sock", b"localhost", b"/"),
        ("https+unix://%2Frun%2Fa.sock/", "/run/a.sock", b"localhost", b"/"),
    ],
)
def test_the_url_of_a_unix_socket_is_parsed(url: str, path: str, authority: bytes, resource: bytes) -> None:
    located = locate(url)
    assert located.endpoint.address == path
    assert (located.authority, located.path, located.url) == (authority, resource, url)
    assert (Need.TLS in located.offers) is url.startswith("https")


@pytest.mark.parametrize(
    "url", ["unix:", "unix:relative", "unix:/a\0b", "http+unix://a.sock/", "http+unix:///"]
)
def test_an_invalid_path_of_a_unix_socket_is_an_error(url: str) -> None:
    with pytest.raises(BadUsage, match=r"is not a URL"):
        locate(url)


def test_a_server_on_a_unix_socket_is_examined(unix_socket: str) -> None:
    found = examine(locate(f"unix:{unix_socket}"))
    assert found.witness is None
    transcript = play(found.endpoint, Conversation((found.follow_up(),)), Patience())
    assert transcript.received == OK


def test_a_run_over_a_unix_socket(unix_socket: str, tmp_path: Path) -> None:
    run = judged(tmp_path / "out", f"unix:{unix_socket}", "--only", "basics.get")
    assert run.counts == {"PASS": 1}


# Host, fields and rate


def test_host_can_be_replaced() -> None:
    plain = locate("http://127.0.0.1:81/")
    for host in ("a.test", "a.test:8080", "[::1]:80", "127.0.0.1"):
        found = plain.with_host(host)
        assert found.authority == found.placeholders[b"<host>"] == host.encode()
        assert found.endpoint == plain.endpoint


@pytest.mark.parametrize("host", ["", "a b", "a:b", "a:99999", "http://a/", "a/b", "\u00fc"])
def test_an_invalid_host_is_an_error(host: str) -> None:
    with pytest.raises(BadUsage, match=r"is not a valid value for Host"):
        locate("http://a.test/").with_host(host)


def test_fields_are_added_to_every_request_of_the_preflight() -> None:
    with serving(always(OK)) as server:
        found = examine(locate(server.url).with_fields(["X-Token: a", "Cookie: b=c"]))
    assert server.requests
    assert all(b"X-Token: a\r\nCookie: b=c\r\n" in request for request in server.requests)
    assert b"X-Token: a\r\nCookie: b=c\r\n" in found.follow_up()


@pytest.mark.parametrize("field", ["X", "Host: a", "X: a\r\nY: b"])
def test_a_field_that_cannot_be_added_is_an_error(field: str) -> None:
    with pytest.raises(BadUsage, match=r"^--header cannot add "):
        locate("http://a.test/").with_fields([field])


@pytest.mark.parametrize("rate", [0.0, -1.0, float("inf"), float("nan")])
def test_a_rate_must_be_above_zero(rate: float) -> None:
    with pytest.raises(BadUsage, match=r"--rate must be a number"):
        locate("http://a.test/").with_rate(rate)


def test_every_conversation_of_the_preflight_heeds_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    turns: list[object] = []

    def turn(rate: Rate, requests: int = 1) -> float:
        turns.extend([rate] * requests)
        return 0.0

    monkeypatch.setattr(Rate, "turn", turn)
    with serving(always(OK)) as server:
        examine(locate(server.url).with_rate(1.0))
        assert len(turns) == server.connections


# The reference server, reached in other ways


def test_a_run_over_ipv6_with_another_host_and_a_token(tmp_path: Path) -> None:
    with reference_server("--address", "::1") as url:
        assert url.startswith("http://[::1]:")
        arguments = ["--host", "a.test", "--header", "X-Token: secret", "--rate", "1000"]
        run = judged(tmp_path, url, "--only", "basics.get", "--only", "host.refused-missing", *arguments)
    assert run.header["options"]["header"] == "X-Token"
    assert run.header["options"]["host"] == "a.test"
    get, missing = sent(run)
    assert "\r\nHost: a.test\r\nX-Token: secret\r\n" in get
    assert "Host" not in missing
    assert "\r\nX-Token: secret\r\n" in missing


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


def separated(identity: Path) -> tuple[Path, Path]:
    """Write the certificate and the key of a file to a file each."""
    both = identity.read_text()
    end = both.index("-----BEGIN CERTIFICATE-----")
    key, chain = identity.with_suffix(".key"), identity.with_suffix(".crt")
    key.write_text(both[:end])
    chain.write_text(both[end:])
    return chain, key


def over_tls(certificates: Certificates) -> tuple[str, ...]:
    return ("--tls-cert", str(certificates.server), "--tls-key", str(certificates.server))


def test_a_run_with_a_client_certificate_and_another_name(certificates: Certificates, tmp_path: Path) -> None:
    chain, key = separated(certificates.client)
    demanding = ("--client-ca", str(certificates.authority))
    with reference_server("--address", "127.0.0.2", *over_tls(certificates), *demanding) as url:
        arguments = ["--ca", str(certificates.authority), "--sni", "localhost"]
        arguments += ["--cert", str(chain), "--key", str(key), "--only", "tls.client-certificate*"]
        run = judged(tmp_path, url, *arguments)
    assert run.counts == {"PASS": 3}


def test_a_server_that_demands_no_client_certificate_is_not_tested_for_it(
    certificates: Certificates, tmp_path: Path
) -> None:
    with reference_server("--address", "127.0.0.1", *over_tls(certificates)) as url:
        arguments = [
            url,
            "--insecure",
            "--cert",
            str(certificates.client),
            "--only",
            "tls.client-certificate",
        ]
        code = main([*arguments, "--output", str(tmp_path), "--", "-p", "no:cacheprovider"])
        assert not demands_certificate(locate(url, insecure=True))
    assert code == Exit.NOTHING_VERIFIED
    assert read(tmp_path / "run.jsonl").counts == {"NOT APPLICABLE": 1}


def code_of(*arguments: str) -> object:
    try:
        return main(arguments)
    except SystemExit as ended:
        return ended.code


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(
            ["--cert", "/nowhere.pem"], "the certificate file cannot be used", id="missing certificate"
        ),
        pytest.param(["--key", "/nowhere.pem"], "--key needs --cert", id="a key alone"),
        pytest.param(["--host", "a b"], "is not a valid value for Host", id="invalid host"),
        pytest.param(["--header", "Host: a"], "--header cannot add 'Host'", id="invalid header"),
        pytest.param(["--rate", "0"], "--rate must be a number", id="rate of zero"),
        pytest.param(["--rate", "much"], "invalid float value", id="rate in letters"),
        pytest.param(["--only", "hots.*"], "'hots.*' matches nothing", id="unknown scenario"),
    ],
)
def test_invalid_options_are_one_sentence(
    arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code = code_of("https://127.0.0.1:9/", *arguments)
    assert code == Exit.USAGE
    assert sentence in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize(
    "option",
    ["--ca=x", "--insecure", "--cert=x", "--sni=a", "--host=a", "--header=A: b", "--witness=/w", "--rate=1"],
)
def test_options_about_the_target_need_a_url(option: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([option]) == Exit.USAGE
    assert "needs a URL" in capsys.readouterr().err


def test_a_witness_below_the_path_comes_before_one_below_the_root() -> None:
    with serving(by_request(witnessing(b"/app/witness"))) as server:
        found = examine(locate(f"{server.url}app/"))
    assert found.witness == b"/app/witness"
