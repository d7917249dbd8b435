"""The table of exit codes in the docs, row by row: each situation is brought about, and the command run."""

import json
import re
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

import conformance
from conformance.record import read
from tests.conformance.builders import BAD_REQUEST, OK, described, response
from tests.conformance.fork_helpers import PATIENCE, Typed
from tests.conformance.scripted_server import Peer, Script, by_request, free_port, serving, witnessing
from tests.paths import DOCS, ROOT

PAGE = DOCS / "exit-codes.md"
SCHEMA = Path(conformance.__file__).with_name("record.schema.json")
ROW = re.compile(r"\| (?P<situation>[^|]+?) \| (?P<code>\d) \| (?P<said>.+) \|")
# One that every server here passes, and one that they are told apart by.
TWO = ("--only", "basics.get", "--only", "host.refused-missing")
WITH_MAX_FORWARDS = ("--only", "basics.get", "--only", "methods.max-forwards")


def table() -> dict[str, tuple[int, str]]:
    rows = PAGE.read_text(encoding="utf-8").partition("## Every case")[2].splitlines()
    found = [matched for row in rows if (matched := ROW.fullmatch(row))]
    return {matched["situation"]: (int(matched["code"]), matched["said"]) for matched in found}


# Servers


def answering(hostless: bytes) -> Script:
    """Answer so where a request has no Host, and all others with 200."""
    return by_request(lambda request: OK if b"\r\nHost:" in request else hostless)


RIGHT = answering(BAD_REQUEST)
WRONG = answering(OK)


def forwarding(request: bytes) -> bytes:
    """Do as the witness does, but take Max-Forwards for something that matters, as only other methods may."""
    if b"Max-Forwards" in request:
        return response(500, b"nowhere to go")
    return witnessing(headers=[["X-Test", "one"]], body=described(b""))(request)


INFORMATIVE = by_request(forwarding)


def hanging_up(peer: Peer) -> None:
    """Close where a request has no Host, instead of answering 400."""
    while (request := peer.request()) and b"\r\nHost:" in request:
        peer.send(OK)
        if b"connection: close" in request.lower():
            return


def dying(answer: bytes, *, of: int) -> Script:
    """Answer so where a request has no Host, and nobody any more when so many of them have come."""
    left = [of]

    def script(peer: Peer) -> None:
        while left[0] and (request := peer.request()):
            hostless = b"\r\nHost:" not in request
            left[0] -= hostless
            peer.send(answer if hostless else OK)
            if b"connection: close" in request.lower():
                return

    return script


# The command


class Command:
    """Runs the command in a folder of its own. mistake: a function of ours that is to go wrong."""

    def __init__(self, folder: Path, servers: ExitStack) -> None:
        self.folder = folder
        self.mistake = ""
        self._servers = servers

    @property
    def baseline(self) -> Path:
        return self.folder / "known.toml"

    def run(self, *arguments: str, on: Script | None = None, known: str = "") -> tuple[int | None, str]:
        """Run to the end. on: a server, whose URL is added. known: an entry of the baseline."""
        return self._started(*arguments, on=on, known=known).ended()

    def interrupt(self, *arguments: str, known: str = "") -> tuple[int | None, str]:
        """Run on a server that says nothing where a request has no Host; interrupt it when it waits there."""
        come = threading.Event()

        def telling(peer: Peer) -> None:
            while request := peer.request():
                if b"\r\nHost:" in request:
                    peer.send(OK)
                else:
                    come.set()

        started = self._started(*arguments, on=telling, known=known)
        assert come.wait(PATIENCE)
        started.send(signal.SIGINT)
        return started.ended()

    def _started(self, *arguments: str, on: Script | None, known: str) -> Typed:
        given = list(arguments)
        if on is not None:
            url = self._servers.enter_context(serving(on)).url
            given = [*given, url] if given[0] == "replay" else [url, "--concurrency", "1", *given]
        if known:
            self.baseline.write_text(f"[known]\n{known}\n")
            given = ["--baseline", "known.toml", *given]
        # What else is installed for the tests takes pytest as long as the run itself; -n asks for it.
        quick = {} if "-n" in given else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        return Typed(given, self.folder, self.folder / "said", environment=quick, mistake=self.mistake)


@pytest.fixture
def command(tmp_path: Path) -> Iterator[Command]:
    with ExitStack() as servers:
        yield Command(tmp_path, servers)


def nobody_listens() -> str:
    return f"http://127.0.0.1:{free_port()}/"


