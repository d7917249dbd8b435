"""Transfer-Encoding and Content-Length: which of them says where a request ends."""

from conformance.scenarios.framing import body_length, odd_octets, transfer_codings

SCENARIOS = (*body_length.SCENARIOS, *transfer_codings.SCENARIOS, *odd_octets.SCENARIOS)
