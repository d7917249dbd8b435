"""Forms as multipart/form-data."""

from conformance.scenarios.multipart import odd_parts, parts

SCENARIOS = (*parts.SCENARIOS, *odd_parts.SCENARIOS)
