"""Mutants that divide multipart forms wrongly: at delimiters, preambles and epilogues."""

import re

from reference_server.basestream import Callback
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.forms import Form
from reference_server.parsing.multipart import parse_multipart
from reference_server.request import HTTPRequest


class RewritingRequest(HTTPRequest):
    """Parses a multipart body as changed by ``rewritten``."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Return the body to read instead of the received one."""
        return body

    def read_multipart(self, boundary: bytes) -> Form:
        profile = self._profile
        body = self.rewritten(self.body, b"--" + boundary)
        return parse_multipart(boundary, body, profile.limits, within_lines=profile.delimiters_within_lines)


class UploadedFilesAreLost(HTTPRequest):
    """Gives the application only the fields of a multipart form, not its files."""

    def read_multipart(self, boundary: bytes) -> Form:
        return Form(super().read_multipart(boundary).arguments)


class FilesAreReadAsText(HTTPRequest):
    """Reads the content of a file as text and replaces bytes that are not UTF-8."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        for files in form.files.values():
            for file in files:
                file["body"] = file["body"].decode("utf-8", "replace").encode()
        return form


class EmptyFilesAreLeftOut(HTTPRequest):
    """Leaves out an empty file."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        kept = {name: [file for file in files if file["body"]] for name, files in form.files.items()}
        return Form(form.arguments, kept)


class EmptyPartsAreLeftOut(HTTPRequest):
    """Leaves out an empty field of a multipart form."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        kept = {name: list(filter(None, values)) for name, values in form.arguments.items()}
        return Form(kept, form.files)


class LastPartWins(HTTPRequest):
    """Keeps only the last of several parts of a name."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        return Form({name: values[-1:] for name, values in form.arguments.items()}, form.files)


class PartsAreMerged(HTTPRequest):
    """Merges parts of a name into one value with commas."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        return Form({name: [b",".join(values)] for name, values in form.arguments.items()}, form.files)


class PartsHaveToBeUTF8(HTTPRequest):
    """Answers 500 to a field of a multipart form that is not UTF-8."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        for values in form.arguments.values():
            values[:] = [value.decode().encode() for value in values]
        return form


class FormWithoutPartsIsAnError(HTTPRequest):
    """Answers 500 to a multipart form without parts."""

    def _read_form(self) -> Form:
        form = super()._read_form()
        if "multipart" in (self.headers.get("Content-Type") or "") and not (form.arguments or form.files):
            raise ValueError("no part was found")
        return form


class UnansweredForms(HTTPRequest):
    """Never answers the forms that are ``stuck``."""

    def stuck(self) -> bool:
        """Return whether the form is never answered."""
        return False

    def write(self, chunk: bytes, callback: Callback | None = None) -> None:
        if not self.stuck():
            super().write(chunk, callback)

    def finish(self) -> None:
        if not self.stuck():
            super().finish()


class FormWithoutPartsIsNeverAnswered(UnansweredForms):
    """Never answers a multipart form without parts."""

    def stuck(self) -> bool:
        multipart = "multipart" in (self.headers.get("Content-Type") or "")
        return multipart and not (self.arguments or self.files)


class ManyParametersAreNeverAnswered(UnansweredForms):
    """Never answers a multipart form with more than a thousand parameters."""

    def stuck(self) -> bool:
        return "multipart" in (self.headers.get("Content-Type") or "") and self.body.count(b";") > 1000


class DelimiterCutsLines(RewritingRequest):
    """Ends a part at a delimiter within a line."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return re.sub(rb"[^\r\n]%b[^-\r\n]" % re.escape(delimiter), b"\r\n" + delimiter + b"\r\n", body)


class BeginningOfDelimiterIsSwallowed(RewritingRequest):
    """Drops bytes that begin like a delimiter but turn out not to be one."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        beginning, last = re.escape(delimiter[:-1]), re.escape(delimiter[-1:])
        return re.sub(rb"\r\n%b(?!%b)" % (beginning, last), b"", body)


class DelimiterIgnoresCase(RewritingRequest):
    """Recognises a delimiter in any case."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return re.sub(re.escape(delimiter), lambda _: delimiter, body, flags=re.IGNORECASE)


class DelimiterNeedsNoDashes(RewritingRequest):
    """Takes a line of just the boundary, without the two hyphens, as a delimiter."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return body.replace(b"\r\n" + delimiter[2:] + b"\r\n", b"\r\n" + delimiter + b"\r\n")


class DelimiterTakesEveryCR(RewritingRequest):
    """Takes all CRs before a delimiter as part of it."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return re.sub(rb"\r+\n%b" % re.escape(delimiter), lambda _: b"\r\n" + delimiter, body)


class PaddedDelimiterIsContent(RewritingRequest):
    """Does not recognise a delimiter followed by white space."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return re.sub(rb"%b(?=[ \t]+\r)" % re.escape(delimiter), b"content", body)


class LastDelimiterIsLikeOthers(RewritingRequest):
    """Does not end the form at the closing delimiter."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return body.replace(delimiter + b"--\r\n" + delimiter, delimiter)


class PreambleHidesForm(RewritingRequest):
    """Reads a form with a preamble as empty."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return body if body.startswith(delimiter) else b""


class EpilogueHidesForm(RewritingRequest):
    """Reads a form with an epilogue as empty."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return body if body.rstrip(b"\r\n").endswith(delimiter + b"--") else b""


class LastLineEndIsNeeded(RewritingRequest):
    """Reads a form as empty if it does not end in CRLF."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return b"" if body.endswith(delimiter + b"--") else body


MUTANTS = (
    Mutant(UploadedFilesAreLost, ("multipart.field-and-file",)),
    Mutant(FilesAreReadAsText, ("multipart.octets",)),
    Mutant(EmptyFilesAreLeftOut, ("multipart.empty-file",)),
    Mutant(EmptyPartsAreLeftOut, ("multipart.empty-value",)),
    Mutant(LastPartWins, ("multipart.two-fields-of-a-name",), clause="RFC7578-5.2-p1"),
    Mutant(PartsAreMerged, ("multipart.two-fields-of-a-name",)),
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
        tolerated=True,
    ),
    Mutant(
        FormWithoutPartsIsNeverAnswered,
        (
            "multipart.broken-a-head-without-colon",
            "multipart.broken-an-open-quote",
            "multipart.broken-boundary-above-ascii",
            "multipart.broken-boundary-of-a-quote",
            "multipart.broken-empty-boundary",
            "multipart.broken-no-*",
        ),
    ),
    Mutant(ManyParametersAreNeverAnswered, ("multipart.many-semicolons",)),
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
