"""The options that describe a target, and the target that they make of a URL.

What is played against the target is not known here.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from clients.certificates import make_certificates
from conformance.errors import BadUsage
from conformance.judging.model import Need
from conformance.targets.preflight import demands_certificate, examine
from conformance.targets.target import Target, locate

# What makes no sense without a URL; --spawn is an option of a run alone.
_NEED_A_URL = ("spawn", "ca", "insecure", "cert", "key", "sni", "host", "header", "witness", "rate")


def add_target(group: argparse._ArgumentGroup) -> None:
    """Add the options about connecting to a running server."""
    group.add_argument("--ca", type=Path, metavar="FILE", help="PEM file with the CA to trust")
    group.add_argument("--insecure", action="store_true", help="do not verify the server's certificate")
    group.add_argument(
        "--cert", type=Path, metavar="FILE", help="PEM file with a client certificate to offer"
    )
    group.add_argument(
        "--key",
        type=Path,
        metavar="FILE",
        help="PEM file with the private key, unless it is in --cert's file",
    )
    group.add_argument(
        "--sni", metavar="NAME", help="the name to send in SNI and to verify (default: the URL's host)"
    )
    group.add_argument("--host", metavar="HOST[:PORT]", help="the value of Host (default: the URL's)")
    group.add_argument(
        "--header",
        action="append",
        default=[],
        metavar="'NAME: VALUE'",
        help="add a field to every request, such as a token; it will appear in the reports; may be repeated",
    )
    group.add_argument(
        "--witness",
        metavar="PATH",
        help="where the witness is mounted (default: witness below the URL's path, or /witness, if found)",
    )
    group.add_argument(
        "--rate",
        type=float,
        metavar="N",
        help="send at most N requests per second (default: no limit)",
    )


def refuse_target_options(options: argparse.Namespace) -> None:
    """Raise BadUsage if an option is set that needs a URL."""
    for name in _NEED_A_URL:
        if getattr(options, name, None):
            raise BadUsage(f"--{name} needs a URL")


def locate_from_options(url: str, options: argparse.Namespace, folder: Path) -> Target:
    """Return the target of a URL with the options applied, without connecting to it.

    folder: for the certificates that are made for it; they are used as long as the target is.
    Raises BadUsage.
    """
    if options.key and not options.cert:
        raise BadUsage("--key needs --cert, which names the certificate of that key")
    target = locate(
        url,
        profile=options.profile or "http11",
        authority=options.ca,
        insecure=options.insecure,
        client=options.cert,
        client_key=options.key,
        untrusted_client=make_certificates(folder).untrusted_client if options.cert else None,
        server_name=options.sni or "",
    ).with_fields(options.header)
    if options.host is not None:
        target = target.with_host(options.host)
    return target if options.rate is None else target.with_rate(options.rate)


def probe(target: Target, witness: str | None) -> Target:
    """Return the target with what it offers. Raises Untestable, and BadUsage for a missing witness.

    witness: the path that it must be mounted at; None looks for it in the usual places.
    """
    probed = examine(target, witness=witness)
    if Need.CLIENT_CERTIFICATE in probed.offers and not demands_certificate(probed):
        # A server that also serves clients without a certificate shows nothing by serving one that has it.
        return replace(probed, offers=probed.offers - {Need.CLIENT_CERTIFICATE})
    return probed
