"""What came where no response did: still a refusal, or a sign that the request was served.

It reads an observation and knows no outcomes and no verdicts.
"""

import re

from conformance.judging.observation import Observation

# The first octets of a TLS record that carries an alert.
ALERT_RECORD = b"\x15\x03"

# How bytes begin that are a refusal, though they are not a response: with a status of 4xx or 5xx, alone or
# after one word, or with a page whose title or heading says so; and a TLS alert.
_REFUSAL = re.compile(
    rb"\s*(?:(?:\S+[ \t]+)?[45]\d\d\b|bad request"
    rb"|<.*?<(?:title|h\d)[^>]*>[^<]*(?:\b[45]\d\d\b|bad request|error))"
    rb"|" + ALERT_RECORD,
    re.IGNORECASE | re.DOTALL,
)


def serves_garbled(seen: Observation) -> bool:
    """Whether the server sent bytes that are neither a response nor a refusal, so that it did not hang up."""
    return bool(seen.rest.strip()) and seen.partial is None and not _REFUSAL.match(seen.rest)
