"""Mutants that take multipart forms apart wrongly: at their delimiters, and what stands around them."""

import re

from reference_server.mutants.mutant import Mutant
from reference_server.parsing.forms import Form, HTTPFile, parse_multipart
from reference_server.request import HTTPRequest


class RewritingRequest(HTTPRequest):
    """Takes apart what ``rewritten`` makes of a multipart body."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Return the body that is read in place of the one that came."""
        del delimiter
        return body

    def read_multipart(self, boundary: bytes) -> Form:
        """Take another body apart than was sent."""
        profile = self.connection.service.profile
        body = self.rewritten(self.body, b"--" + boundary)
        return parse_multipart(boundary, body, profile.limits, within_lines=profile.delimiters_within_lines)


class UploadedFilesAreLost(HTTPRequest):
    """Of a multipart form only the fields are given to the application."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Leave out the files."""
        return Form(super().read_multipart(boundary).arguments)


class FilesAreReadAsText(HTTPRequest):
    """The content of a file is read as text, and what is not UTF-8 is replaced."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Decode the files, and encode them again."""
        form = super().read_multipart(boundary)
        for files in form.files.values():
            files[:] = [
                HTTPFile(file.filename, file.content_type, file.body.decode("utf-8", "replace").encode())
                for file in files
            ]
        return form


class EmptyFilesAreLeftOut(HTTPRequest):
    """A file without content is left out."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Keep those with content."""
        form = super().read_multipart(boundary)
        kept = {name: [file for file in files if file.body] for name, files in form.files.items()}
        return Form(form.arguments, kept)


class EmptyPartsAreLeftOut(HTTPRequest):
    """A field of a multipart form that is empty is left out."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Keep those with a value."""
        form = super().read_multipart(boundary)
        kept = {name: list(filter(None, values)) for name, values in form.arguments.items()}
        return Form(kept, form.files)


class LastPartWins(HTTPRequest):
    """Of several parts of a name the last one is kept."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Forget the others."""
        form = super().read_multipart(boundary)
        return Form({name: values[-1:] for name, values in form.arguments.items()}, form.files)


class PartsHaveToBeUTF8(HTTPRequest):
    """A field of a multipart form that is not UTF-8 is an error of the server's own."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Decode the values, come what may."""
        form = super().read_multipart(boundary)
        for values in form.arguments.values():
            values[:] = [value.decode().encode() for value in values]
        return form


class FormWithoutPartsIsAnError(HTTPRequest):
    """A multipart form in which no part is found is an error of the server's own."""

    def _read_form(self) -> Form:
        """Want a part."""
        form = super()._read_form()
        if "multipart" in (self.headers.get("Content-Type") or "") and not (form.arguments or form.files):
            raise ValueError("no part was found")
        return form


class DelimiterCutsLines(RewritingRequest):
    """A delimiter within a line ends a part."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Begin and end a line with it."""
        return re.sub(rb"[^\r\n]%b[^-\r\n]" % re.escape(delimiter), b"\r\n" + delimiter + b"\r\n", body)


class BeginningOfDelimiterIsSwallowed(RewritingRequest):
    """A line that begins like the delimiter, but is not one, loses that beginning."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Leave it out."""
        beginning, last = re.escape(delimiter[:-1]), re.escape(delimiter[-1:])
        return re.sub(rb"\r\n%b(?!%b)" % (beginning, last), b"", body)


class DelimiterIgnoresCase(RewritingRequest):
    """A delimiter is recognised in upper and in lower case."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Write it as it should be."""
        return re.sub(re.escape(delimiter), lambda _: delimiter, body, flags=re.IGNORECASE)


class DelimiterNeedsNoDashes(RewritingRequest):
    """The boundary on a line of its own is a delimiter without its hyphens, too."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Add them."""
        return body.replace(b"\r\n" + delimiter[2:] + b"\r\n", b"\r\n" + delimiter + b"\r\n")


class DelimiterTakesEveryCR(RewritingRequest):
    """All CRs before a delimiter are taken for a part of it."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Leave one."""
        return re.sub(rb"\r+\n%b" % re.escape(delimiter), lambda _: b"\r\n" + delimiter, body)


class PaddedDelimiterIsContent(RewritingRequest):
    """A delimiter with white space behind it is not recognised."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Hide it."""
        return re.sub(rb"%b(?=[ \t]+\r)" % re.escape(delimiter), b"content", body)


class LastDelimiterIsLikeOthers(RewritingRequest):
    """The last delimiter ends a part as all others do, and not the form."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Skip those that another one follows."""
        return body.replace(delimiter + b"--\r\n" + delimiter, delimiter)


class PreambleHidesForm(RewritingRequest):
    """A form that does not begin with its delimiter is empty."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Look for the delimiter at the beginning."""
        return body if body.startswith(delimiter) else b""


class EpilogueHidesForm(RewritingRequest):
    """A form that does not end with its last delimiter is empty."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Look for the delimiter at the end."""
        return body if body.rstrip(b"\r\n").endswith(delimiter + b"--") else b""


class LastLineEndIsNeeded(RewritingRequest):
    """A form that does not end in CRLF is empty."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Look for it at the end, unless there is an epilogue."""
        return b"" if body.endswith(delimiter + b"--") else body


MUTANTS = (
    Mutant(UploadedFilesAreLost, ("multipart.field-and-file",)),
    Mutant(FilesAreReadAsText, ("multipart.octets",)),
    Mutant(EmptyFilesAreLeftOut, ("multipart.empty-file",)),
    Mutant(EmptyPartsAreLeftOut, ("multipart.empty-value",)),
    Mutant(LastPartWins, ("multipart.two-fields-of-a-name",)),
    Mutant(PartsHaveToBeUTF8, ("multipart.malformed-*",)),
    Mutant(
        FormWithoutPartsIsAnError,
        (
            "multipart.broken-a-head-without-colon",
            "multipart.broken-an-open-quote",
            "multipart.broken-boundary-above-ascii",
            "multipart.broken-boundary-of-a-quote",
            "multipart.broken-empty-boundary",
            "multipart.broken-no-*",
        ),
    ),
    Mutant(DelimiterCutsLines, ("multipart.delimiter-within-a-line",)),
    Mutant(
        BeginningOfDelimiterIsSwallowed,
        ("multipart.beginning-of-the-delimiter", "multipart.cr-before-delimiter"),
    ),
    Mutant(DelimiterIgnoresCase, ("multipart.delimiter-in-another-case",)),
    Mutant(DelimiterNeedsNoDashes, ("multipart.boundary-without-dashes",)),
    Mutant(DelimiterTakesEveryCR, ("multipart.cr-before-delimiter",)),
    Mutant(PaddedDelimiterIsContent, ("multipart.surroundings-padding",)),
    Mutant(LastDelimiterIsLikeOthers, ("multipart.form-in-the-epilogue",)),
    Mutant(PreambleHidesForm, ("multipart.surroundings-preamble",)),
    Mutant(EpilogueHidesForm, ("multipart.surroundings-epilogue",)),
    Mutant(LastLineEndIsNeeded, ("multipart.surroundings-no-last-line-end",)),
)
