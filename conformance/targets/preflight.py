"""The preflight: whether a target can be tested and what it offers, by plain requests alone.

`examine` completes a target, or raises with one sentence that says why it cannot be tested. The rules
that the target will be held to are not known here.
"""

from dataclasses import replace

from clients.conversation import Conversation, Patience
from clients.driver import play
from clients.limits import LIMITS, Limits
from clients.response import Response
from clients.second_opinion import disagreement
from clients.steps import Handshake, Identity
from clients.transcript import Ending, Kind, Transcript
from conformance.errors import BadUsage, Untestable
from conformance.judging.echo import Echo, echo_in
from conformance.judging.model import Need
from conformance.judging.observation import observe
from conformance.targets.target import Target
from conformance.text import clipped, visible

# A user is to hear within ten seconds that there is no server.
PATIENCE = Patience(silence=4.0, whole=6.0)

# Looking for the witness must not delay a target that has none.
DISCOVERY = Patience(silence=1.0, whole=2.0)

# A second opinion needs all bytes of one response.
_WHOLE = Limits(kept=LIMITS.received)

DEFAULT_WITNESS = "/witness"

# An answer in so many pieces, which are so small on average, comes in drips.
_FEWEST_DROPS = 5
_LARGEST_DROP = 8

_TOO_MANY_REQUESTS = 429

_PLAIN_GET = b"GET <path> HTTP/1.1\r\nHost: <host>\r\n\r\n"
_ECHO_GET = b"GET <witness> HTTP/1.1\r\nHost: <host>\r\nConnection: close\r\n\r\n"
_ECHO_FORM = (
    b"POST <witness> HTTP/1.1\r\nHost: <host>\r\nConnection: close\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=1"
)


def examine(
    target: Target,
    *,
    witness: str | None = None,
    patience: Patience = PATIENCE,
    discovery: Patience = DISCOVERY,
) -> Target:
    """Return the target with its Server field, its witness and the capabilities that it was seen to have.

    witness: the path where the witness must be; None looks for it below the URL's path, then at /witness.
    patience: for the plain GET. discovery: for each request to the witness.
    Raises Untestable if a plain GET is not answered with 2xx, BadUsage if a named witness is not there.
    """
    transcript, response = _response_to_plain_get(target, patience)
    server = b", ".join(response.values(b"server")).decode("latin-1")
    target = replace(
        target,
        second_opinion=_second_opinion(transcript, response),
        labels_http10=response.version == b"HTTP/1.0",
    )
    for mount in (witness,) if witness is not None else _usual_mounts(target):
        candidate = replace(target, server=server, witness=mount.rstrip("/").encode("ascii", "replace"))
        if _echo(candidate, _ECHO_GET, discovery) is not None:
            forms = {Need.FORMS} if _reports_forms(candidate, discovery) else set()
            return replace(candidate, offers=target.offers | {Need.WITNESS} | forms)
    if witness is not None:
        raise BadUsage(f"there is no witness at {target.url} under {witness}: {witness}/echo did not echo")
    if not 200 <= response.status < 300:
        limits = response.status == _TOO_MANY_REQUESTS or response.values(b"retry-after")
        advice = (
            "try again later, with --rate to send fewer requests per second"
            if limits
            else "use a URL that answers with 200"
        )
        raise Untestable(f"{target.url} answers a plain GET with {response.status}; {advice}")
    return replace(target, server=server)


def demands_certificate(target: Target, patience: Patience = PATIENCE) -> bool:
    """Whether the target refuses a client without a certificate, in the handshake or with a 4xx."""
    steps = (Handshake(Identity.ANONYMOUS), target.request(_PLAIN_GET))
    transcript = play(target.endpoint, Conversation(steps), patience)
    response = observe(transcript, filled=target.placeholders).answer
    return response is None or 400 <= response.status < 500


def ask_plainly(target: Target, patience: Patience = PATIENCE, limits: Limits = LIMITS) -> Transcript:
    """Send a plain GET on a new connection and return the transcript."""
    return play(target.endpoint, Conversation((target.request(_PLAIN_GET),)), patience, limits=limits)


def is_answered(target: Target, transcript: Transcript) -> bool:
    """Whether the transcript of a plain GET has a complete final response, of whatever status."""
    return observe(transcript, filled=target.placeholders).answer is not None


def in_drips(transcript: Transcript) -> bool:
    """Whether what came did so a few octets at a time."""
    pieces = [event.at for event in transcript.events if event.kind is Kind.RECEIVED]
    return len(pieces) >= _FEWEST_DROPS and len(transcript.received) <= _LARGEST_DROP * len(pieces)


def still_answers(target: Target, patience: Patience = PATIENCE) -> bool:
    """Whether the target answers a plain GET now."""
    return is_answered(target, ask_plainly(target, patience))


def _second_opinion(transcript: Transcript, response: Response) -> str:
    """Return how h11 frames a response to a plain GET differently than we do, as a sentence, or nothing."""
    received = transcript.received[: transcript.received_before_follow_up]
    ended = transcript.ending in (Ending.FIN, Ending.CLOSE_NOTIFY)
    sentence = disagreement(received, b"GET", response, ended=ended)
    return visible(clipped(sentence))  # h11 quotes the server, at any length


def _response_to_plain_get(target: Target, patience: Patience) -> tuple[Transcript, Response]:
    transcript = ask_plainly(target, patience, _WHOLE)
    response = observe(transcript, filled=target.placeholders).answer
    if response is None:
        raise Untestable(f"{target.url} cannot be tested: {_why_no_response(transcript)}")
    return transcript, response


def _why_no_response(transcript: Transcript) -> str:
    ending, note = transcript.ending, transcript.note
    if ending is Ending.REFUSED:
        return f"no connection could be made ({note})"
    if ending in (Ending.ALERT, Ending.TLS_BROKEN) and not transcript.secured:
        advice = "; use --ca to name the authority to trust" if "certificate" in note else ""
        return f"no TLS connection could be made ({note}{advice})"
    if ending is Ending.FLOOD:
        return f"on a plain GET it {ending.value}; every scenario requests this page, so use a small one"
    if in_drips(transcript):
        pieces = sum(event.kind is Kind.RECEIVED for event in transcript.events)
        return (
            f"it answers in drips: {len(transcript.received)} octets came in {pieces} pieces, and the answer "
            f"to a plain GET was not complete within {transcript.events[-1].at:.1f} s"
        )
    if not transcript.received:
        return f"it sent nothing in response to a plain GET and {ending.value}"
    return f"its answer to a plain GET is not a complete HTTP/1.x response, and it {ending.value}"


def _usual_mounts(target: Target) -> tuple[str, ...]:
    folder = target.path.partition(b"?")[0].decode("ascii").rstrip("/")
    return (folder + DEFAULT_WITNESS, DEFAULT_WITNESS) if folder else (DEFAULT_WITNESS,)


def _reports_forms(target: Target, patience: Patience) -> bool:
    echo = _echo(target, _ECHO_FORM, patience)
    return echo is not None and echo.arguments("a") == ("1",)


def _echo(target: Target, request: bytes, patience: Patience) -> Echo | None:
    transcript = play(target.endpoint, Conversation((target.request(request),)), patience)
    response = observe(transcript, filled=target.placeholders).answer
    return echo_in(response) if response is not None else None
