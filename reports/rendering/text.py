"""Words for all reports: numbers with their nouns, addresses, names of servers.

Hostile text is made harmless by `conformance.text.visible`, not here.
"""

from conformance.record_lines import TargetLine
from conformance.text import clipped, visible

# A longer text of a record is clipped wherever it is shown in full lines.
LONGEST_TEXT = 600

_LONGEST_NAME = 40


def quantity(number: int, one: str, many: str = "") -> str:
    """Return the number with its noun: 1 scenario, 2 scenarios."""
    return f"{number} {one if number == 1 else many or one + 's'}"


def web_address(address: str) -> str | None:
    """Return the address if a link may lead to it: a record is a file that anybody may have written."""
    return address if address.startswith(("https://", "http://")) else None


def server_name(target: TargetLine) -> str:
    """Return what people call a target: its Server field, or else its address; visible and short."""
    _, _, address = target["url"].partition("://")
    return clipped(visible(target["server"] or address.strip("/") or target["name"]), _LONGEST_NAME)
