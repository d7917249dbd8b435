# -*- coding: utf-8 -*-
"""A table of constructor calls, and what comes of them: on the original, or on the reference server.

`python constructors.py PACKAGE CERTIFICATE [PROFILE]` makes each call with the classes of `tornado` or of
`reference_server` and prints JSON: for each row the attributes of what was made, and what its methods return
or raise. CERTIFICATE is a PEM file with a certificate and its key; PROFILE is `HTTP11` or `Documented`. It
runs under CPython 2.7 and 3 alike, and shows text and bytes alike. It does not know what is right:
`agreement.py` does.
"""

from __future__ import print_function

import ast
import contextlib
import functools
import importlib
import json
import socket
import sys
import time

# A row is a name and a call. Names in a call are those of `vocabulary`.
REQUESTS = [
    ("method-and-uri", 'HTTPRequest("GET", "/a?b=c")'),
    ("by-position", 'HTTPRequest("PUT", "/p?q=1", "HTTP/1.1", HTTPHeaders({"X": "y"}), b"body", "192.0.2.7", '
                    '"https", "other", FILES, PLAIN)'),
    ("by-name", 'HTTPRequest(uri="/p?q=1", method="PUT", connection=PLAIN, files=FILES, host="other", '
                'protocol="https", remote_ip="192.0.2.7", body=b"body", headers=HTTPHeaders({"X": "y"}), '
                'version="HTTP/1.1")'),
    ("version-1.0", 'HTTPRequest("GET", "/", "HTTP/1.0")'),
    ("version-1.2", 'HTTPRequest("GET", "/", "HTTP/1.2")'),
    ("headers-none", 'HTTPRequest("GET", "/", headers=None)'),
    ("headers-empty", 'HTTPRequest("GET", "/", headers=HTTPHeaders())'),
    ("headers-a-dictionary", 'HTTPRequest("GET", "/", headers={"Host": "h"})'),
    ("body-none", 'HTTPRequest("POST", "/", body=None)'),
    ("body-empty", 'HTTPRequest("POST", "/", body=b"")'),
    ("body-a-form", 'HTTPRequest("POST", "/?a=1", headers=HTTPHeaders({"Content-Type": '
                    '"application/x-www-form-urlencoded"}), body=b"a=2")'),
    ("files-none", 'HTTPRequest("POST", "/", files=None)'),
    ("files-empty", 'HTTPRequest("POST", "/", files={})'),
    ("host-field", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"Host": "h:80"}))'),
    ("host-given", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"Host": "h"}), host="other")'),
    ("host-given-empty", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"Host": "h"}), host="")'),
    ("host-field-empty", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"Host": ""}))'),
    ("host-both-empty", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"Host": ""}), host="")'),
    ("remote-ip-empty", 'HTTPRequest("GET", "/", remote_ip="")'),
    ("protocol-given", 'HTTPRequest("GET", "/", protocol="https")'),
    ("protocol-empty", 'HTTPRequest("GET", "/", protocol="")'),
    ("protocol-unknown", 'HTTPRequest("GET", "/", protocol="gopher")'),
    ("protocol-of-plain-stream", 'HTTPRequest("GET", "/", connection=PLAIN)'),
    ("protocol-of-tls-stream", 'HTTPRequest("GET", "/", connection=SECURE)'),
    ("protocol-over-tls-given", 'HTTPRequest("GET", "/", protocol="http", connection=SECURE)'),
    ("proxy-not-believed", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"X-Real-Ip": "192.0.2.9"}), '
                           'remote_ip="192.0.2.7", connection=PLAIN)'),
    ("proxy-without-connection", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"X-Scheme": "https"}))'),
    ("proxy-real-ip", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"X-Real-Ip": "192.0.2.9"}), '
                      'remote_ip="192.0.2.7", connection=PROXY)'),
    ("proxy-forwarded-for", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"X-Forwarded-For": "192.0.2.8, x"}), '
                            'remote_ip="192.0.2.7", connection=PROXY)'),
    ("proxy-both", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"X-Forwarded-For": "192.0.2.8", '
                   '"X-Real-Ip": "192.0.2.9"}), connection=PROXY)'),
    ("proxy-real-ip-empty", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"X-Real-Ip": ""}), '
                            'remote_ip="192.0.2.7", connection=PROXY)'),
    ("proxy-scheme", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"X-Scheme": "https"}), protocol="http", '
                     'connection=PROXY)'),
    ("proxy-forwarded-proto", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"X-Forwarded-Proto": "https"}), '
                              'connection=PROXY)'),
    ("proxy-both-protocols", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"X-Scheme": "http", '
                             '"X-Forwarded-Proto": "https"}), connection=PROXY)'),
    ("proxy-scheme-unknown", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"X-Scheme": "gopher"}), '
                             'protocol="https", connection=PROXY)'),
    ("proxy-scheme-empty", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"X-Scheme": ""}), '
                           'protocol="https", connection=PROXY)'),
    ("proxy-silent", 'HTTPRequest("GET", "/", remote_ip="192.0.2.7", connection=PROXY)'),
    ("proxy-silent-protocol-given", 'HTTPRequest("GET", "/", protocol="https", connection=PROXY)'),
    ("proxy-silent-over-tls", 'HTTPRequest("GET", "/", connection=SECURE_PROXY)'),
    ("proxy-silent-over-tls-given", 'HTTPRequest("GET", "/", protocol="http", connection=SECURE_PROXY)'),
    ("proxy-speaks-over-tls", 'HTTPRequest("GET", "/", headers=HTTPHeaders({"X-Scheme": "http"}), '
                              'connection=SECURE_PROXY)'),
    ("uri-empty", 'HTTPRequest("GET", "")'),
    ("uri-asterisk", 'HTTPRequest("OPTIONS", "*")'),
    ("uri-authority", 'HTTPRequest("CONNECT", "h:80")'),
    ("uri-absolute", 'HTTPRequest("GET", "http://h:80/a/b?c=d")'),
    ("uri-absolute-without-path", 'HTTPRequest("GET", "http://h?c=d")'),
    ("uri-two-slashes", 'HTTPRequest("GET", "//h/a?b=c")'),
    ("uri-fragment", 'HTTPRequest("GET", "/a?b=c#d?e=f")'),
    ("uri-fragment-first", 'HTTPRequest("GET", "/a#b?c=d")'),
    ("uri-two-question-marks", 'HTTPRequest("GET", "/a?b=c?d")'),
    ("uri-parameters", 'HTTPRequest("GET", "/a;b=c?d=e")'),
    ("uri-escaped", 'HTTPRequest("GET", "/%41%20?b=%43+d%00")'),
    ("uri-colon", 'HTTPRequest("GET", "/a://b")'),
    ("query-repeated", 'HTTPRequest("GET", "/?a=1&b=2&a=3&a=1")'),
    ("query-empty-values", 'HTTPRequest("GET", "/?a=&b&c=1&c=&=d&&")'),
    ("query-semicolon", 'HTTPRequest("GET", "/?a=1;b=2")'),
    ("query-equals-signs", 'HTTPRequest("GET", "/?a=b=c")'),
    ("query-broken-escape", 'HTTPRequest("GET", "/?a=%4&b=%zz&c=100%")'),
]
CONNECTIONS = [
    ("connection-defaults", 'HTTPConnection(STREAM, ADDRESS, CALLBACK)'),
    ("connection-by-position", 'HTTPConnection(STREAM, ADDRESS, CALLBACK, True, True)'),
    ("connection-by-name", 'HTTPConnection(xheaders=True, no_keep_alive=False, request_callback=CALLBACK, '
                           'address=ADDRESS, stream=STREAM)'),
    ("connection-without-callback", 'HTTPConnection(STREAM, ADDRESS)'),
]
SERVERS = [
    ("server-defaults", 'HTTPServer(CALLBACK)'),
    ("server-by-position", 'HTTPServer(CALLBACK, True, LOOP, True, None)'),
    ("server-by-name", 'HTTPServer(ssl_options=None, xheaders=True, io_loop=LOOP, no_keep_alive=True, '
                       'request_callback=CALLBACK)'),
    ("server-over-tls", 'HTTPServer(CALLBACK, ssl_options=OPTIONS)'),
    ("server-without-callback", 'HTTPServer()'),
]

