"""Mutants that misread the fields in the head of a part of a multipart form."""

import re

from reference_server.mutants.multiparts import RewritingRequest
from reference_server.mutants.mutant import Mutant


class LengthOfPartObeyed(RewritingRequest):
    """Cuts a part to the Content-Length that it claims."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        return re.sub(
            rb"(\r\nContent-Length: 1\r\n(?:[^\r\n]++\r\n)*+\r\n.).*?(?=\r\n%b)" % re.escape(delimiter),
            rb"\1",
            body,
            flags=re.DOTALL,
        )


class UnknownFieldHidesPart(RewritingRequest):
    """Leaves out a part with a field that no form defines."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        parts = body.split(delimiter)
        kept = [part for part in parts if b"\r\nX-" not in part.partition(b"\r\n\r\n")[0]]
        return delimiter.join(kept)


class FoldedFieldHidesPart(RewritingRequest):
    """Leaves out a part with a folded field line."""

    def rewritten(self, body: bytes, delimiter: bytes) -> bytes:
        parts = body.split(delimiter)
        kept = [part for part in parts if not re.search(rb"\r\n[ \t]", part.partition(b"\r\n\r\n")[0])]
        return delimiter.join(kept)


MUTANTS = (
    Mutant(
        UnknownFieldHidesPart,
        ("multipart.folded-field-of-a-part-unknown", "multipart.unknown-part-field"),
    ),
    Mutant(LengthOfPartObeyed, ("multipart.length-of-a-part",)),
    Mutant(FoldedFieldHidesPart, ("multipart.folded-*",)),
)
