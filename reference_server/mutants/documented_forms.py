"""Mutants of the documented server that misread forms."""

import base64
import re

from reference_server.mutants.dispositions import RewritingDisposition
from reference_server.mutants.multiparts import RewritingRequest
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.documented import Documented
from reference_server.parsing.forms import Arguments, Form, HTTPFile
from reference_server.parsing.message import Fields, Refusal
from reference_server.request import HTTPRequest

URLENCODED = "application/x-www-form-urlencoded"


class FirstArgumentWins(HTTPRequest):
    """Keeps only the first of several values of a name in a query."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        arguments = super().read_urlencoded(text)
        return arguments if text is self.body else {name: values[:1] for name, values in arguments.items()}


class FirstFieldWins(HTTPRequest):
    """Keeps only the first of several values of a name in a body."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        arguments = super().read_urlencoded(text)
        return {name: values[:1] for name, values in arguments.items()} if text is self.body else arguments


class BodyIsReadBeforeQuery(HTTPRequest):
    """Puts the arguments of the body before those of the query."""

    def _read_form(self) -> Form:
        form = super()._read_form()
        first = self._body_form().arguments if self.body and self.method == "POST" else {}
        for name, values in first.items():
            form.arguments[name].sort(key=lambda value: value not in values)
        return form


class PutHasNoForm(HTTPRequest):
    """Reads arguments from the body of a POST only."""

    def _body_form(self) -> Form:
        return Form() if self.method == "PUT" else super()._body_form()


class EveryMethodHasForm(HTTPRequest):
    """Reads a form from the body of any method."""

    def _read_form(self) -> Form:
        form = super()._read_form()
        if self.method not in ("POST", "PUT"):
            form = self._body_form().after(form.arguments)
        return form


class TypeIgnoresCase(Documented):
    """Recognises the media type of a form in any case."""

    def content_type(self, fields: Fields) -> str:
        return super().content_type(fields).lower()


class PlainTextIsAForm(Documented):
    """Reads plain text as a form."""

    def content_type(self, fields: Fields) -> str:
        return super().content_type(fields).replace("text/plain", URLENCODED)


class TypeHasNoCharset(Documented):
    """Does not recognise a urlencoded form whose Content-Type has a charset."""

    def content_type(self, fields: Fields) -> str:
        content_type = super().content_type(fields)
        return "" if content_type.startswith(f"{URLENCODED};") else content_type


class EmptyArgumentsAreKept(HTTPRequest):
    """Keeps names without a value, with an empty one."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        arguments = super().read_urlencoded(text)
        for pair in text.split(b"&"):
            name, _, value = pair.partition(b"=")
            if name and not value:
                arguments.setdefault(name.decode("latin-1"), []).append(b"")
        return arguments


class ArgumentsAreNotDecoded(HTTPRequest):
    """Does not decode percent-escapes in arguments."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        return super().read_urlencoded(text.replace(b"%", b"%25"))


class NestedFormsAreRead(HTTPRequest):
    """Gives the application a nested multipart as a file."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        for name in [name for name, values in form.arguments.items() if values[0].startswith(b"--")]:
            form.files[name] = [HTTPFile(filename="", content_type="", body=form.arguments.pop(name)[0])]
        return form


class PartsAreDecoded(HTTPRequest):
    """Decodes a part that is in base64."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        if b"Content-Transfer-Encoding: base64" in self.body:
            form.arguments = {
                name: list(map(base64.b64decode, form.arguments[name])) for name in form.arguments
            }
        return form


class MissingBoundaryIsMalformed(Documented):
    """Rejects a multipart form without a boundary."""

    def content_type(self, fields: Fields) -> str:
        content_type = super().content_type(fields)
        if content_type.startswith("multipart") and not re.search("boundary=.", content_type):
            raise Refusal(400, "no boundary")
        return content_type


class QuotesStayInBoundary(Documented):
    """Takes the quotes around a boundary as part of it."""

    def content_type(self, fields: Fields) -> str:
        return super().content_type(fields).replace('"', "'")


class BoundaryEndsAtSpace(Documented):
    """Ends a boundary at a space, even in quotes."""

    def content_type(self, fields: Fields) -> str:
        return re.sub(r'="(\w+) [^"]*"', r"=\1", super().content_type(fields))


class BoundaryIsAllThatFollows(Documented):
    """Takes everything after boundary= as the boundary."""

    def content_type(self, fields: Fields) -> str:
        return re.sub('boundary=([^"]+)$', r'boundary="\1"', super().content_type(fields))


class BoundaryIsFirstParameter(Documented):
    """Looks for the boundary in the first parameter only."""

    def content_type(self, fields: Fields) -> str:
        return ";".join(super().content_type(fields).split(";")[:2])


class EmptyFieldIsLeftOut(HTTPRequest):
    """Leaves out an empty field of a multipart form."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        return Form({name: list(filter(None, values)) for name, values in form.arguments.items()}, form.files)


class OnlyFirstPartIsRead(RewritingRequest):
    """Reads only the first part of a multipart form."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return delimiter.join([*body.split(delimiter)[:2], b"--"])


