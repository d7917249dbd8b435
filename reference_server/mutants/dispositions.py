"""Mutants that misread the header section of a part: its name, filename and disposition."""

import re

from reference_server.mutants.multiparts import RewritingRequest
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.forms import Form
from reference_server.parsing.multipart import parse_multipart
from reference_server.request import HTTPRequest

DISPOSITION = re.compile(rb"(?<=Content-Disposition:)[^\r]*")


class RewritingDisposition(RewritingRequest):
    """Reads each Content-Disposition of a part as changed by ``disposition``."""

    def disposition(self, value: bytes) -> bytes:
        """Return the value to read instead of the received one."""
        return value

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return DISPOSITION.sub(lambda found: self.disposition(found[0]), body)


class NameHasToBeQuoted(RewritingDisposition):
    """Recognises the name of a part only in quotes."""

    def disposition(self, value: bytes) -> bytes:
        return re.sub(rb' name=(?!")', b" x=", value)


class SpaceIsNeededBeforeName(RewritingDisposition):
    """Recognises the name of a part only after a space."""

    def disposition(self, value: bytes) -> bytes:
        return value.replace(b";name", b",name")


class SpaceBeforeSemicolonStays(RewritingDisposition):
    """Takes white space before a semicolon as part of the disposition."""

    def disposition(self, value: bytes) -> bytes:
        return value.replace(b" ;", b"_;")


class NameIsMatchedByCase(RewritingDisposition):
    """Recognises the name parameter of a part only in lower case."""

    def disposition(self, value: bytes) -> bytes:
        return value.replace(b"NAME=", b"x=")


class SemicolonEndsQuotedName(RewritingDisposition):
    """Splits the parameters of a part at every semicolon, even in quoted strings."""

    def disposition(self, value: bytes) -> bytes:
        first, *rest = [part.strip().replace(b'"', b"").replace(b"\\", b"") for part in value.split(b";")]
        return b"; ".join([first, *(re.sub(rb"=(.*)", rb'="\1"', part) for part in rest)])


class BackslashStaysInName(RewritingDisposition):
    """Takes the backslash before a quote as part of the name."""

    def disposition(self, value: bytes) -> bytes:
        return value.replace(b'\\"', b'\\\\\\"')


class UnknownParameterHidesPart(RewritingDisposition):
    """Leaves out a part with a parameter other than name and filename."""

    def disposition(self, value: bytes) -> bytes:
        return re.sub(rb"(?i)form-data(?=.*; (?!name=|filename=)[a-z*]+=)", b"other", value)


class ParametersAreReadRecursively(RewritingDisposition):
    """Answers 500 to a part with more parameters than the stack has frames."""

    def disposition(self, value: bytes) -> bytes:
        if value.count(b";") > 1000:
            raise RecursionError
        return value


class EveryDispositionIsAField(RewritingDisposition):
    """Takes a part as a form field, whatever its disposition."""

    def disposition(self, value: bytes) -> bytes:
        return re.sub(rb" [a-z-]+;", b" form-data;", value, count=1)


class ExtendedFilenameIsTakenAsSent(RewritingDisposition):
    """Prefers filename* to filename and does not decode it."""

    def disposition(self, value: bytes) -> bytes:
        return re.sub(rb'filename="[^"]*"; filename\*=(.*)', rb'filename="\1"', value)


class FilenameEndsAtEqualsSign(RewritingDisposition):
    """Ends a filename at an equals sign."""

    def disposition(self, value: bytes) -> bytes:
        return re.sub(rb'(filename="[^="]*)=[^"]*', rb"\1", value)


class PartHeadHasToBeUTF8(RewritingDisposition):
    """Answers 500 to a part whose header section is not UTF-8."""

    def disposition(self, value: bytes) -> bytes:
        return value.decode().encode()


class PartFieldsAreMatchedByCase(RewritingRequest):
    """Recognises the fields of a part only in their usual spelling."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return body.replace(b"\r\ncontent-disposition", b"\r\nx-disposition")


class OtherPartEndsForm(RewritingRequest):
    """Leaves out everything after a part that is not a form field."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        parts = body.split(delimiter)
        for index, part in enumerate(parts[1:-1], 1):
            if b"form-data;" not in part:
                return delimiter.join([*parts[:index], b"--"])
        return body


