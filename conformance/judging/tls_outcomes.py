"""What a server may do over TLS: the outcomes that are about alerts and the end of the connection."""

from clients.transcript import Ending
from conformance.judging.outcomes import Outcome
from conformance.judging.refusals import ALERT_RECORD

closes_cleanly = Outcome(
    "sends close_notify before it closes the connection",
    lambda seen: seen.transcript.ending is Ending.CLOSE_NOTIFY,
    answers=0,
)

refuses_tls = Outcome(
    "ends the connection and sends at most a TLS alert",
    lambda seen: (
        seen.transcript.ending.closed
        and not (seen.answers or seen.partial)
        and (not seen.rest or seen.rest.startswith(ALERT_RECORD))
    ),
    answers=0,
)

sends_alert = Outcome(
    "ends the connection with a TLS alert",
    lambda seen: (
        seen.transcript.ending.closed
        and (seen.transcript.ending is Ending.ALERT or seen.rest.startswith(ALERT_RECORD))
    ),
    answers=0,
)
