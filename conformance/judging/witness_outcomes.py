"""Outcomes that only the witness can show: how the server's application understood a request.

A status code does not show whether a body was read correctly or cut short. Without the witness these outcomes
are unknown, which is never a pass. Names and values of forms are text; everything else is bytes.
"""

import re
from collections.abc import Callable, Iterator, Mapping

from clients.transcript import Ending
from conformance.judging.echo import Echo, are_octets
from conformance.judging.observation import Observation
from conformance.judging.outcomes import SUCCESS, Outcome, Truth, join_and
from conformance.text import show

# White space around a comma has no meaning; the whole value must not have any around it (RFC 9110, 5.5).
_BETWEEN_MEMBERS = re.compile(rb"[ \t]*,[ \t]*")

# What the application sees of a form, which not every witness reports.
_FORMS = frozenset({"forms"})


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
    """The application saw this request. What is None is not compared; a field of None has to be absent.

    method, target, version: as received. host, protocol: as the server understood them. fields, trailers: the
    value of each field as a list, on one line or on several. body: the content, its transfer coding decoded.

    The outcome is unknown if the witness does not report one of them, unless another one is wrong.
    """
    octets = {"method": method, "target": target, "version": version, "host": host, "protocol": protocol}
    wanted = {name: value for name, value in octets.items() if value is not None}
    phrases = [f"the {name} {show(value)}" for name, value in wanted.items()]
    phrases += [_phrase(name, value, "field") for name, value in (fields or {}).items()]
    phrases += [_phrase(name, value, "trailer field") for name, value in (trailers or {}).items()]
    phrases += [f"the body {show(body)}"] if body is not None else []

    def truths(echo: Echo, seen: Observation) -> Iterator[Truth]:
        yield from (echo.has(name, seen.fill(value)) for name, value in wanted.items())
        for name, value in (fields or {}).items():
            known = echo.tells_field(name, seen.transcript.sent)
            yield _same(echo.field(name), _filled(value, seen)) if known else None
        for name, value in (trailers or {}).items():
            # An echo without trailers shows that the application did not see this one, but not whether the
            # server passes on any.
            known = value is None or "trailers" in echo.seen
            yield _same(echo.field(name, section="trailers"), _filled(value, seen)) if known else None
        if body is not None:
            yield echo.holds_body(seen.fill(body))

    def detail(echo: Echo) -> str:
        parts = [f"the {name} {_shown(echo, name)}" for name in wanted]
        parts += [_phrase(name, echo.field(name), "field") for name in fields or {}]
        parts += [
            _phrase(name, echo.field(name, section="trailers"), "trailer field") for name in trailers or {}
        ]
        parts += [f"the body {show(echo.body)}"] if body is not None else []
        return join_and(parts or ["the request"])

    def holds(echo: Echo, seen: Observation) -> Truth:
        every = set(truths(echo, seen))
        return False if False in every else None if None in every else True

    views = {*wanted, *(["fields"] if fields else []), *(["trailers"] if trailers else [])}
    views |= {"body"} if body is not None else set()
    return _seen_by_witness(join_and(phrases or ["the request"]), holds, detail, views=frozenset(views))


def sees_argument(name: str, *values: str) -> Outcome:
    """The application received the form field `name` with exactly these values, in order.

    Without any values: it did not receive that field at all.
    """
    named = f"argument {name or '(empty)'}"
    shown = f"the {named} = {', '.join(map(repr, values))}" if values else f"no {named}"

    return _seen_by_witness(
        shown,
        lambda echo, _: echo.arguments(name) == values,
        lambda echo: f"{name} = {', '.join(map(repr, echo.arguments(name))) or 'nothing'}",
        views=_FORMS,
    )


def sees_file(name: str, *, filename: str, content: bytes, content_type: str | None = None) -> Outcome:
    """The application received exactly one file in the form field `name`, with that filename and content.

    content_type: the file's media type; None: any.
    """

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
        return f"{files or 'no file'} in the form field {name}"

    typed = f" of type {content_type}" if content_type else ""
    return _seen_by_witness(
        f"the file {filename!r}{typed} with the content {show(content)}, in the form field {name},",
        holds,
        detail,
        views=_FORMS,
    )


def _seen_by_witness(
    what: str,
    holds: Callable[[Echo, Observation], Truth],
    detail: Callable[[Echo], str],
    *,
    views: frozenset[str],
) -> Outcome:
    def reported(seen: Observation) -> Truth:
        if not (seen.forms if views == _FORMS else seen.witness):
            # However a server understands a request, it must not answer with silence.
            return False if seen.transcript.ending is Ending.SILENCE and seen.silent else None
        return holds(seen.echo, seen) if seen.echo is not None else False

    return Outcome(
        f"passes {what} to the application",
        reported,
        asks=frozenset({"witness"}) | views,
        detail=lambda seen: f"the application saw {detail(seen.echo)}" if seen.echo else _no_echo(seen),
    )


def _no_echo(seen: Observation) -> str:
    served = seen.answer is not None and seen.answer.status in SUCCESS
    return "the response is not the requested echo" if seen.witness and served else ""


def _filled(value: bytes | None, seen: Observation) -> bytes | None:
    return None if value is None else seen.fill(value)


def _shown(echo: Echo, name: str) -> str:
    value = echo.octets(name)
    if value is None and name == "target" and echo.query is not None:
        return f"with the query {show(echo.query)}"
    return "(not reported)" if value is None else show(value)


def _phrase(name: bytes, value: bytes | None, kind: str) -> str:
    return f"no {kind} {name.decode()}" if value is None else f"the {kind} {name.decode()}: {show(value)}"


def _same(value: bytes | None, wanted: bytes | None) -> bool:
    """Compare field values as lists, so that two lines and one line with a comma are the same."""
    if value is None or wanted is None:
        return value is wanted
    return _BETWEEN_MEMBERS.split(value) == _BETWEEN_MEMBERS.split(wanted)
