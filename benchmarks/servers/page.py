"""A server of one page, for measuring what its size costs a run: the reference server, with another page.

    python -m benchmarks.servers.page KIND OCTETS

KIND is `page` (a body of that size), `field` (a field line of that size, and a small body) or `chunks` (a
body of that size in chunks of one octet). It prints its URL, and ends with its standard input.
"""

import sys

from reference_server.httpserver import HTTPRequest, HTTPServer
from reference_server.ioloop import IOLoop

# Lines, as a page has them: a reader that looks for empty lines finds many.
_LINE = b"a line of text, and an empty line after it\r\n\r\n"


def response(kind: str, octets: int) -> bytes:
    """Return the response to every request."""
    text = (_LINE * (octets // len(_LINE) + 1))[:octets]
    if kind == "field":
        return b"HTTP/1.1 200 OK\r\nX-Large: %b\r\nContent-Length: 2\r\n\r\nOK" % (b"x" * octets)
    if kind == "chunks":
        chunks = b"".join(b"1\r\n%c\r\n" % octet for octet in text)
        return b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n%b0\r\n\r\n" % chunks
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (octets, text)


def main(kind: str, octets: int) -> None:
    """Serve the page until standard input ends."""
    answer = response(kind, octets)
    end_of_head = answer.index(b"\r\n\r\n") + 4

    def respond(request: HTTPRequest) -> None:
        request.write(answer[:end_of_head] if request.method == "HEAD" else answer)
        request.finish()

    server = HTTPServer(respond)
    server.listen(0, "127.0.0.1")
    loop = IOLoop.instance()
    loop.add_handler(sys.stdin.fileno(), lambda *_: loop.stop(), IOLoop.READ)
    print(f"Listening on http://127.0.0.1:{server.address[1]}/", flush=True)  # noqa: T201
    loop.start()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
