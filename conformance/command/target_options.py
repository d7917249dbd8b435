"""From the arguments of the command to the target that they mean, located and examined.

What is played there is not known here.
"""

import argparse
from dataclasses import replace
from pathlib import Path

from clients.certificates import make_certificates
from conformance.judging.model import Need
from conformance.targets.target import (
    BadUsage,
    Target,
    asked_as,
    asked_at,
    asked_with,
    demands_certificate,
    examine,
    locate,
)


def located(url: str, options: argparse.Namespace, folder: Path) -> Target:
    """Make a target of the URL and of all that is said of it; what is made for it goes to the folder.

    Raises BadUsage.
    """
    if options.key and not options.cert:
        raise BadUsage("--key is the key of a certificate, but --cert names none")
    target = locate(
        url,
        profile=options.profile or "http11",
        authority=options.ca,
        insecure=options.insecure,
        client=options.cert,
        client_key=options.key,
        untrusted_client=make_certificates(folder).untrusted_client if options.cert else None,
        server_name=options.sni or "",
    )
    target = asked_with(target, options.header)
    target = asked_as(target, options.host) if options.host is not None else target
    return asked_at(target, options.rate) if options.rate is not None else target


def examined(target: Target, witness: str | None) -> Target:
    """Find out what a target offers. Raises Untestable, and BadUsage for a witness that is not there."""
    found = examine(target, witness=witness)
    if Need.CLIENT_CERTIFICATE in found.offers and not demands_certificate(found):
        # Who serves those without a certificate as well says nothing by serving them.
        return replace(found, offers=found.offers - {Need.CLIENT_CERTIFICATE})
    return found
