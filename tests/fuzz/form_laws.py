"""What has to hold for any form: no exception but a refusal, and what short and slow code makes of it.

The steps in which a large form is read must not show. So it is read in the usual steps, which are longer than
any octets of the fuzzer, and in steps of a few octets.
"""

import contextlib
import importlib
import re
from collections.abc import Iterator
from typing import Any
from unittest import mock
from urllib.parse import unquote_to_bytes

SHORT_STEP = 7


class FormLaws:
    """The laws. It is made when the server's modules have been instrumented."""

    def __init__(self, limits: Any) -> None:
        self._forms, self._multipart, self._limits, self._message = (
            importlib.import_module(f"reference_server.parsing.{name}")
            for name in ("forms", "multipart", "limits", "message")
        )
        self._usual = self._limits.Limits()
        self._small = limits

    def hold(self, boundary: bytes, body: bytes, text: bytes) -> None:
        """Raise an exception when they do not, for a multipart body and urlencoded text."""
        arguments = self._urlencoded(text, self._usual)
        assert arguments == dict(slow_arguments(text)), "arguments"
        self._urlencoded(text, self._small)
        for within_lines in (False, True):
            delimiters = self._multipart.Delimiters(boundary, within_lines=within_lines)
            expected = list(slow_parts(boundary, body, within_lines=within_lines))
            assert self._parts(delimiters, body) == expected, "parts"
            form = self._read(boundary, body, self._usual, within_lines)
            self._read(boundary, body, self._small, within_lines)
            with self._short_steps():
                assert self._parts(delimiters, body) == expected, "parts in steps"
                assert self._read(boundary, body, self._usual, within_lines) == form, "form in steps"
        with self._short_steps():
            assert self._urlencoded(text, self._usual) == arguments, "arguments in steps"

    def _urlencoded(self, text: bytes, limits: Any) -> Any:
        return self._unless_refused(lambda: self._forms.parse_urlencoded(text, limits))

    def _read(self, boundary: bytes, body: bytes, limits: Any, within_lines: bool) -> Any:
        return self._unless_refused(
            lambda: self._multipart.parse_multipart(boundary, body, limits, within_lines=within_lines)
        )

    def _unless_refused(self, read: Any) -> Any:
        try:
            return read()
        except self._message.Refusal as refusal:
            if refusal.status != 413:
                raise
            return None

    def _parts(self, delimiters: Any, body: bytes) -> list[Any]:
        return [part for part in self._multipart.find_parts(delimiters, body) if part is not None]

    @contextlib.contextmanager
    def _short_steps(self) -> Iterator[None]:
        short = {"STEP": SHORT_STEP}
        with mock.patch.multiple(self._forms, **short), mock.patch.multiple(self._multipart, **short):
            yield


def slow_arguments(text: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """Yield the arguments of an urlencoded form, each name once (DOC-FORM-1, DOC-FORM-3)."""
    found: dict[str, list[bytes]] = {}
    for pair in text.split(b"&"):
        name, _, value = (unquote_to_bytes(each.replace(b"+", b" ")) for each in pair.partition(b"="))
        if value:
            found.setdefault(name.decode("utf-8", "replace"), []).append(value)
    yield from found.items()


def slow_parts(boundary: bytes, body: bytes, *, within_lines: bool) -> Iterator[tuple[int, int]]:
    """Yield where the parts of a multipart body start and end (RFC 2046, section 5.1.1)."""
    line_start = b"" if within_lines else rb"(?:\A|(?<=\r\n))"
    padding = rb"[ \t]{0,998}+"
    pattern = line_start + re.escape(b"--" + boundary) + rb"(?:(--)%b(?:\r\n|\Z)|%b\r\n)" % (padding, padding)
    start = None
    for delimiter in re.finditer(pattern, body):
        if start is not None:
            yield start, delimiter.start()
        if delimiter[1]:
            return
        start = delimiter.end()
