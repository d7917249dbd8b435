"""Forms as multipart/form-data."""

from conformance.scenarios.multipart import boundaries, odd_parts, parts

SCENARIOS = (*parts.SCENARIOS, *boundaries.SCENARIOS, *odd_parts.SCENARIOS)
