"""Reading large forms before the application is called: in steps, between which the loop serves others.

It knows that a request has a form, the stream that the request came on, and the loop.
"""

from collections.abc import Callable
from functools import partial

from reference_server.iostream import IOStream
from reference_server.parsing.steps import Steps
from reference_server.request import HTTPRequest

LARGE = 256 * 1024
"""Octets of a form that is read in steps. A smaller one is read at once, and only when it is asked for."""


def read_ahead(request: HTTPRequest, stream: IOStream, done: Callable[[HTTPRequest], None]) -> None:
    """Read the form in a large body, one step in each round of the loop; then call ``done(request)``.

    To be called where the body is larger than ``LARGE``. ``done`` is not called where the stream is closed
    meanwhile. It is called early where reading fails: the application meets the fault when it asks for the
    form.
    """
    take_step(request.read_ahead(), request, stream, done)


def take_step(
    steps: Steps[None], request: HTTPRequest, stream: IOStream, done: Callable[[HTTPRequest], None]
) -> None:
    """Take one step, and leave the next one to the loop. As a closure it would be a cycle of references."""
    if stream.closed():
        return
    if has_more(steps):
        stream.io_loop.add_callback(partial(take_step, steps, request, stream, done))
    else:
        done(request)


def has_more(steps: Steps[None]) -> bool:
    """Take one step; tell whether it was not the last one, and did not fail."""
    try:
        next(steps)
    except Exception:  # noqa: BLE001 - the end of the steps, or a fault
        return False
    return True
