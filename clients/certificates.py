"""Certificates made afresh for one run, with trustme: an authority, and what it signs and does not.

It knows files and names, not the servers that use them. The private keys live as long as the folder they are
written to, which the caller owns.
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Certificates:
    """Paths of PEM files.

    authority: the certificate that verifies `server` and `client`.
    server, client, untrusted_client: private key and certificate chain in one file each; the last one is
    signed by an authority that nobody is told of.
    """

    authority: Path
    server: Path
    client: Path
    untrusted_client: Path


def make_certificates(folder: Path) -> Certificates:
    """Make a fresh set in `folder`; the server's certificate names localhost and the loopback addresses."""
    import trustme  # noqa: PLC0415  (it loads all of cryptography, which few runs need)

    authority, stranger = trustme.CA(), trustme.CA()
    made = Certificates(
        authority=folder / "authority.pem",
        server=folder / "server.pem",
        client=folder / "client.pem",
        untrusted_client=folder / "untrusted-client.pem",
    )
    authority.cert_pem.write_to_path(str(made.authority))
    for path, leaf in (
        (made.server, authority.issue_cert("localhost", "127.0.0.1", "::1")),
        (made.client, authority.issue_cert("client@wirecheck.example", common_name="wirecheck client")),
        (made.untrusted_client, stranger.issue_cert("stranger@wirecheck.example", common_name="stranger")),
    ):
        path.touch(mode=0o600)
        leaf.private_key_and_cert_chain_pem.write_to_path(str(path))
    return made
