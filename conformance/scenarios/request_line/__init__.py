"""The request line."""

from conformance.scenarios.request_line import lines, odd_lines, target_forms

SCENARIOS = (*lines.SCENARIOS, *target_forms.SCENARIOS, *odd_lines.SCENARIOS)