ATTRIBUTES = ("method", "uri", "version", "headers", "body", "remote_ip", "protocol", "host", "path", "query",
              "arguments", "files", "connection")
CONNECTION_ATTRIBUTES = ("stream", "address", "request_callback", "no_keep_alive", "xheaders")
SERVER_ATTRIBUTES = ("request_callback", "no_keep_alive", "io_loop", "xheaders", "ssl_options")

ADDRESS = ("192.0.2.7", 4711)
FILES = {"f": [{"filename": "n", "body": b"content", "content_type": "text/x"}]}
GET = b"GET /a HTTP/1.1\r\nHost: h\r\nX-Real-Ip: 192.0.2.9\r\n\r\n"
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
PATIENCE = 10  # seconds after which a row gives up; no row waits for them


class Package(object):
    """The classes of one of the two servers, in the profile that is asked for, if there are profiles."""

    def __init__(self, name, certificate, profile=None):
        self.certificate = certificate
        httpserver, httputil, self.ioloop, iostream = (
            importlib.import_module("%s.%s" % (name, module))
            for module in ("httpserver", "httputil", "ioloop", "iostream")
        )
        options = {"profile": getattr(httpserver, profile)()} if profile else {}
        self.HTTPRequest = httpserver.HTTPRequest
        self.HTTPConnection = functools.partial(httpserver.HTTPConnection, **options)
        self.HTTPServer = functools.partial(httpserver.HTTPServer, **options)
        self.HTTPHeaders = httputil.HTTPHeaders
        self.IOStream = iostream.IOStream
        self.SSLIOStream = iostream.SSLIOStream


