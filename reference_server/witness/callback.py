"""The witness on the documented server: ``HTTPServer(Witness())``.

It knows the documented API and nothing below it, so it can be mounted on any server that has that API.
"""

from collections.abc import Callable
from datetime import timedelta

from reference_server.ioloop import IOLoop
from reference_server.request import HTTPRequest
from reference_server.responses import connection_fields, render_head, respond
from reference_server.witness import core


class Witness:
    """The application of the command: the witness under ``prefix``, the document's example elsewhere.

    ``io_loop`` returns the loop that late answers wait in; it is asked when one is needed.
    """

    def __init__(self, prefix: str = core.PREFIX, io_loop: Callable[[], IOLoop] = IOLoop.instance) -> None:
        self._prefix = prefix
        self._io_loop = io_loop

    def __call__(self, request: HTTPRequest) -> None:
        """Answer one request."""
        too_large = len(request.body) > core.LARGEST_BODY
        answer = core.too_large().answer if too_large else core.answer(read(request), self._prefix)
        if answer.delay:
            wait = timedelta(seconds=answer.delay)
            self._io_loop().add_timeout(wait, lambda: send(request, answer))
        else:
            send(request, answer)

    def answers_early(self, request: HTTPRequest) -> bool:
        """Tell that ``ignore`` wants no body."""
        return core.ignores_body(request.path, prefix=self._prefix)


def read(request: HTTPRequest) -> core.Request:
    """Return what the documented server tells of a request, which is everything."""
    return core.Request(
        method=request.method,
        path=request.path,
        query=request.query,
        body=request.body,
        target=request.uri,
        version=request.version,
        headers=list(request.headers.get_all()),
        trailers=list(request.trailers.get_all()),
        host=request.host,
        remote_ip=request.remote_ip,
        protocol=request.protocol,
        arguments=request.arguments,
        files=request.files,
    )


def send(request: HTTPRequest, answer: core.Answer) -> None:
    """Send an answer, and finish the request."""
    if isinstance(answer.content, core.Parts):
        send_parts(request, answer, answer.content)
    else:
        respond(
            request, answer.status, answer.content, content_type=answer.content_type, fields=answer.fields
        )


def send_parts(request: HTTPRequest, answer: core.Answer, parts: core.Parts) -> None:
    """Send content of unknown length: chunked, or to HTTP/1.0 until the connection closes."""
    chunked = request.version != "HTTP/1.0"
    if not chunked:
        request.persistent = False
    framing = [("Transfer-Encoding", "chunked")] if chunked else []
    request.write(render_head(answer.status, [*answer.head(), *framing, *connection_fields(request)]))
    if request.method != "HEAD":
        for part in parts:
            request.write(b"%x\r\n%b\r\n" % (len(part), part) if chunked else part)
        if chunked:
            request.write(b"0\r\n\r\n")
    request.finish()
