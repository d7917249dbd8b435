"""Plain requests: what any server has to answer, and what most other scenarios have as their control."""

from conformance.clauses import RFC9110, RFC9112
from conformance.model import Scenario
from conformance.outcomes import SUCCESS, answers, well_formed

SCENARIOS = (
    Scenario(
        id="basics.get",
        title="A plain GET",
        clause=(RFC9110["9.1-1"], RFC9112["2.1-p1"]),
        send=(
            b"GET <witness> HTTP/1.1\r\n"
            b"Host: <host>\r\n"
            b"\r\n",
        ),
        accept=answers(SUCCESS) & well_formed,
        why="A server that cannot answer this cannot be used, nor tested any further.",
    ),
)
