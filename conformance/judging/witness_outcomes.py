"""Outcomes that only the witness can show: how the server's application understood a request.

A status code cannot tell a body that was read rightly from one that was cut short. Without the witness these
outcomes cannot be told, which is never a pass. Names and values of forms are text; all else is bytes.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from clients.transcript import Ending
from conformance.judging.echo import Echo, are_octets
from conformance.judging.observation import Observation
from conformance.judging.outcomes import SUCCESS, Outcome, Truth
from conformance.text import show

# White space around a comma says nothing; around the whole value there must be none (RFC 9110, 5.5).
_BETWEEN_MEMBERS = re.compile(rb"[ \t]*,[ \t]*")


def sees(
    *,
    method: bytes | None = None,
    target: bytes | None = None,
    version: bytes | None = None,
    host: bytes | None = None,
    protocol: bytes | None = None,
    body: bytes | None = None,
    fields: Mapping[bytes, bytes | None] | None = None,
    trailers: Mapping[bytes, bytes | None] | None = None,
) -> Outcome:
    """The application saw the request so: what is None is not looked at; a field of None has to be absent.

    host, protocol: as the server understood them. What the witness does not report cannot be told, unless
    something else that it reports is wrong.
    """
    octets = {"method": method, "target": target, "version": version, "host": host, "protocol": protocol}
    wanted = {name: value for name, value in octets.items() if value is not None}
    said = [f"the {name} {show(value)}" for name, value in wanted.items()]
    said += [_phrase(name, value, "field") for name, value in (fields or {}).items()]
    said += [_phrase(name, value, "trailer field") for name, value in (trailers or {}).items()]
    said += [f"the body {show(body)}"] if body is not None else []

    def truths(echo: Echo, seen: Observation) -> Iterator[Truth]:
        yield from (echo.has(name, seen.fill(value)) for name, value in wanted.items())
        for name, value in (fields or {}).items():
            told = echo.tells_field(name, seen.transcript.sent)
            yield _same(echo.field(name), _filled(value, seen)) if told else None
        for name, value in (trailers or {}).items():
            # An application that is told of no trailers has not seen this one, but might have been denied it.
            told = value is None or "trailers" in echo.seen
            yield _same(echo.field(name, section="trailers"), _filled(value, seen)) if told else None
        if body is not None:
            yield echo.holds_body(seen.fill(body))

    def detail(echo: Echo) -> str:
        parts = [f"the {name} {_shown(echo, name)}" for name in wanted]
        parts += [_phrase(name, echo.field(name), "field") for name in fields or {}]
        parts += [
            _phrase(name, echo.field(name, section="trailers"), "trailer field") for name in trailers or {}
        ]
        parts += [f"the body {show(echo.body)}"] if body is not None else []
        return ", ".join(parts)

    def holds(echo: Echo, seen: Observation) -> Truth:
        found = set(truths(echo, seen))
        return False if False in found else None if None in found else True

    return _seen_by_witness(", ".join(said) or "the request", holds, detail)


def sees_argument(name: str, *values: str) -> Outcome:
    """The application was given the form field `name` with just these values, in order; none: not at all."""
    shown = f"the argument {name} = {', '.join(map(repr, values))}" if values else f"no argument {name}"

    return _seen_by_witness(
        shown,
        lambda echo, _: echo.arguments(name) == values,
        lambda echo: f"{name} = {', '.join(map(repr, echo.arguments(name))) or 'nothing'}",
        forms=True,
    )


def sees_file(name: str, *, filename: str, content: bytes, content_type: str | None = None) -> Outcome:
    """The application was given one file under the form field `name`, with that filename and content."""

    def holds(echo: Echo, _: Observation) -> bool:
        files = echo.files(name)
        return (
            len(files) == 1
            and files[0].get("filename") == filename
            and content_type in (None, files[0].get("content_type"))
            and are_octets(files[0], content)
        )

    def detail(echo: Echo) -> str:
        files = ", ".join(
            f"{file.get('filename')!r} of {file.get('length')!r} bytes" for file in echo.files(name)
        )
        return f"under {name} the files {files or 'none'}"

    typed = f" of type {content_type}" if content_type else ""
    return _seen_by_witness(
        f"under {name} the file {filename!r}{typed} with {show(content)}", holds, detail, forms=True
    )


def _seen_by_witness(
    what: str,
    holds: Callable[[Echo, Observation], Truth],
    detail: Callable[[Echo], str],
    *,
    forms: bool = False,
) -> Outcome:
    def told(seen: Observation) -> Truth:
        if not (seen.forms if forms else seen.witness):
            # Whatever could be understood of a request, silence is no way to answer it.
            return False if seen.transcript.ending is Ending.SILENCE and seen.silent else None
        return holds(seen.echo, seen) if seen.echo is not None else False

    return Outcome(
        f"lets the application see {what}",
        told,
        detail=lambda seen: f"the application saw {detail(seen.echo)}" if seen.echo else _no_echo(seen),
    )


def _no_echo(seen: Observation) -> str:
    served = seen.answer is not None and seen.answer.status in SUCCESS
    return "the answer is not the echo that was asked for" if seen.witness and served else ""


def _filled(value: bytes | None, seen: Observation) -> bytes | None:
    return None if value is None else seen.fill(value)


def _shown(echo: Echo, name: str) -> str:
    value = echo.octets(name)
    if value is None and name == "target" and echo.query is not None:
        return f"with the query {show(echo.query)}"
    return "(not reported)" if value is None else show(value)


def _phrase(name: bytes, value: bytes | None, kind: str) -> str:
    return f"no {kind} {name.decode()}" if value is None else f"the {kind} {name.decode()}: {show(value)}"


def _same(found: bytes | None, wanted: bytes | None) -> bool:
    """Compare field values as lists, so that two lines and one line with a comma are the same."""
    if found is None or wanted is None:
        return found is wanted
    return _BETWEEN_MEMBERS.split(found) == _BETWEEN_MEMBERS.split(wanted)