class OddPartLosesForm(RewritingRequest):
    """Reads a form as empty if one of its parts is not a form field."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        odd = [
            part
            for part in body.split(delimiter)[1:-1]
            if not re.match(rb"(?s)\r\nContent-Disposition: form-data; name=.*\r\n\r\n.*\r\n\Z", part)
        ]
        return b"" if odd else body


class EveryPartIsAField(RewritingDisposition):
    """Takes a part as a form field, whatever its disposition."""

    def disposition(self, value: bytes) -> bytes:
        return value.replace(b" file; name", b" form-data; name")


class NamesOfPartsAreLatin1(HTTPRequest):
    """Decodes the field names of a multipart form as latin-1."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        return Form(
            {name.encode().decode("latin-1"): form.arguments[name] for name in form.arguments}, form.files
        )


class FinalLineEndIsNeeded(RewritingRequest):
    """Reads a multipart form as empty if it does not end in CRLF."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return b"" if body.endswith(delimiter + b"--") else body


class PreambleIsAPart(RewritingRequest):
    """Loses the first part of a form with a preamble."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return body if body.startswith(delimiter) else body.replace(delimiter, b"", 1)


class FilesAreFields(HTTPRequest):
    """Gives the application a file as a form field."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        for name, files in form.files.items():
            form.arguments[name] = [file["body"] for file in files]
        return form


class FilesWithoutTypeAreText(HTTPRequest):
    """Gives the application a file without a type as plain text."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        for files in form.files.values():
            for file in files:
                file["content_type"] = file["content_type"].replace("application/unknown", "text/plain")
        return form


class EmptyFilenameMakesFile(RewritingDisposition):
    """Takes a part with an empty filename as a file."""

    def disposition(self, value: bytes) -> bytes:
        return value.replace(b'filename=""', b'filename="none"')


class ExtendedFilenameMakesFile(RewritingDisposition):
    """Takes a part with filename* as a file."""

    def disposition(self, value: bytes) -> bytes:
        return value.replace(b"filename*=UTF-8''", b"filename=")


class FilesLoseLineEnds(HTTPRequest):
    """Strips line ends around the content of a file."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        for files in form.files.values():
            for file in files:
                file["body"] = file["body"].strip(b"\r\n")
        return form


MUTANTS = (
    Mutant(FirstArgumentWins, ("documented-forms.query",), Documented),
    Mutant(FirstFieldWins, ("documented-forms.query-before-body", "documented-forms.urlencoded"), Documented),
    Mutant(
        BodyIsReadBeforeQuery,
        ("documented-forms.multipart", "documented-forms.query-before-body"),
        Documented,
        clause="DOC-FORM-1",
    ),
    Mutant(
        PutHasNoForm,
        ("documented-forms.multipart-put", "documented-forms.put"),
        Documented,
        clause="DOC-FORM-2",
    ),
    Mutant(EveryMethodHasForm, ("documented-forms.unparsed-method-*",), Documented),
    Mutant(TypeIgnoresCase, ("documented-forms.unparsed-type-in-other-case",)),
    Mutant(PlainTextIsAForm, ("documented-forms.unparsed-type-of-plain-text",)),
    Mutant(TypeHasNoCharset, ("documented-forms.type-with-charset",)),
    Mutant(
        EmptyArgumentsAreKept,
        ("documented-forms.empty-values-in-body", "documented-forms.empty-values-in-query"),
        Documented,
    ),
    Mutant(
        ArgumentsAreNotDecoded,
        ("documented-forms.escapes-in-body", "documented-forms.escapes-in-query"),
        Documented,
    ),
    Mutant(NestedFormsAreRead, ("documented-forms.nested",), Documented),
    Mutant(PartsAreDecoded, ("documented-forms.part-with-transfer-encoding",), Documented),
    Mutant(
        MissingBoundaryIsMalformed, ("documented-forms.boundary-empty", "documented-forms.boundary-missing")
    ),
    Mutant(QuotesStayInBoundary, ("documented-forms.boundary-quoted",)),
    Mutant(BoundaryEndsAtSpace, ("documented-forms.boundary-quoted-with-spaces",)),
    Mutant(BoundaryIsAllThatFollows, ("documented-forms.boundary-before-another-parameter",)),
    Mutant(BoundaryIsFirstParameter, ("documented-forms.boundary-behind-another-parameter",)),
    Mutant(EmptyFieldIsLeftOut, ("documented-forms.empty-field",), Documented),
    Mutant(OnlyFirstPartIsRead, ("documented-forms.multipart",), Documented),
    Mutant(OddPartLosesForm, ("documented-forms.part-without-*",), Documented),
    Mutant(EveryPartIsAField, ("documented-forms.part-without-form-data",), Documented),
    Mutant(NamesOfPartsAreLatin1, ("documented-forms.utf-8-names",), Documented),
    Mutant(FinalLineEndIsNeeded, ("documented-forms.multipart-without-final-line-end",), Documented),
    Mutant(PreambleIsAPart, ("documented-forms.multipart-with-preamble",), Documented),
    Mutant(FilesAreFields, ("documented-forms.file",), Documented),
    Mutant(FilesWithoutTypeAreText, ("documented-forms.file-without-type",), Documented),
    Mutant(EmptyFilenameMakesFile, ("documented-forms.file-without-filename",), Documented),
    Mutant(ExtendedFilenameMakesFile, ("documented-forms.extended-filename",), Documented),
    Mutant(FilesLoseLineEnds, ("documented-forms.file-of-all-bytes",), Documented),
)
