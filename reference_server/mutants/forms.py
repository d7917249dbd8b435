"""Mutants that misread urlencoded forms."""

import re
from urllib.parse import unquote_to_bytes

from reference_server.mutants.mutant import Mutant
from reference_server.parsing.bodies import LengthReader
from reference_server.parsing.forms import Arguments, Form
from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Fields, Refusal
from reference_server.request import HTTPRequest

URLENCODED = "application/x-www-form-urlencoded"


class OnlyFirstFieldIsRead(HTTPRequest):
    """Only the first field of a urlencoded form is read."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Stop at the first ampersand of a body."""
        return super().read_urlencoded(text.partition(b"&")[0] if text is self.body else text)


class SemicolonSeparatesFields(HTTPRequest):
    """A semicolon separates fields as an ampersand does."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Replace semicolons."""
        return super().read_urlencoded(text.replace(b";", b"&"))


class EscapesAreNotDecoded(HTTPRequest):
    """Percent-escapes of a form are left as they are."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Escape the percent sign itself."""
        return super().read_urlencoded(text.replace(b"%", b"%25"))


class LowerCaseEscapesAreNotDecoded(HTTPRequest):
    """Percent-escapes with hexadecimal digits in lower case are left as they are."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Escape their percent sign itself."""
        return super().read_urlencoded(re.sub(rb"%(?=[0-9a-f]?[a-f])", b"%25", text))


class PlusIsNotDecoded(HTTPRequest):
    """A plus sign in a form stays one."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Escape it in a body."""
        return super().read_urlencoded(text.replace(b"+", b"%2B") if text is self.body else text)


class PlusInQueryIsNotDecoded(HTTPRequest):
    """A plus sign in a query stays one."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Escape it in a query."""
        return super().read_urlencoded(text if text is self.body else text.replace(b"+", b"%2B"))


class LettersNeedNoDecoding(HTTPRequest):
    """Percent-escapes of letters, which nobody has to escape, are left as they are."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Escape their percent sign itself."""
        return super().read_urlencoded(re.sub(rb"%(?=[67])", b"%25", text))


class FormsAreDecodedTwice(HTTPRequest):
    """What a form holds is decoded twice."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Decode the values again."""
        arguments = super().read_urlencoded(text)
        return {name: [unquote_to_bytes(value) for value in values] for name, values in arguments.items()}


class FormNamesAreNotDecoded(HTTPRequest):
    """The names of a form are left as they were sent."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Escape the signs that names would be decoded by."""
        return super().read_urlencoded(
            re.sub(rb"[^=&]*=", lambda name: name[0].replace(b"%", b"%25").replace(b"+", b"%2B"), text)
        )


class FormsAreLatin1(HTTPRequest):
    """The values of a form are decoded as latin-1."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Take each octet for a character."""
        arguments = super().read_urlencoded(text)
        return {
            name: [value.decode("latin-1").encode() for value in values] for name, values in arguments.items()
        }


class FormsHaveToBeUTF8(HTTPRequest):
    """A value that is not UTF-8 is an error of the server's own."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Decode the values, come what may."""
        arguments = super().read_urlencoded(text)
        return {name: [value.decode().encode() for value in values] for name, values in arguments.items()}


class FormNamesHaveToBeUTF8(HTTPRequest):
    """A name that is not UTF-8 is an error of the server's own."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Decode the names, come what may."""
        for pair in text.split(b"&"):
            unquote_to_bytes(pair.partition(b"=")[0]).decode()
        return super().read_urlencoded(text)


class MissingValueIsUndefined(HTTPRequest):
    """A name without an equals sign has the value undefined."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Add the value."""
        return super().read_urlencoded(re.sub(rb"(?<=&)([^=&]+)(?=&|\Z)", rb"\1=undefined", text))


class StrayPercentIsRefused(HTTPRequest):
    """A percent sign without two hexadecimal digits makes a form a bad request."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Look for one."""
        if re.search(rb"%(?![0-9A-Fa-f]{2})", text):
            raise Refusal(400, "a percent sign without two hexadecimal digits")
        return super().read_urlencoded(text)


class LastValueWins(HTTPRequest):
    """Of several values of a name the last one is kept."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Forget the others."""
        return {name: values[-1:] for name, values in super().read_urlencoded(text).items()}


class FirstValueWinsInQuery(HTTPRequest):
    """Of several values of a name in a query the first one is kept."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Forget the others."""
        arguments = super().read_urlencoded(text)
        return arguments if text is self.body else {name: values[:1] for name, values in arguments.items()}


class ValueEndsAtEqualsSign(HTTPRequest):
    """A value ends at an equals sign."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Take the second of the parts of a pair."""
        return super().read_urlencoded(re.sub(rb"(=[^&=]*)=[^&]*", rb"\1", text))


class ValueEndsAtNUL(HTTPRequest):
    """A value ends at a NUL."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Take what is before it."""
        arguments = super().read_urlencoded(text)
        return {name: [value.partition(b"\0")[0] for value in values] for name, values in arguments.items()}


