"""The field section of a request."""

from conformance.scenarios.fields import field_lines, heads, wrong_ends

SCENARIOS = (*field_lines.SCENARIOS, *heads.SCENARIOS, *wrong_ends.SCENARIOS)
