"""The request line."""

from conformance.scenarios.request_line import lines, target_forms

SCENARIOS = (*lines.SCENARIOS, *target_forms.SCENARIOS)