class Connection(object):
    """What a request made by hand may be given: it notes what is done with it."""

    def __init__(self, stream_class, xheaders):
        self.stream = stream_class.__new__(stream_class)  # only its class matters
        self.xheaders = xheaders
        self.done = []

    def write(self, chunk):
        self.done.append(shown(chunk))

    def finish(self):
        self.done.append("finish")


class Shower(object):
    """Shows values in a form that both languages have, and the things that were given by their names."""

    def __init__(self, vocabulary):
        self._names = dict((id(thing), name) for name, thing in vocabulary.items())

    def attributes(self, made, names):
        return dict((name, self.value(getattr(made, name, "no such attribute"))) for name in names)

    def value(self, value):
        return self._names.get(id(value)) or shown(value)


def shown(value):
    """Return a value as JSON has it; bytes are text, octet for octet."""
    if isinstance(value, bytes):
        return value.decode("latin-1")
    if isinstance(value, (list, tuple)):
        return [shown(item) for item in value]
    if hasattr(value, "items"):
        return dict((shown(key), shown(item)) for key, item in value.items())
    return value


def outcome(call, *arguments):
    """Return what a call returns, or the name of the exception that it raises."""
    try:
        return shown(call(*arguments))
    except Exception as error:  # which one is what the table compares
        return "raises %s" % type(error).__name__


def make(call, vocabulary):
    """Return what a call of the table makes, and how that failed if it did."""
    try:
        return eval(call, dict(vocabulary)), None
    except Exception as error:
        return None, {"made": "raises %s" % type(error).__name__}


# Requests


def describe_request(call, package):
    """Make a request; return what it is, and what comes of its methods."""
    vocabulary = {
        "HTTPRequest": package.HTTPRequest,
        "HTTPHeaders": package.HTTPHeaders,
        "FILES": FILES,
        "PLAIN": Connection(package.IOStream, False),
        "SECURE": Connection(package.SSLIOStream, False),
        "PROXY": Connection(package.IOStream, True),
        "SECURE_PROXY": Connection(package.SSLIOStream, True),
    }
    request, failure = make(call, vocabulary)
    if failure:
        return failure
    described = Shower(vocabulary).attributes(request, ATTRIBUTES)
    described["repr"] = describe_repr(repr(request))
    for method in ("full_url", "supports_http_1_1"):
        described[method] = outcome(getattr(request, method))
    described["is timed"] = request.request_time() >= 0
    if request.connection is None:
        described["get_ssl_certificate"] = outcome(request.get_ssl_certificate)
    described["write"] = outcome(request.write, ANSWER)
    described["finish"] = outcome(request.finish)
    described["done"] = getattr(request.connection, "done", None)
    return described


def describe_repr(text):
    """Return a repr as its beginning and a dictionary of header fields, whose order is nobody's promise."""
    beginning, _, fields = text.replace("body=b'", "body='").partition("headers=")
    return [beginning, ast.literal_eval(fields[:-1])]


# Connections