JUDGING, MEASURING = "conformance.running.findings.judge", "conformance.command.command.measure"


def mistaken(command: Command, function: str) -> Command:
    command.mistake = function
    return command


def interrupted_while_updating(command: Command) -> tuple[int | None, str]:
    outcome = command.interrupt(*TWO, "--update-baseline", known=KNOWN_TO_PASS)
    assert command.baseline.read_text() == f"[known]\n{KNOWN_TO_PASS}\n"
    return outcome


def crashing(command: Command, *arguments: str, known: str = "") -> tuple[int | None, str]:
    """Run on a spawned server that ends with 3 at a PATCH, with a scenario that sends one."""
    port = free_port()
    python = f"env PYTHONPATH={shlex.quote(str(ROOT))} {shlex.quote(sys.executable)}"
    spawn = f"{python} -m tests.hostile.mortal {port} PATCH ended"
    selected = ("--only", "basics.get", "--only", "methods.refused-patch")
    return command.run(f"http://127.0.0.1:{port}/", "--spawn", spawn, *selected, *arguments, known=known)


KNOWN = '"host.refused-missing" = "we do not care"'
KNOWN_FAILURE = '"methods.refused-patch" = "we do not care"'
KNOWN_CRASH = '"methods.refused-patch" = { reason = "we do not care", crash = true }'
KNOWN_TO_PASS = '"basics.get" = "it was broken once"'
EXPIRED = '"host.refused-missing" = { expires = 2020-01-31, reason = "later" }'
NAMED = ("--baseline", "known.toml")

SITUATIONS: dict[str, Callable[[Command], tuple[int | None, str]]] = {
    "all pass": lambda command: command.run(*TWO, on=RIGHT),
    "one passes, with a warning beside": lambda command: command.run(*TWO, on=hanging_up),
    "one fails": lambda command: command.run(*TWO, on=WRONG),
    "a warning, with `--gate should`": lambda command: command.run(*TWO, "--gate", "should", on=hanging_up),
    "an informational finding, with `--gate should`": lambda command: command.run(
        *WITH_MAX_FORWARDS, "--gate", "should", on=INFORMATIVE
    ),
    "an informational finding, with `--gate may`": lambda command: command.run(
        *WITH_MAX_FORWARDS, "--gate", "may", on=INFORMATIVE
    ),
    "all pass, with `-- -n 2`": lambda command: command.run(*TWO, "--", "-n", "2", on=RIGHT),
    "one fails, with `-- -n 2`": lambda command: command.run(*TWO, "--", "-n", "2", on=WRONG),
    "what fails is in the baseline": lambda command: command.run(*TWO, on=WRONG, known=KNOWN),
    "a warning is in the baseline, with `--gate should`": lambda command: command.run(
        *TWO, "--gate", "should", on=hanging_up, known=KNOWN
    ),
    "the baseline lists something else that fails": lambda command: command.run(
        *TWO, "--only", "host.refused-two-lines", on=WRONG, known=KNOWN
    ),
    "what the baseline lists passes": lambda command: command.run(*TWO, on=RIGHT, known=KNOWN),
    "what the baseline lists only warns": lambda command: command.run(*TWO, on=hanging_up, known=KNOWN),
    "the baseline lists an id that does not exist": lambda command: command.run(
        *TWO, on=RIGHT, known=KNOWN.replace("missing", "mising")
    ),
    "an entry of the baseline has no reason": lambda command: command.run(
        *TWO, on=WRONG, known='"host.refused-missing" = " "'
    ),
    "an entry of the baseline has expired": lambda command: command.run(*TWO, on=WRONG, known=EXPIRED),
    "what the baseline lists was not selected": lambda command: command.run(
        *TWO, on=RIGHT, known=KNOWN.replace("missing", "two-lines")
    ),
    "what the baseline lists is not applicable": lambda command: command.run(
        *TWO, "--only", "tls.get", on=RIGHT, known='"tls.get" = "once there will be TLS"'
    ),
    "one fails, with `--update-baseline`": lambda command: command.run(
        *TWO, *NAMED, "--update-baseline", on=WRONG
    ),
    "what the baseline lists passes, with `--update-baseline`": lambda command: command.run(
        *TWO, "--update-baseline", on=RIGHT, known=KNOWN
    ),
    "a scenario crashes the server": crashing,
    "the same, and the baseline lists it": lambda command: crashing(command, known=KNOWN_FAILURE),
    "the same, and the baseline lists it with `crash = true`": lambda command: crashing(
        command, known=KNOWN_CRASH
    ),
    "interrupted": lambda command: command.interrupt(*TWO),
    "interrupted, with a baseline and `--update-baseline`": interrupted_while_updating,
    "wirecheck goes wrong in a scenario": lambda command: mistaken(command, JUDGING).run(*TWO, on=RIGHT),
    "wirecheck goes wrong in a scenario that the baseline lists": lambda command: mistaken(
        command, JUDGING
    ).run(*TWO, on=RIGHT, known=KNOWN),
    "wirecheck goes wrong elsewhere": lambda command: mistaken(command, MEASURING).run(*TWO, on=RIGHT),
    "an option that does not exist": lambda command: command.run("--gait=must"),
    "after `--`, an option that pytest does not know": lambda command: command.run(
        *TWO, "--", "--gait=must", on=RIGHT
    ),
    "a URL that is not valid": lambda command: command.run("localhost"),
    "nothing is selected": lambda command: command.run("--only", "host.nothing"),
    "there is no such baseline": lambda command: command.run(*NAMED, *TWO),
    "the baseline is not valid TOML": lambda command: command.run(*TWO, known="host.empty: we do not care"),
    "`--update-baseline` without `--baseline`": lambda command: command.run("--update-baseline"),
    "the reports can go nowhere": lambda command: command.run("--output", __file__),
    "nothing is applicable": lambda command: command.run("--only", "tls.get", on=RIGHT),
    "nothing listens at the URL": lambda command: command.run(nobody_listens()),
    "the target dies in the run": lambda command: command.run(*TWO, on=dying(BAD_REQUEST, of=1)),
    "one fails, and the target dies in the run": lambda command: command.run(
        "--only", "host.refused-missing", on=dying(OK, of=2)
    ),
    "`--max-time` is over": lambda command: command.run(*TWO, "--max-time", "0.001", on=RIGHT),
    "`replay` of one that passes": lambda command: command.run("replay", "host.refused-missing", on=RIGHT),
    "`replay` of one that fails": lambda command: command.run("replay", "host.refused-missing", on=WRONG),
    "`replay` of one that is not applicable": lambda command: command.run("replay", "tls.get", on=RIGHT),
    "`replay` where nothing listens": lambda command: command.run("replay", "basics.get", nobody_listens()),
    "`explain` of one that does not exist": lambda command: command.run("explain", "host.emty"),
}


