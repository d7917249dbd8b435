"""Tornado's ``HTTPServer`` with a plain callback: the fastest way to use it, and nearest to the document."""

import sys

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPHeaders, HTTPServerRequest, ResponseStartLine
from tornado.ioloop import IOLoop

OK = ResponseStartLine("HTTP/1.1", 200, "OK")


def answer(request: HTTPServerRequest) -> None:
    """Do what ``reference.py`` does. Bodies are parsed by what ``RequestHandler`` calls for it."""
    if request.method == "POST":
        request._parse_body()  # noqa: SLF001 - there is no other way without an Application
        message = b"%d fields, %d files\n" % (len(request.arguments), len(request.files))
    else:
        message = b"You requested %s\n" % (request.uri or "").encode()
    connection = request.connection
    if connection is not None:
        connection.write_headers(OK, HTTPHeaders({"Content-Length": str(len(message))}), message)
        connection.finish()


if __name__ == "__main__":
    HTTPServer(answer).listen(int(sys.argv[1]), "127.0.0.1")
    IOLoop.current().start()
