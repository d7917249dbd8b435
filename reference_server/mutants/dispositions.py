"""Mutants that misread the head of a part: its name, its filename, and whether it is one of a form."""

import re

from reference_server.mutants.multiparts import RewritingRequest
from reference_server.mutants.mutant import Mutant
from reference_server.parsing.forms import Form, HTTPFile, parse_multipart
from reference_server.request import HTTPRequest

DISPOSITION = re.compile(rb"(?<=Content-Disposition:)[^\r]*")


class RewritingDisposition(RewritingRequest):
    """Reads what ``disposition`` makes of the value of each Content-Disposition."""

    def disposition(self, value: bytes) -> bytes:
        """Return the value that is read in place of the one that came."""
        return value

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Replace the values."""
        del delimiter
        return DISPOSITION.sub(lambda found: self.disposition(found[0]), body)


class NameHasToBeQuoted(RewritingDisposition):
    """The name of a part is only recognised in quotes."""

    def disposition(self, value: bytes) -> bytes:
        """Rename the parameter."""
        return re.sub(rb' name=(?!")', b" x=", value)


class SpaceIsNeededBeforeName(RewritingDisposition):
    """The name of a part is only recognised with a space before it."""

    def disposition(self, value: bytes) -> bytes:
        """Make it a part of what is before it."""
        return value.replace(b";name", b",name")


class SpaceBeforeSemicolonStays(RewritingDisposition):
    """White space before a semicolon is taken for a part of the disposition."""

    def disposition(self, value: bytes) -> bytes:
        """Make it another character."""
        return value.replace(b" ;", b"_;")


class NameIsMatchedByCase(RewritingDisposition):
    """The name parameter of a part is recognised in lower case only."""

    def disposition(self, value: bytes) -> bytes:
        """Rename others."""
        return value.replace(b"NAME=", b"x=")


class SemicolonEndsQuotedName(RewritingDisposition):
    """The parameters of a part are parted at every semicolon, in quoted strings as well."""

    def disposition(self, value: bytes) -> bytes:
        """Write each part as a parameter of its own."""
        first, *rest = [part.strip().replace(b'"', b"").replace(b"\\", b"") for part in value.split(b";")]
        return b"; ".join([first, *(re.sub(rb"=(.*)", rb'="\1"', part) for part in rest)])


class BackslashStaysInName(RewritingDisposition):
    """The backslash before a quote is taken for a part of a name."""

    def disposition(self, value: bytes) -> bytes:
        """Escape it."""
        return value.replace(b'\\"', b'\\\\\\"')


class UnknownParameterHidesPart(RewritingDisposition):
    """A part with a parameter that is neither name nor filename is left out."""

    def disposition(self, value: bytes) -> bytes:
        """Make it another disposition."""
        return re.sub(rb"(?i)form-data(?=.*; (?!name=|filename=)[a-z*]+=)", b"other", value)


class ParametersAreReadRecursively(RewritingDisposition):
    """A part with more parameters than the stack has frames is an error of the server's own."""

    def disposition(self, value: bytes) -> bytes:
        """Look for that many."""
        if value.count(b";") > 1000:
            raise RecursionError
        return value


class EveryDispositionIsAField(RewritingDisposition):
    """A part is taken for a field whatever its disposition."""

    def disposition(self, value: bytes) -> bytes:
        """Make it the one of forms."""
        return re.sub(rb" [a-z-]+;", b" form-data;", value, count=1)


class ExtendedFilenameIsTakenAsSent(RewritingDisposition):
    """The extended form of a filename is taken for the plain one, and wins."""

    def disposition(self, value: bytes) -> bytes:
        """Rename it, and the other one."""
        return re.sub(rb'filename="[^"]*"; filename\*=(.*)', rb'filename="\1"', value)


class FilenameEndsAtEqualsSign(RewritingDisposition):
    """A filename ends at an equals sign."""

    def disposition(self, value: bytes) -> bytes:
        """Cut it there."""
        return re.sub(rb'(filename="[^="]*)=[^"]*', rb"\1", value)


class PartHeadHasToBeUTF8(RewritingDisposition):
    """The head of a part that is not UTF-8 is an error of the server's own."""

    def disposition(self, value: bytes) -> bytes:
        """Decode it, come what may."""
        return value.decode().encode()