def test_the_table_and_the_situations_are_the_same() -> None:
    assert list(table()) == list(SITUATIONS)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_the_command_ends_as_the_table_says(situation: str, command: Command) -> None:
    code, said = table()[situation]
    ended, output = SITUATIONS[situation](command)
    words = re.escape(said).replace("…", ".*")
    assert (ended, bool(re.search(words, " ".join(output.split())))) == (code, True), output
    # Python's own words for what went wrong are for our own mistakes only.
    assert ("Traceback" in output) == (situation == "wirecheck goes wrong elsewhere")


def test_the_record_has_the_code_and_what_the_baseline_came_to(command: Command) -> None:
    code, _ = command.run(*TWO, "--output", "out", on=WRONG, known=f"{KNOWN}\n{KNOWN_TO_PASS}")
    footer = read(command.folder / "out" / "run.jsonl").footer
    assert footer is not None
    jsonschema.validate(footer, json.loads(SCHEMA.read_text(encoding="utf-8")))
    baseline = footer["baseline"]
    assert (footer["exit_code"], baseline["file"], baseline["stale"]) == (code, "known.toml", ["basics.get"])
    assert baseline["excused"] == [
        {"scenario": "host.refused-missing", "reason": "we do not care", "expires": None}
    ]


def test_for_readers_of_junit_a_known_failure_is_skipped(command: Command) -> None:
    command.run(*TWO, "--only", "host.refused-two-lines", "--output", "out", on=WRONG, known=KNOWN)
    (suite,) = ET.parse(command.folder / "out" / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    (skipped,) = suite.iter("skipped")
    assert skipped.get("message") == "known: we do not care"


def test_a_warning_that_closes_the_gate_is_a_failure_for_readers_of_junit(command: Command) -> None:
    command.run(*TWO, "--gate", "should", "--output", "out", on=hanging_up)
    (failure,) = ET.parse(command.folder / "out" / "junit.xml").getroot().iter("failure")
    assert failure.text is not None
    assert failure.text.splitlines()[2].startswith("observed: The server sent no response and closed")
