"""HTTP over TLS."""

from conformance.scenarios.tls import connections, handshakes

SCENARIOS = (*connections.SCENARIOS, *handshakes.SCENARIOS)
