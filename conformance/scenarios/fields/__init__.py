"""The field section of a request."""

from conformance.scenarios.fields import field_lines, heads

SCENARIOS = (*field_lines.SCENARIOS, *heads.SCENARIOS)
