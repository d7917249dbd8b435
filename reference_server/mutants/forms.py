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
    """Reads only the first field of a urlencoded form."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        return super().read_urlencoded(text.partition(b"&")[0] if text is self.body else text)


class SemicolonSeparatesFields(HTTPRequest):
    """Separates fields at semicolons as well as at ampersands."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        return super().read_urlencoded(text.replace(b";", b"&"))


class EscapesAreNotDecoded(HTTPRequest):
    """Does not decode percent-escapes in a form."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        return super().read_urlencoded(text.replace(b"%", b"%25"))


class LowerCaseEscapesAreNotDecoded(HTTPRequest):
    """Does not decode percent-escapes with lower-case hexadecimal digits."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        return super().read_urlencoded(re.sub(rb"%(?=[0-9a-f]?[a-f])", b"%25", text))


class PlusIsNotDecoded(HTTPRequest):
    """Does not decode a plus sign in a form to a space."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        return super().read_urlencoded(text.replace(b"+", b"%2B") if text is self.body else text)


class PlusInQueryIsNotDecoded(HTTPRequest):
    """Does not decode a plus sign in a query to a space."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        return super().read_urlencoded(text if text is self.body else text.replace(b"+", b"%2B"))


class LettersNeedNoDecoding(HTTPRequest):
    """Does not decode percent-escapes of letters, which never need escaping."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        return super().read_urlencoded(re.sub(rb"%(?=[67])", b"%25", text))


class FormsAreDecodedTwice(HTTPRequest):
    """Decodes the values of a form twice."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        arguments = super().read_urlencoded(text)
        return {name: [unquote_to_bytes(value) for value in values] for name, values in arguments.items()}


class FormNamesAreNotDecoded(HTTPRequest):
    """Does not decode the names of a form."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        return super().read_urlencoded(
            re.sub(rb"[^=&]*=", lambda name: name[0].replace(b"%", b"%25").replace(b"+", b"%2B"), text)
        )


class FormsAreLatin1(HTTPRequest):
    """Decodes the values of a form as latin-1."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        arguments = super().read_urlencoded(text)
        return {
            name: [value.decode("latin-1").encode() for value in values] for name, values in arguments.items()
        }


class FormsHaveToBeUTF8(HTTPRequest):
    """Answers 500 to a value that is not UTF-8."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        arguments = super().read_urlencoded(text)
        return {name: [value.decode().encode() for value in values] for name, values in arguments.items()}


class FormNamesHaveToBeUTF8(HTTPRequest):
    """Answers 500 to a name that is not UTF-8."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        for pair in text.split(b"&"):
            unquote_to_bytes(pair.partition(b"=")[0]).decode()
        return super().read_urlencoded(text)


class MissingValueIsUndefined(HTTPRequest):
    """Gives a name without an equals sign the value "undefined"."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        return super().read_urlencoded(re.sub(rb"(?<=&)([^=&]+)(?=&|\Z)", rb"\1=undefined", text))


class StrayPercentIsRefused(HTTPRequest):
    """Rejects a form with a percent sign that is not followed by two hexadecimal digits."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        if re.search(rb"%(?![0-9A-Fa-f]{2})", text):
            raise Refusal(400, "a percent sign without two hexadecimal digits")
        return super().read_urlencoded(text)


class LastValueWins(HTTPRequest):
    """Keeps only the last of several values of a name."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        return {name: values[-1:] for name, values in super().read_urlencoded(text).items()}


class FirstValueWinsInQuery(HTTPRequest):
    """Keeps only the first of several values of a name in a query."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        arguments = super().read_urlencoded(text)
        return arguments if text is self.body else {name: values[:1] for name, values in arguments.items()}


class ValueEndsAtEqualsSign(HTTPRequest):
    """Ends a value at an equals sign."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        return super().read_urlencoded(re.sub(rb"(=[^&=]*)=[^&]*", rb"\1", text))


class ValueEndsAtNUL(HTTPRequest):
    """Ends a value at a NUL."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        arguments = super().read_urlencoded(text)
        return {name: [value.partition(b"\0")[0] for value in values] for name, values in arguments.items()}


class EmptyPairsAreFields(HTTPRequest):
    """Takes two ampersands in a row as a field with an empty name."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        arguments = super().read_urlencoded(text)
        if b"&&" in text:
            arguments[""] = [b""]
        return arguments


class FormNamesIgnoreCase(HTTPRequest):
    """Merges names of a form that differ only in case."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        folded: Arguments = {}
        for name, values in super().read_urlencoded(text).items():
            folded.setdefault(name.lower(), []).extend(values)
        return folded


class FieldsBeyond256AreLeftOut(HTTPRequest):
    """Silently drops fields after the 256th."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        return super().read_urlencoded(b"&".join(text.split(b"&")[:256]))


class ChunkedFormsAreNotRead(HTTPRequest):
    """Reads a chunked form as empty."""

    def read_urlencoded(self, text: bytes) -> Arguments:
        if text is self.body and "Transfer-Encoding" in self.headers:
            return {}
        return super().read_urlencoded(text)

    def read_multipart(self, boundary: bytes) -> Form:
        return Form() if "Transfer-Encoding" in self.headers else super().read_multipart(boundary)


class FormTypeHasNoParameters(HTTP11):
    """Does not recognise a urlencoded form whose Content-Type has a parameter."""

    def content_type(self, fields: Fields) -> str:
        content_type = super().content_type(fields)
        return "" if content_type.startswith(f"{URLENCODED};") else content_type


class FormTypeIsMatchedByCase(HTTP11):
    """Recognises the media type of a form only in lower case."""

    def content_type(self, fields: Fields) -> str:
        return fields.headers.get("Content-Type") or ""


class OnlyFirstPieceOfBodyIsKept(LengthReader):
    """Keeps only the first segment of a short body that arrives in several."""

    def read(self, buffer: bytes | bytearray, position: int, since: int) -> int:
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
            "fragmentation.every-offset-in-the-body",
            "fragmentation.octet-by-octet",
            "multipart.in-*",
            "tls.records-of-one-octet",
            "tls.request-in-two-records",
        ),
        clause="RFC9112-9.3-5",
    ),
)
