"""The field section of a request."""

from conformance.scenarios.fields import field_lines, heads, lists

SCENARIOS = (*field_lines.SCENARIOS, *heads.SCENARIOS, *lists.SCENARIOS)
