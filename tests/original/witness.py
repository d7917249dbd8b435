# -*- coding: utf-8 -*-
"""The witness of DESIGN 5 for the original server: Tornado 1.2.1, unmodified, under CPython 2.7.

It is an application in the sense of the document: one callback, which writes whole responses itself. Under
/witness it says how the server understood a request; elsewhere it says what was requested, as the document's
main example does. The folder of the unpacked release has to be on PYTHONPATH.
"""

from __future__ import print_function

import base64
import hashlib
import httplib
import json
import logging
import optparse
import os
import ssl
import sys
import time

from tornado import httpserver, ioloop

MOUNT = "/witness"
MOST_QUOTED = 65536
FIXED = b"The same bytes, each time they are asked for.\n"


def handle_request(request):
    """The callback: answer one request."""
    if request.path.startswith(MOUNT + "/"):
        name, _, rest = request.path[len(MOUNT) + 1 :].partition("/")
        handler = HANDLERS.get(name, unknown)
        handler(request, rest)
    else:
        message = b"You requested %s\n" % request.uri
        request.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(message), message))
        request.finish()


def answer(request, content, status=200, fields=()):
    """Write a whole response; the length is known."""
    lines = ["HTTP/1.1 %d %s" % (status, httplib.responses.get(status, ""))]
    lines += ["%s: %s" % field for field in fields]
    if status >= 200 and status not in (204, 304):
        lines.append("Content-Length: %d" % len(content))
    else:
        content = b""
    if request.method == "HEAD":
        content = b""
    request.write(b"\r\n".join(lines) + b"\r\n\r\n" + content)
    request.finish()


def echo(request, rest):
    """How the server understood the request."""
    described = {
        "witness": 1,
        "method": octets(request.method),
        "target": octets(request.uri),
        "version": octets(request.version),
        "headers": [[octets(name), octets(value)] for name, value in request.headers.get_all()],
        "body": dict(digest(request.body), base64=base64.b64encode(request.body[:MOST_QUOTED])),
        "host": octets(request.host),
        "remote_ip": request.remote_ip,
        "protocol": request.protocol,
        "path": octets(request.path),
        "query": octets(request.query),
        "arguments": dict((text(name), map(text, values)) for name, values in request.arguments.items()),
        "files": dict((text(name), map(describe_file, files)) for name, files in request.files.items()),
    }
    answer(request, json.dumps(described).encode("ascii"), fields=[("Content-Type", "application/json")])


def octets(value):
    """Bytes as JSON text: each one a code point."""
    return value.decode("latin-1") if isinstance(value, bytes) else value


def text(value):
    """Text of a form; what is not UTF-8 in it as U+FFFD."""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def digest(content):
    """The length and the hash of some bytes."""
    return {"length": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def describe_file(given):
    """An uploaded file, as the server gives it."""
    named = {"filename": text(given["filename"]), "content_type": octets(given["content_type"])}
    return dict(digest(given["body"]), **named)


def status(request, rest):
    """The status that the path names."""
    code = number(rest, 200)
    answer(request, b"", code if 200 <= code <= 599 else 400)


def size(request, rest):
    """As many bytes as the path names."""
    answer(request, b"a" * number(rest, 0), fields=[("Content-Type", "application/octet-stream")])


def stream(request, rest):
    """Parts whose length is not told in advance; before HTTP/1.1 there is no way to do that and stay open."""
    part = b"a" * number(parameter(request, "size"), 1024)
    parts = [part] * number(parameter(request, "parts"), 3)
    if not request.supports_http_1_1():
        answer(request, b"".join(parts))
        return
    request.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    if request.method != "HEAD":
        for part in filter(None, parts):
            request.write(b"%x\r\n%s\r\n" % (len(part), part))
        request.write(b"0\r\n\r\n")
    request.finish()


def slow(request, rest):
    """The same as a fixed answer, but late."""
    seconds = number(parameter(request, "ms"), 100) / 1000.0
    ioloop.IOLoop.instance().add_timeout(time.time() + seconds, lambda: answer(request, FIXED))


def static(request, rest):
    """Fixed bytes with validators."""
    validators = [("ETag", '"fixed"'), ("Last-Modified", "Tue, 01 Mar 2011 00:00:00 GMT")]
    answer(request, FIXED, fields=validators)


def ignore(request, rest):
    """An answer without a look at the body, which this server has read all the same."""
    answer(request, FIXED)


def unknown(request, rest):
    """There is nothing else."""
    answer(request, b"no such thing\n", 404)


HANDLERS = {
    "echo": echo,
    "status": status,
    "size": size,
    "stream": stream,
    "slow": slow,
    "static": static,
    "ignore": ignore,
}


def parameter(request, name):
    """The last value of a query parameter, or an empty string."""
    return request.arguments.get(name, [""])[-1]


def number(digits, default):
    """A number that stands in a request."""
    return int(digits) if digits.isdigit() else default


def read_options():
    """The command line."""
    parser = optparse.OptionParser()
    parser.add_option("--port", type="int", default=8888)
    parser.add_option("--address", default="127.0.0.1")
    parser.add_option("--tls-cert", help="PEM file of the server's certificate chain; makes it https")
    parser.add_option("--tls-key", help="PEM file of its key")
    parser.add_option("--client-ca", help="PEM file of the authority of clients, who then need a certificate")
    return parser.parse_args()[0]


def make_ssl_options(options):
    """The documented ssl_options, or None for plain HTTP."""
    if not options.tls_cert:
        return None
    made = {"certfile": options.tls_cert, "keyfile": options.tls_key or options.tls_cert}
    if options.client_ca:
        made.update(cert_reqs=ssl.CERT_REQUIRED, ca_certs=options.client_ca)
    return made


def main():
    """Serve until standard input ends, or until SIGTERM."""
    options = read_options()
    logging.basicConfig(level=logging.INFO)
    loop = ioloop.IOLoop.instance()

    def stop_at_end(fd, events):
        if not os.read(fd, 4096):
            loop.stop()

    server = httpserver.HTTPServer(handle_request, ssl_options=make_ssl_options(options))
    server.listen(options.port, options.address)
    port = server._socket.getsockname()[1]  # the document has no way to ask for it
    loop.add_handler(sys.stdin.fileno(), stop_at_end, loop.READ)
    print("Listening on %s://%s:%d" % ("https" if options.tls_cert else "http", options.address, port))
    sys.stdout.flush()
    loop.start()


if __name__ == "__main__":
    main()
