"""The field section of a request."""

from conformance.scenarios.fields import field_lines, heads, lists, wrong_ends

SCENARIOS = (*field_lines.SCENARIOS, *heads.SCENARIOS, *lists.SCENARIOS, *wrong_ends.SCENARIOS)
