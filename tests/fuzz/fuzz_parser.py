"""Fuzz the request parser and the form parsers with atheris, which looks for octets that reach new code.

The laws are those of `test_parser_laws.py`, for octets that nobody has thought of: no exception, whatever
comes; the same events, however it is cut; and no head that h11 refuses. Those of forms are in `form_laws`.
Run it with `tox -e fuzz`, or for longer with `tox -e fuzz -- -max_total_time=3600 CORPUS_FOLDER`.
"""

import importlib
import itertools
import logging
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import h11

from tests.fuzz.form_laws import FormLaws

STATUSES = {400, 413, 414, 417, 421, 431, 501, 505}
"""What a request can be refused with."""

SEEDS = [
    b"GET /a?b=c HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n",
    b"POST http://h/ HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\nabc",
    b'PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;a="b"\r\nabc\r\n0\r\nT: u\r\n\r\n',
    b"CONNECT [::1]:80 HTTP/1.0\r\n\r\nOPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n",
    b'x; boundary="B"; b=c\r\n--B\r\nContent-Disposition: form-data; name="a;\\"b"\r\n\r\n1\r\n--B--',
    b"a=1&b=%C3%A9+&c&=d",
    b"B\r\n--B \r\nContent-Disposition: form-data;\r\n name=a\r\n\r\n1\r\n--Bx\r\n--B x\r\n--B--",
    b"GET / HTTP/1.1\nA: b\rC: d\r\nE:\n\rF:\r\n\r\n",
    b"PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding:,chunked\r\n\r\n0\r\n\r\n",
]


class Laws:
    """What has to hold for any octets. It is made when the server's modules have been instrumented."""

    def __init__(self) -> None:
        documented, http11, limits, message, multipart, parser = (
            importlib.import_module(f"reference_server.parsing.{name}")
            for name in ("documented", "http11", "limits", "message", "multipart", "parser")
        )
        small = limits.Limits(
            method=7,
            request_target=20,
            field_line=30,
            head=150,
            fields=4,
            trailers=20,
            chunk_extensions=10,
            body=60,
            part_head=60,
            form_fields=3,
            form_names=10,
        )
        self._profiles = [
            http11.HTTP11(),
            http11.HTTP11(small),
            documented.Documented(),
            documented.Documented(small),
        ]
        self._form_laws = FormLaws(small)
        self._multipart: Any = multipart
        self._message = message
        self._parser = parser

    def hold(self, data: bytes) -> None:
        """Raise an exception when they do not."""
        for profile in self._profiles:
            events = self._parse([data], profile)
            cuts = sorted({0, len(data), *(octet % (len(data) + 1) for octet in data[:4])})
            assert events == self._parse([data[a:b] for a, b in itertools.pairwise(cuts)], profile), "a cut"
            assert events == self._parse([data[i : i + 1] for i in range(len(data))], profile), "octets"
        self._agrees_with_h11(data)
        self._reads_forms(data)

    def _parse(self, pieces: list[bytes], profile: Any) -> list[Any]:
        parser = self._parser.RequestParser(profile)
        events = []
        for piece in pieces:
            parser.feed(piece)
            while (event := parser.next_event()) is not None:
                events.append(self._seen(event))
        return events

    def _seen(self, event: Any) -> Any:
        if isinstance(event, self._message.Refusal):
            assert event.status in STATUSES, event
            return event.status  # which of several faults is found first may depend on the cut
        if isinstance(event, self._message.Body):
            return bytes(event.content), event.trailers and list(event.trailers.get_all())
        fields = list(event.fields.headers.get_all())
        return event.method, event.target, event.version, event.host, fields, event.body_length

    def _agrees_with_h11(self, data: bytes) -> None:
        """Where h11 refuses the first head, so do we.

        But it skips no empty lines, as RFC 9112, 2.2, asks, and no empty members of Transfer-Encoding, as
        RFC 9110, 5.6.1.2, asks.
        """
        found = self._parser.RequestParser(self._profiles[0])
        found.feed(data)
        head = found.next_event()
        if data.startswith(b"\r\n") or not isinstance(head, self._message.Head):
            return
        if "," in head.fields.headers.get("Transfer-Encoding", ""):
            return
        connection = h11.Connection(h11.SERVER)
        connection.receive_data(data)
        assert isinstance(connection.next_event(), h11.Request)

    def _reads_forms(self, data: bytes) -> None:
        line, _, body = data.partition(b"\r\n")
        boundary = self._multipart.boundary_of(line.decode("latin-1")) or b"B"
        self._form_laws.hold(boundary, body, data)


def find_atheris() -> ModuleType | None:
    """Return atheris, None where it cannot be had: it is made for some versions of CPython on Linux only."""
    try:
        return importlib.import_module("atheris")
    except ImportError:
        return None


def main(arguments: list[str]) -> int:
    """Fuzz, with libFuzzer's own options; return the exit code."""
    atheris = find_atheris()
    if atheris is None:
        version = ".".join(map(str, sys.version_info[:3]))
        print(f"skipped: atheris is not available for Python {version} on {sys.platform}")  # noqa: T201
        return 0
    logging.disable()
    with atheris.instrument_imports(include=["reference_server"]):
        laws = Laws()
    with TemporaryDirectory(prefix="wirecheck-fuzz-") as seeds:
        for number, seed in enumerate(SEEDS):
            Path(seeds, str(number)).write_bytes(seed)
        child = os.fork()  # libFuzzer ends the process that it runs in
        if not child:
            atheris.Setup([sys.argv[0], *arguments, seeds], laws.hold)
            atheris.Fuzz()
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
