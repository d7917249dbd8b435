"""The reference server, through its documented interface, in the ``http11`` profile with every check on."""

import sys

from reference_server.httpserver import HTTPRequest, HTTPServer
from reference_server.ioloop import IOLoop


def answer(request: HTTPRequest) -> None:
    """Answer with what was requested, as in the document's example; for a form, with what it holds."""
    if request.method == "POST":
        message = b"%d fields, %d files\n" % (len(request.arguments), len(request.files))
    else:
        message = b"You requested %s\n" % request.uri.encode()
    request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(message), message))
    request.finish()


if __name__ == "__main__":
    HTTPServer(answer).listen(int(sys.argv[1]), "127.0.0.1")
    IOLoop.instance().start()