class EmptyPairsAreFields(HTTPRequest):
    """Nothing between two ampersands is a field without a name."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Add that field."""
        arguments = super().read_urlencoded(text)
        if b"&&" in text:
            arguments[""] = [b""]
        return arguments


class FormNamesIgnoreCase(HTTPRequest):
    """The names of a form match without regard to case."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Write them in lower case."""
        folded: Arguments = {}
        for name, values in super().read_urlencoded(text).items():
            folded.setdefault(name.lower(), []).extend(values)
        return folded


class FieldsBeyond256AreLeftOut(HTTPRequest):
    """Fields beyond the 256th are left out without a word."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Take the first ones."""
        return super().read_urlencoded(b"&".join(text.split(b"&")[:256]))


class ChunkedFormsAreNotRead(HTTPRequest):
    """A form without Content-Length is taken to be empty."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        """Read nothing of a chunked body."""
        if text is self.body and "Transfer-Encoding" in self.headers:
            return {}
        return super().read_urlencoded(text)

    def read_multipart(self, boundary: bytes) -> Form:
        """Read nothing of a chunked body."""
        return Form() if "Transfer-Encoding" in self.headers else super().read_multipart(boundary)


class FormTypeHasNoParameters(HTTP11):
    """A urlencoded form is not recognised when its Content-Type has a parameter."""

    def content_type(self, fields: Fields) -> str:
        """Compare the whole value."""
        content_type = super().content_type(fields)
        return "" if content_type.startswith(f"{URLENCODED};") else content_type


class FormTypeIsMatchedByCase(HTTP11):
    """The media type of a form is recognised in lower case only."""

    def content_type(self, fields: Fields) -> str:
        """Leave it as it was sent."""
        return fields.headers.get("Content-Type") or ""


class OnlyFirstPieceOfBodyIsKept(LengthReader):
    """Of a short body that arrives in several pieces only the first is kept."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
        """Keep nothing behind the first octets."""
        end = super().read(buffer, position, since)
        self._keep = self.received == 0 or self.received + self._missing > 65536
        return end


MUTANTS = (
    Mutant(OnlyFirstFieldIsRead, ("forms.urlencoded",)),
    Mutant(SemicolonSeparatesFields, ("forms.semicolon",)),
    Mutant(
        EscapesAreNotDecoded,
        (
            "forms.chunked",
            "forms.decoded-*",
            "forms.encoded-name",
            "forms.encoded-twice",
            "forms.in-*",
            "forms.malformed-*",
            "forms.nul",
            "forms.query",
        ),
    ),
    Mutant(LowerCaseEscapesAreNotDecoded, ("forms.decoded-lower-case-percent", "forms.encoded-name")),
    Mutant(PlusIsNotDecoded, ("forms.decoded-plus", "forms.encoded-name")),
    Mutant(PlusInQueryIsNotDecoded, ("forms.query",)),
    Mutant(LettersNeedNoDecoding, ("forms.decoded-needless-percent",)),
    Mutant(FormsAreDecodedTwice, ("forms.encoded-twice",)),
    Mutant(FormNamesAreNotDecoded, ("forms.encoded-name",)),
    Mutant(
        FormsAreLatin1, ("forms.chunked", "forms.decoded-*", "forms.in-*", "forms.malformed-*", "forms.query")
    ),
    Mutant(FormsHaveToBeUTF8, ("forms.malformed-*",)),
    Mutant(FormNamesHaveToBeUTF8, ("forms.name-not-utf-8",)),
    Mutant(MissingValueIsUndefined, ("forms.empty-values",)),
    Mutant(StrayPercentIsRefused, ("forms.stray-percent",)),
    Mutant(LastValueWins, ("forms.query", "forms.repeated")),
    Mutant(FirstValueWinsInQuery, ("forms.query",)),
    Mutant(ValueEndsAtEqualsSign, ("forms.equals-in-value", "forms.semicolon")),
    Mutant(ValueEndsAtNUL, ("forms.nul",)),
    Mutant(EmptyPairsAreFields, ("forms.empty-pairs",)),
    Mutant(FormNamesIgnoreCase, ("forms.name-case",)),
    Mutant(FieldsBeyond256AreLeftOut, ("forms.many-fields",)),
    Mutant(ChunkedFormsAreNotRead, ("forms.chunked", "multipart.chunked")),
    Mutant(FormTypeHasNoParameters, ("forms.content-type-with-charset", "forms.content-type-without-space")),
    Mutant(FormTypeIsMatchedByCase, ("forms.content-type-in-another-case",)),
    Mutant(
        OnlyFirstPieceOfBodyIsKept,
        (
            "content-length.body-later",
            "expect.body-in-pieces",
            "forms.in-*",
            "fragmentation.body-and-next-request",
            "fragmentation.body-before-the-last-octet",
            "fragmentation.body-in-a-character",
            "fragmentation.octet-by-octet",
            "multipart.in-*",
            "tls.records-of-one-octet",
            "tls.request-in-two-records",
        ),
    ),
)
