"""Starts one Python server with the witness mounted: `python serving.py KIND PORT`, on loopback.

It runs in the environment of the server that is tried, an old one as a rule, and needs a checkout of
wirecheck on its path. Whether that server has a flaw is not known here.
"""

import asyncio
import sys
from collections.abc import Callable, Mapping
from typing import Any

from reference_server.witness import core
from reference_server.witness.wsgi import app

HOST = "127.0.0.1"


def eventlet(port: int) -> None:
    """Serve by eventlet's WSGI server."""
    from eventlet import listen, wsgi

    wsgi.server(listen((HOST, port)), app)


def gevent(port: int) -> None:
    """Serve by gevent's WSGI server."""
    from gevent.pywsgi import WSGIServer

    WSGIServer((HOST, port), app).serve_forever()


def twisted(port: int) -> None:
    """Serve by twisted.web, with its WSGI resource in threads."""
    from twisted.internet import reactor
    from twisted.web.server import Site
    from twisted.web.wsgi import WSGIResource

    reactor.listenTCP(port, Site(WSGIResource(reactor, reactor.getThreadPool(), app)), interface=HOST)
    reactor.run()


def tornado(port: int) -> None:
    """Serve by Tornado's HTTPServer, with a plain callback."""
    from tornado.httpserver import HTTPServer
    from tornado.httputil import HTTPHeaders, HTTPServerRequest, ResponseStartLine

    async def reply(request: HTTPServerRequest) -> None:
        answer = core.answer(
            core.Request(
                method=request.method,
                path=request.path,
                query=request.query,
                target=request.uri,
                version=request.version,
                headers=list(request.headers.get_all()),
                body=request.body,
                remote_ip=request.remote_ip,
                protocol=request.protocol,
            )
        )
        await asyncio.sleep(answer.delay)
        start, head = ResponseStartLine("HTTP/1.1", answer.status, "Answered"), HTTPHeaders()
        for name, value in answer.head():
            head.add(name, value)
        content = answer.pieces(request.method)
        try:
            await request.connection.write_headers(start, head, next(content, b""))
            for piece in content:
                await request.connection.write(piece)
            request.connection.finish()
        except Exception as error:  # noqa: BLE001 - the peer may have left
            print(type(error).__name__, error, file=sys.stderr)  # noqa: T201

    async def main() -> None:
        server = HTTPServer(lambda request: asyncio.ensure_future(reply(request)) and None)
        server.listen(port, address=HOST)
        await asyncio.Event().wait()

    asyncio.run(main())


def aiohttp(port: int) -> None:
    """Serve by aiohttp.web; AIOHTTP_NO_EXTENSIONS chooses its parser in Python."""
    from aiohttp import web

    async def reply(request: web.BaseRequest) -> web.StreamResponse:
        answer = core.answer(core.Request(**described(request), body=await request.read()))
        await asyncio.sleep(answer.delay)
        response = web.StreamResponse(status=answer.status)
        for name, value in answer.head():
            response.headers.add(name, value)
        await response.prepare(request)
        for piece in answer.pieces(request.method):
            await response.write(piece)
        return response

    def described(request: web.BaseRequest) -> dict[str, Any]:
        return {
            "method": request.method,
            "path": request.rel_url.raw_path,
            "query": request.rel_url.raw_query_string,
            "target": request.raw_path if hasattr(request, "raw_path") else None,
            "version": f"HTTP/{request.version.major}.{request.version.minor}",
            "headers": [
                (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.raw_headers
            ],
            "remote_ip": request.remote,
            "protocol": request.scheme,
        }

    async def main() -> None:
        runner = web.ServerRunner(web.Server(reply))
        await runner.setup()
        await web.TCPSite(runner, HOST, port).start()
        await asyncio.Event().wait()

    asyncio.run(main())


KINDS: Mapping[str, Callable[[int], None]] = {
    kind.__name__: kind for kind in (eventlet, gevent, twisted, tornado, aiohttp)
}

if __name__ == "__main__":
    KINDS[sys.argv[1]](int(sys.argv[2]))
