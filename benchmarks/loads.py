"""What is sent: each load is the bytes of one request, or of several in a row, and the expected response.

It knows neither servers nor measurements.
"""

import random
from collections.abc import Mapping
from dataclasses import dataclass

HOST = b"127.0.0.1:8000"

GREETING = b"You requested /hello\n"

BOUNDARY = b"----WebKitFormBoundary7MA4YWxkTrZu0gW"

PIPELINED = 16


@dataclass(frozen=True, kw_only=True)
class Load:
    """One kind of request."""

    name: str

    title: str

    data: bytes
    """What is sent."""

    answer: bytes
    """The body of each response; it proves what the application did."""

    others: tuple[bytes, ...] = ()
    """Sent in turn with ``data``, so that a connection hardly ever sees the same head twice."""

    parses_form: bool = False
    """Whether the application must parse forms."""

    def script(self) -> str:
        """Return the script that makes wrk send these bytes and nothing else."""
        if not self.others:
            return f"wrk.format = function() return {quoted(self.data)} end\n"  # called once
        everything = ", ".join(map(quoted, (self.data, *self.others)))
        return (
            f"local all, last = {{{everything}}}, 0\n"
            "request = function() last = last % #all + 1; return all[last] end\n"
        )


def quoted(data: bytes) -> str:
    """Return bytes as a Lua string."""
    return '"' + "".join(f"\\{byte:03d}" for byte in data) + '"'


def get(path: bytes, fields: Mapping[bytes, bytes] | None = None) -> bytes:
    """Return a GET request with these fields after Host."""
    lines = b"".join(b"%b: %b\r\n" % field for field in (fields or {}).items())
    return b"GET %b HTTP/1.1\r\nHost: %b\r\n%b\r\n" % (path, HOST, lines)


def post(content_type: bytes, body: bytes) -> bytes:
    """Return a POST request with a form."""
    head = b"POST /form HTTP/1.1\r\nHost: %b\r\nContent-Type: %b\r\nContent-Length: %d\r\n\r\n"
    return head % (HOST, content_type, len(body)) + body


def multipart() -> bytes:
    """Return a form with a field and a file of 100 kB of random bytes, as browsers send it."""
    content = random.Random(1).randbytes(100_000)  # noqa: S311 - the same in each run
    return (
        b'--%b\r\nContent-Disposition: form-data; name="title"\r\n\r\nholiday\r\n'
        b'--%b\r\nContent-Disposition: form-data; name="file"; filename="beach.jpg"\r\n'
        b"Content-Type: image/jpeg\r\n\r\n%b\r\n--%b--\r\n"
    ) % (BOUNDARY, BOUNDARY, content, BOUNDARY)  # fmt: skip


BROWSER_FIELDS = {
    b"Connection": b"keep-alive",
    b"Cache-Control": b"max-age=0",
    b"sec-ch-ua": b'"Chromium";v="141", "Not?A_Brand";v="8"',
    b"sec-ch-ua-mobile": b"?0",
    b"sec-ch-ua-platform": b'"Linux"',
    b"Upgrade-Insecure-Requests": b"1",
    b"User-Agent": b"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) "
    b"Chrome/141.0.0.0 Safari/537.36",
    b"Accept": b"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8",
    b"Sec-Fetch-Site": b"same-origin",
    b"Sec-Fetch-Mode": b"navigate",
    b"Accept-Encoding": b"gzip, deflate, br, zstd",
    b"Accept-Language": b"en-GB,en;q=0.9,de;q=0.8",
}
"""The field lines of a browser without Host and the cookie, which make it 14."""


def browser(session: int) -> bytes:
    """Return a GET request as one browser sends it."""
    cookie = b"session=7f3a9c1e5b8d24%02x; theme=dark; consent=necessary%%2Cstatistics; _id=GA1.1.2" % session
    return get(b"/hello", BROWSER_FIELDS | {b"Cookie": cookie})


FORM = b"name=Ada+Lovelace&email=ada%40example.org&city=London&age=36&text=Notes+on+the+engine%21"

HELLO = Load(name="hello", title="the document's example", data=get(b"/hello"), answer=GREETING)

LOADS = (
    HELLO,
    Load(
        name="browser",
        title="a browser's head, 14 field lines, the same on each connection",
        data=browser(0),
        answer=GREETING,
    ),
    Load(
        name="changing",
        title="a browser's head, its cookie different from that of the request before",
        data=browser(0),
        others=tuple(map(browser, range(1, 61))),
        answer=GREETING,
    ),
    Load(
        name="form",
        title="an urlencoded form of five fields",
        data=post(b"application/x-www-form-urlencoded", FORM),
        answer=b"5 fields, 0 files\n",
        parses_form=True,
    ),
    Load(
        name="upload",
        title="a multipart form with a file of 100 kB",
        data=post(b"multipart/form-data; boundary=" + BOUNDARY, multipart()),
        answer=b"1 fields, 1 files\n",
        parses_form=True,
    ),
    Load(
        name="pipelined",
        title=f"hello, pipelined {PIPELINED} deep",
        data=HELLO.data * PIPELINED,
        answer=GREETING,
    ),
)