class PartFieldsAreMatchedByCase(RewritingRequest):
    """The fields of a part are only recognised as they are usually written."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Rename others."""
        del delimiter
        return body.replace(b"\r\ncontent-disposition", b"\r\nx-disposition")


class OtherPartEndsForm(RewritingRequest):
    """What follows a part that is no field of the form is left out."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        """Cut the form before it."""
        parts = body.split(delimiter)
        for index, part in enumerate(parts[1:-1], 1):
            if b"form-data;" not in part:
                return delimiter.join([*parts[:index], b"--"])
        return body


class NestedPartsAreFields(HTTPRequest):
    """The parts of a message within a part are taken for fields of the form."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Add them."""
        form = super().read_multipart(boundary)
        inner = re.search(rb"\r\nContent-Type: multipart/\S+ boundary=(\w+)", self.body)
        if inner is not None:
            nested = parse_multipart(inner[1], self.body, self.connection.service.profile.limits)
            form.arguments.update(nested.arguments)
        return form


class FilenamesChange(HTTPRequest):
    """Gives the application what ``changed`` makes of a filename."""

    def changed(self, filename: str) -> str:
        """Return the filename that is given in place of the one that came."""
        return filename

    def read_multipart(self, boundary: bytes) -> Form:
        """Change the filenames."""
        form = super().read_multipart(boundary)
        for files in form.files.values():
            files[:] = [HTTPFile(self.changed(file.filename), file.content_type, file.body) for file in files]
        return form


class FilenameIsStripped(FilenamesChange):
    """The white space around a filename is left out."""

    def changed(self, filename: str) -> str:
        """Strip it."""
        return filename.strip()


class FilenamesAreLatin1(FilenamesChange):
    """Filenames are decoded as latin-1."""

    def changed(self, filename: str) -> str:
        """Take each octet for a character."""
        return filename.encode().decode("latin-1")


class NULInFilenameIsAnError(FilenamesChange):
    """A filename that no file can have is an error of the server's own."""

    def changed(self, filename: str) -> str:
        """Look for NUL."""
        if "\0" in filename:
            raise ValueError("embedded null byte")
        return filename


class FieldNamesAreLatin1(HTTPRequest):
    """The names of the fields of a multipart form are decoded as latin-1."""

    def read_multipart(self, boundary: bytes) -> Form:
        """Take each octet for a character."""
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
    Mutant(BackslashStaysInName, ("multipart.quoted-name", "multipart.quoted-pair-in-name")),
    Mutant(
        UnknownParameterHidesPart,
        (
            "multipart.disposition-unknown-parameter-behind",
            "multipart.disposition-unknown-parameter-first",
            "multipart.extended-filename",
            "multipart.quoted-pair-in-name",
        ),
    ),
    Mutant(ParametersAreReadRecursively, ("multipart.many-semicolons",)),
    Mutant(EveryDispositionIsAField, ("multipart.other-part-of-another-disposition",)),
    Mutant(ExtendedFilenameIsTakenAsSent, ("multipart.extended-filename",)),
    Mutant(
        FilenameEndsAtEqualsSign,
        ("multipart.filename-with-a-parameter", "multipart.filename-with-an-equals-sign"),
    ),
    Mutant(PartHeadHasToBeUTF8, ("multipart.not-utf-8-filename", "multipart.not-utf-8-name")),
    Mutant(PartFieldsAreMatchedByCase, ("multipart.unknown-part-field",)),
    Mutant(
        OtherPartEndsForm,
        ("multipart.delimiter-within-a-line", "multipart.disposition-more-spaces", "multipart.other-*"),
    ),
    Mutant(NestedPartsAreFields, ("multipart.nested",)),
    Mutant(FilenameIsStripped, ("multipart.filename-with-a-leading-space",)),
    Mutant(FilenamesAreLatin1, ("multipart.filename-with-letters-beyond-ascii",)),
    Mutant(NULInFilenameIsAnError, ("multipart.broken-nul-in-a-filename",)),
    Mutant(FieldNamesAreLatin1, ("multipart.name-beyond-ascii",)),
)
