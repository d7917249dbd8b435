"""Methods."""

from conformance.scenarios.methods import refusals, requests

SCENARIOS = (*requests.SCENARIOS, *refusals.SCENARIOS)
