"""The certificates of a run: which certificate verifies which, and who may read the keys."""

import ssl
import stat
from pathlib import Path

import pytest

from clients.certificates import Certificates, make_certificates

KEYED = ("server", "client", "untrusted_client")


def handshake(server: ssl.SSLContext, client: ssl.SSLContext, name: str = "localhost") -> None:
    """Shake hands in memory; raise the objection of either side."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    sides = [
        client.wrap_bio(to_client, to_server, server_hostname=name),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    done: set[ssl.SSLObject] = set()
    while len(done) < len(sides):
        for side in sides:
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            done.add(side)


def server_context_of(certificates: Certificates, *, client_auth: bool = False) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    if client_auth:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificates.authority)
    return context


def client_context_of(certificates: Certificates, identity: Path | None = None) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=certificates.authority)
    if identity is not None:
        context.load_cert_chain(identity)
    return context


@pytest.mark.parametrize("name", ["localhost", "127.0.0.1", "::1"])
def test_the_authority_verifies_the_server_by_each_of_its_names(
    certificates: Certificates, name: str
) -> None:
    handshake(server_context_of(certificates), client_context_of(certificates), name)


def test_the_server_is_not_verified_by_another_name(certificates: Certificates) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(server_context_of(certificates), client_context_of(certificates), "other.example")


def test_the_authority_verifies_the_client(certificates: Certificates) -> None:
    handshake(
        server_context_of(certificates, client_auth=True),
        client_context_of(certificates, certificates.client),
    )


def test_the_authority_does_not_verify_the_untrusted_client(certificates: Certificates) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="unable to get local issuer certificate"):
        handshake(
            server_context_of(certificates, client_auth=True),
            client_context_of(certificates, certificates.untrusted_client),
        )


def test_the_certificates_of_another_run_are_not_verified(certificates: Certificates, tmp_path: Path) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(server_context_of(make_certificates(tmp_path)), client_context_of(certificates))


@pytest.mark.parametrize("name", KEYED)
def test_only_the_owner_may_read_a_private_key(certificates: Certificates, name: str) -> None:
    file: Path = getattr(certificates, name)
    assert b"PRIVATE KEY" in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_file_of_the_authority_holds_no_key(certificates: Certificates) -> None:
    assert b"PRIVATE KEY" not in certificates.authority.read_bytes()


def test_all_files_are_in_the_folder(tmp_path: Path) -> None:
    new = make_certificates(tmp_path)
    assert set(tmp_path.iterdir()) == {new.authority, new.server, new.client, new.untrusted_client}
