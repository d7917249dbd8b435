"""Certificates for one run, made with trustme: an authority, what it signs, and what another authority signs.

It knows files and names, not the servers that use them. The caller owns the folder; the private keys live as
long as the folder does.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    """Paths of PEM files. Each of the last three holds a private key and its certificate chain."""

    authority: Path
    """The certificate that verifies `server` and `client`."""

    server: Path
    """For localhost and the loopback addresses."""

    client: Path

    untrusted_client: Path
    """Signed by another authority, whose certificate is in no file."""


def make_certificates(folder: Path) -> Certificates:
    """Make new certificates in `folder`. Only the owner of the files may read the private keys."""
    import trustme  # noqa: PLC0415  (it loads all of cryptography, which few runs need)

    authority, stranger = trustme.CA(), trustme.CA()
    certificates = Certificates(
        authority=folder / "authority.pem",
        server=folder / "server.pem",
        client=folder / "client.pem",
        untrusted_client=folder / "untrusted-client.pem",
    )
    authority.cert_pem.write_to_path(str(certificates.authority))
    for path, leaf in (
        (certificates.server, authority.issue_cert("localhost", "127.0.0.1", "::1")),
        (
            certificates.client,
            authority.issue_cert("client@wirecheck.example", common_name="wirecheck client"),
        ),
        (
            certificates.untrusted_client,
            stranger.issue_cert("stranger@wirecheck.example", common_name="stranger"),
        ),
    ):
        path.touch(mode=0o600)
        leaf.private_key_and_cert_chain_pem.write_to_path(str(path))
    return certificates
