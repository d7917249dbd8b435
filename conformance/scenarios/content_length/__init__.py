"""Content-Length: which values are valid, and bodies that are as long as it says, or shorter."""

from conformance.scenarios.content_length import bodies, values

SCENARIOS = (*values.SCENARIOS, *bodies.SCENARIOS)