class Line(object):
    """A loop, a stream in it with the socket at its other end, and the requests that have come."""

    def __init__(self, package):
        self.loop = package.ioloop.IOLoop()
        self.package = package
        self.requests = []
        ours, self.peer = socket.socketpair()
        self.peer.settimeout(PATIENCE)
        self.stream = package.IOStream(ours, io_loop=self.loop)

    def take(self, request):
        self.requests.append(request)
        self.loop.stop()

    def run_until(self, condition):
        """Run the loop until a condition holds; tell whether it came to that."""
        give_up = time.time() + PATIENCE
        while not condition() and time.time() < give_up:
            self.loop.add_timeout(time.time() + 0.01, self.loop.stop)
            self.loop.start()
        return condition()

    def peer_is_told(self):
        """Read what the peer can read; tell whether it reads the end."""
        self.peer.setblocking(False)
        try:
            while True:
                if not self.peer.recv(65536):
                    return True
        except (IOError, OSError):
            return False


def describe_connection(call, package):
    """Make a connection; return what it is, and how it serves."""
    line = Line(package)
    callback = line.take
    vocabulary = {
        "HTTPConnection": package.HTTPConnection,
        "STREAM": line.stream,
        "ADDRESS": ADDRESS,
        "CALLBACK": callback,
    }
    connection, failure = make(call, vocabulary)
    if failure:
        return failure
    described = Shower(vocabulary).attributes(connection, CONNECTION_ATTRIBUTES)
    line.peer.sendall(GET + GET)
    line.run_until(lambda: line.requests)
    described["serves"] = [describe_served(request, connection) for request in line.requests]
    for request in line.requests[:1]:
        request.write(ANSWER)
        request.finish()
    line.run_until(lambda: line.peer_is_told() or len(line.requests) > 1)
    described["then"] = "serves the next" if len(line.requests) > 1 else "closes"
    return described


def describe_served(request, connection):
    """Return how a request looks that came on a connection made by hand."""
    served = dict((name, shown(getattr(request, name))) for name in ("uri", "remote_ip", "protocol"))
    served["on this connection"] = request.connection is connection
    return served


# Servers


def describe_server(call, package):
    """Make a server; return what it is, before and after it is started, and how it accepts."""
    line = Line(package)
    callback = line.take
    vocabulary = {"HTTPServer": package.HTTPServer, "CALLBACK": callback, "LOOP": line.loop}
    vocabulary["OPTIONS"] = {"certfile": package.certificate, "keyfile": package.certificate}
    server, failure = make(call, vocabulary)
    if failure:
        return failure
    shower = Shower(dict(vocabulary, INSTANCE=package.ioloop.IOLoop.instance()))
    described = shower.attributes(server, SERVER_ATTRIBUTES)
    line.loop = server.io_loop or package.ioloop.IOLoop.instance()
    server.bind(0, "127.0.0.1")
    described["io_loop when bound"] = shower.value(server.io_loop)
    if server.ssl_options is None:
        described["called"] = accept_when_called(server, line)
        described["replaced"] = accept_when_replaced(server, line)
    else:
        server.start()
    described["io_loop when started"] = shower.value(server.io_loop)
    server.stop()
    return described


def accept_when_called(server, line):
    """Call the accepting method by hand; return what is asked for on the connection that it accepts."""
    with contextlib.closing(client_of(server)):
        server._handle_events(server._socket.fileno(), line.loop.READ)
        return next_uri(line)


def accept_when_replaced(server, line):
    """Replace the accepting method and start; return what it is called with, and what is asked for then."""
    accept, called = server._handle_events, []
    listening = server._socket.fileno()

    def replacement(fd, events):
        called.append({"fd of the listening socket": fd == listening, "READ": events == line.loop.READ})
        accept(fd, events)

    server._handle_events = replacement
    server.start()
    with contextlib.closing(client_of(server)):
        return [next_uri(line), called[:1]]


def client_of(server):
    """Return a client that has connected to a server and asked for something."""
    client = socket.create_connection(server._socket.getsockname())
    client.sendall(GET)
    return client


def next_uri(line):
    """Run the loop until a request has come; return what it asks for."""
    line.run_until(lambda: line.requests)
    return shown(line.requests.pop().uri) if line.requests else "nothing came"


def describe(package):
    """Return what comes of all calls, by row."""
    kinds = ((REQUESTS, describe_request), (CONNECTIONS, describe_connection), (SERVERS, describe_server))
    return dict((name, kind(call, package)) for rows, kind in kinds for name, call in rows)


if __name__ == "__main__":
    print(json.dumps(describe(Package(*sys.argv[1:]))))
