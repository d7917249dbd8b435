"""Mutants of the documented server that misread its forms."""

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
    """Of several values of a name in a query only the first is given."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Forget the others."""
        arguments = super().read_urlencoded(text)
        return arguments if text is self.body else {name: values[:1] for name, values in arguments.items()}


class FirstFieldWins(HTTPRequest):
    """Of several values of a name in a body only the first is given."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Forget the others."""
        arguments = super().read_urlencoded(text)
        return {name: values[:1] for name, values in arguments.items()} if text is self.body else arguments


class BodyIsReadBeforeQuery(HTTPRequest):
    """The arguments of the body come before those of the query."""

    def _read_form(self) -> Form:
        form = super()._read_form()
        first = self._body_form().arguments if self.body and self.method == "POST" else {}
        for name, values in first.items():
            form.arguments[name].sort(key=lambda value: value not in values)
        return form


class PutHasNoForm(HTTPRequest):
    """Only POST has arguments in its body."""

    def _body_form(self) -> Form:
        return Form() if self.method == "PUT" else super()._body_form()


class EveryMethodHasForm(HTTPRequest):
    """The body of every method is read as a form, if it is one."""

    def _read_form(self) -> Form:
        form = super()._read_form()
        if self.method not in ("POST", "PUT"):
            form = self._body_form().after(form.arguments)
        return form


class TypeIgnoresCase(Documented):
    """The type of a form is recognised in any case."""

    def content_type(self, fields: Fields) -> str:
        """Put it in lower case."""
        return super().content_type(fields).lower()


class PlainTextIsAForm(Documented):
    """Plain text is read as a form."""

    def content_type(self, fields: Fields) -> str:
        """Take it for one."""
        return super().content_type(fields).replace("text/plain", URLENCODED)


class TypeHasNoCharset(Documented):
    """A urlencoded form is not recognised when its type has a charset."""

    def content_type(self, fields: Fields) -> str:
        """Compare the whole value."""
        content_type = super().content_type(fields)
        return "" if content_type.startswith(f"{URLENCODED};") else content_type


class EmptyArgumentsAreKept(HTTPRequest):
    """Names without a value are given with an empty one."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Add them."""
        arguments = super().read_urlencoded(text)
        for pair in text.split(b"&"):
            name, _, value = pair.partition(b"=")
            if name and not value:
                arguments.setdefault(name.decode("latin-1"), []).append(b"")
        return arguments


class ArgumentsAreNotDecoded(HTTPRequest):
    """The percent-escapes of arguments are left as they are."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Escape the percent sign itself."""
        return super().read_urlencoded(text.replace(b"%", b"%25"))


class NestedFormsAreRead(HTTPRequest):
    """The parts of a multipart within a part are given as files."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Take them out of it."""
        form = super().read_multipart(boundary)
        for name in [name for name, values in form.arguments.items() if values[0].startswith(b"--")]:
            form.files[name] = [HTTPFile("", "", form.arguments.pop(name)[0])]
        return form


class PartsAreDecoded(HTTPRequest):
    """A part in base64 is decoded."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Decode it."""
        form = super().read_multipart(boundary)
        if b"Content-Transfer-Encoding: base64" in self.body:
            form.arguments = {
                name: list(map(base64.b64decode, form.arguments[name])) for name in form.arguments
            }
        return form


class MissingBoundaryIsMalformed(Documented):
    """A multipart form without a boundary is malformed."""

    def content_type(self, fields: Fields) -> str:
        """Look for it."""
        content_type = super().content_type(fields)
        if content_type.startswith("multipart") and not re.search("boundary=.", content_type):
            raise Refusal(400, "no boundary")
        return content_type


class QuotesStayInBoundary(Documented):
    """The quotes around a boundary are taken for a part of it."""

    def content_type(self, fields: Fields) -> str:
        """Make them ordinary characters."""
        return super().content_type(fields).replace('"', "'")


class BoundaryEndsAtSpace(Documented):
    """A boundary ends at a space, in quotes as well."""

    def content_type(self, fields: Fields) -> str:
        """Cut it there."""
        return re.sub(r'="(\w+) [^"]*"', r"=\1", super().content_type(fields))


