"""Reading large forms before the application is called: in steps, between which the loop serves others.

It knows that a request has a form, the stream that the request came on, and the loop.
"""

from collections.abc import Callable

from reference_server.iostream import IOStream
from reference_server.request import HTTPRequest

LARGE = 256 * 1024
"""Octets of a form that is read in steps. A smaller one is read at once, and only when it is asked for."""


def read_ahead(request: HTTPRequest, stream: IOStream, done: Callable[[HTTPRequest], None]) -> None:
    """Read the form in the body, one step in each round of the loop; then call ``done(request)``.

    ``done`` is not called where the stream is closed meanwhile. It is called early where reading fails: the
    application meets the fault when it asks for the form.
    """
    steps = request.read_ahead()

    def take_step() -> None:
        if stream.closed():
            return
        try:
            next(steps)
        except Exception:  # noqa: BLE001 - the end of the steps, or a fault
            done(request)
        else:
            stream.io_loop.add_callback(take_step)

    take_step()