class NestedPartsAreFields(HTTPRequest):
    """Takes the parts of a nested message as fields of the form."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        inner = re.search(rb"\r\nContent-Type: multipart/\S+ boundary=(\w+)", self.body)
        if inner is not None:
            nested = parse_multipart(inner[1], self.body, self._profile.limits)
            form.arguments.update(nested.arguments)
        return form


class FilenamesChange(HTTPRequest):
    """Gives the application each filename as changed by ``changed``."""

    def changed(self, filename: str) -> str:
        """Return the filename to give to the application instead of the received one."""
        return filename

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        for files in form.files.values():
            for file in files:
                file["filename"] = self.changed(file["filename"])
        return form


class FilenameEndsAtSpace(FilenamesChange):
    """Ends a filename at a space."""

    def changed(self, filename: str) -> str:
        return filename.partition(" ")[0]


class FilenamesAreLatin1(FilenamesChange):
    """Decodes filenames as latin-1."""

    def changed(self, filename: str) -> str:
        return filename.encode().decode("latin-1")


class NULInFilenameIsAnError(FilenamesChange):
    """Answers 500 to a filename with a NUL."""

    def changed(self, filename: str) -> str:
        if "\0" in filename:
            raise ValueError("embedded null byte")
        return filename


class FieldNamesAreLatin1(HTTPRequest):
    """Decodes the field names of a multipart form as latin-1."""

    def read_multipart(self, boundary: bytes) -> Form:
        form = super().read_multipart(boundary)
        arguments = {name.encode().decode("latin-1"): values for name, values in form.arguments.items()}
        return Form(arguments, form.files)


MUTANTS = (
    Mutant(NameHasToBeQuoted, ("multipart.disposition-token", "multipart.filename-with-a-parameter")),
    Mutant(SpaceIsNeededBeforeName, ("multipart.disposition-without-spaces",)),
    Mutant(SpaceBeforeSemicolonStays, ("multipart.disposition-more-spaces",)),
    Mutant(NameIsMatchedByCase, ("multipart.disposition-parameter-name-case",)),
    Mutant(
        SemicolonEndsQuotedName,
        (
            "multipart.disposition-unknown-parameter-first",
            "multipart.filename-with-a-parameter",
            "multipart.nested",
            "multipart.quoted-name",
            "multipart.quoted-pair-in-name",
        ),
    ),
    Mutant(BackslashStaysInName, ("multipart.quoted-name", "multipart.quoted-pair-in-name"), tolerated=True),
    Mutant(
        UnknownParameterHidesPart,
        (
            "multipart.disposition-unknown-parameter-behind",
            "multipart.disposition-unknown-parameter-first",
            "multipart.extended-filename",
            "multipart.quoted-pair-in-name",
        ),
    ),
    Mutant(ParametersAreReadRecursively, ("multipart.many-semicolons",), tolerated=True),
    Mutant(EveryDispositionIsAField, ("multipart.other-part-of-another-disposition",)),
    Mutant(ExtendedFilenameIsTakenAsSent, ("multipart.extended-filename",)),
    Mutant(
        FilenameEndsAtEqualsSign,
        ("multipart.filename-with-a-parameter", "multipart.filename-with-an-equals-sign"),
    ),
    Mutant(PartHeadHasToBeUTF8, ("multipart.not-utf-8-filename", "multipart.not-utf-8-name")),
    Mutant(PartFieldsAreMatchedByCase, ("multipart.part-field-name-case",)),
    Mutant(
        OtherPartEndsForm,
        ("multipart.delimiter-within-a-line", "multipart.disposition-more-spaces", "multipart.other-*"),
    ),
    Mutant(NestedPartsAreFields, ("multipart.nested",)),
    Mutant(
        FilenameEndsAtSpace,
        ("multipart.filename-with-a-leading-space", "multipart.filename-with-a-parameter"),
    ),
    Mutant(FilenamesAreLatin1, ("multipart.filename-with-letters-beyond-ascii",)),
    Mutant(NULInFilenameIsAnError, ("multipart.broken-nul-in-a-filename",), tolerated=True),
    Mutant(FieldNamesAreLatin1, ("multipart.name-beyond-ascii",)),
)