class BoundaryIsAllThatFollows(Documented):
    """All that follows boundary= is taken for the boundary."""

    def content_type(self, fields: Fields) -> str:
        """Quote it."""
        return re.sub('boundary=([^"]+)$', r'boundary="\1"', super().content_type(fields))


class BoundaryIsFirstParameter(Documented):
    """The boundary is looked for in the first parameter only."""

    def content_type(self, fields: Fields) -> str:
        """Take the first two of the parts."""
        return ";".join(super().content_type(fields).split(";")[:2])


class EmptyFieldIsLeftOut(HTTPRequest):
    """A field of a multipart form that is empty is left out."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Keep those with a value."""
        form = super().read_multipart(boundary)
        return Form({name: list(filter(None, values)) for name, values in form.arguments.items()}, form.files)


class OnlyFirstPartIsRead(RewritingRequest):
    """Of a multipart form only the first part is read."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Leave out the others."""
        return delimiter.join([*body.split(delimiter)[:2], b"--"])


class OddPartLosesForm(RewritingRequest):
    """A part that is no field of the form loses all others."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Look for one."""
        odd = [
            part
            for part in body.split(delimiter)[1:-1]
            if not re.match(rb"(?s)\r\nContent-Disposition: form-data; name=.*\r\n\r\n.*\r\n\Z", part)
        ]
        return b"" if odd else body


class EveryPartIsAField(RewritingDisposition):
    """A part is taken for a field whatever its disposition."""

    def disposition(self, value: bytes) -> bytes:
        """Make it the one of forms."""
        return value.replace(b" file; name", b" form-data; name")


class NamesOfPartsAreLatin1(HTTPRequest):
    """The names of the fields of a multipart form are decoded as latin-1."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Take each octet for a character."""
        form = super().read_multipart(boundary)
        return Form(
            {name.encode().decode("latin-1"): form.arguments[name] for name in form.arguments}, form.files
        )


class FinalLineEndIsNeeded(RewritingRequest):
    """A multipart form that does not end in CRLF is empty."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Look for it."""
        return b"" if body.endswith(delimiter + b"--") else body


class PreambleIsAPart(RewritingRequest):
    """What stands before the first delimiter hides the first part."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Leave the delimiter out."""
        return body if body.startswith(delimiter) else body.replace(delimiter, b"", 1)


class FilesAreFields(HTTPRequest):
    """A file is given as a field."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Put its content among the arguments."""
        form = super().read_multipart(boundary)
        for name, files in form.files.items():
            form.arguments[name] = [file.body for file in files]
        return form


class FilesWithoutTypeAreText(HTTPRequest):
    """A file without a type is given as plain text."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Name the type."""
        form = super().read_multipart(boundary)
        for files in form.files.values():
            files[:] = [
                HTTPFile(
                    file.filename, file.content_type.replace("application/unknown", "text/plain"), file.body
                )
                for file in files
            ]
        return form


class EmptyFilenameMakesFile(RewritingDisposition):
    """A part with an empty filename is a file."""

    def disposition(self, value: bytes) -> bytes:
        """Give it another."""
        return value.replace(b'filename=""', b'filename="none"')


class ExtendedFilenameMakesFile(RewritingDisposition):
    """A part with an extended filename is a file."""

    def disposition(self, value: bytes) -> bytes:
        """Take it for a plain one."""
        return value.replace(b"filename*=UTF-8''", b"filename=")


class FilesLoseLineEnds(HTTPRequest):
    """The line ends around a file's content are left out."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Strip them."""
        form = super().read_multipart(boundary)
        for files in form.files.values():
            files[:] = [
                HTTPFile(file.filename, file.content_type, file.body.strip(b"\r\n")) for file in files
            ]
        return form


MUTANTS = (
    Mutant(FirstArgumentWins, ("documented-forms.query",), Documented),
    Mutant(FirstFieldWins, ("documented-forms.urlencoded",), Documented),
    Mutant(
        BodyIsReadBeforeQuery,
        ("documented-forms.multipart", "documented-forms.query-before-body"),
        Documented,
    ),
    Mutant(PutHasNoForm, ("documented-forms.multipart-put", "documented-forms.put"), Documented),
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
