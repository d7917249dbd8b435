"""The table of exit codes in the docs, row by row: the command is run in each situation."""

import json
import re
import shlex
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from xml.etree import ElementTree as ET

import jsonschema
import pytest

import conformance
from conformance.command.output_folder import output_folder
from conformance.record import read
from tests.conformance.builders import BAD_REQUEST, OK, described, response
from tests.conformance.fork_helpers import PATIENCE, Typed
from tests.conformance.scripted_server import Peer, Script, by_request, free_port, serving, witnessing
from tests.paths import DOCS, ROOT

PAGE = DOCS / "exit-codes.md"
SCHEMA = Path(conformance.__file__).with_name("record.schema.json")
ROW = re.compile(r"\| (?P<situation>[^|]+?) \| (?P<code>\d) \| (?P<said>.+) \|")
# A scenario that every server here passes, and one in which they differ.
TWO = ("--only", "basics.get", "--only", "host.refused-missing")
WITH_MAX_FORWARDS = ("--only", "basics.get", "--only", "methods.max-forwards")


def table() -> dict[str, tuple[int, str]]:
    rows = PAGE.read_text(encoding="utf-8").partition("## Every case")[2].splitlines()
    found = [matched for row in rows if (matched := ROW.fullmatch(row))]
    return {matched["situation"]: (int(matched["code"]), matched["said"]) for matched in found}


# A scenario that is a risk on every server here but one that answers nothing.
AT_RISK = ("--only", "request-line.authority-form-with-get")


# Servers


def answering(hostless: bytes) -> Script:
    """Give this answer to requests without Host, and 200 to all others."""
    return by_request(lambda request: OK if b"\r\nHost:" in request else hostless)


RIGHT = answering(BAD_REQUEST)
WRONG = answering(OK)


def forwarding(request: bytes) -> bytes:
    """Act as the witness, but heed Max-Forwards, which only matters in TRACE and OPTIONS requests."""
    if b"Max-Forwards" in request:
        return response(500, b"nowhere to go")
    return witnessing(headers=[["X-Test", "one"]], body=described(b""))(request)


INFORMATIVE = by_request(forwarding)


def hanging_up(peer: Peer) -> None:
    """Close the connection on a request without Host, instead of answering 400."""
    while (request := peer.request()) and b"\r\nHost:" in request:
        peer.send(OK)
        if b"connection: close" in request.lower():
            return


def answering_until(answer: bytes, *, after: int) -> Script:
    """Give this answer to requests without Host, and nothing to any request after a number of them."""
    left = [after]

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
    """Runs the command in a folder of its own. mistake: the name of a function of ours that will fail."""

    def __init__(self, folder: Path, servers: ExitStack) -> None:
        self.folder = folder
        self.mistake = ""
        self._servers = servers

    @property
    def baseline(self) -> Path:
        return self.folder / "known.toml"

    def run(self, *arguments: str, on: Script | None = None, known: str = "") -> tuple[int | None, str]:
        """Run it to the end. on: a server, whose URL is added. known: an entry of the baseline."""
        return self._started(*arguments, on=on, known=known).ended()

    def interrupt(
        self, *arguments: str, known: str = "", by: Sequence[signal.Signals] = (signal.SIGINT,)
    ) -> tuple[int | None, str]:
        """Run it on a server that does not answer requests without Host; interrupt it while it waits."""
        waiting = threading.Event()

        def silent_without_host(peer: Peer) -> None:
            while request := peer.request():
                if b"\r\nHost:" in request:
                    peer.send(OK)
                else:
                    waiting.set()

        started = self._started(*arguments, on=silent_without_host, known=known)
        assert waiting.wait(PATIENCE)
        for number in by:
            started.send(number)
        return started.ended()

    def interrupt_early(self) -> tuple[int | None, str]:
        """Run it on a server that answers nothing, and interrupt it as soon as that is asked."""
        asked = threading.Event()

        def silent(peer: Peer) -> None:
            peer.request()
            asked.set()
            peer.request()

        started = self._started(*TWO, on=silent, known="")
        assert asked.wait(PATIENCE)
        started.send(signal.SIGTERM)
        return started.ended()

    def without_room(self, room: int) -> tuple[int | None, str]:
        """Run it where no file can have more bytes than this."""
        return self._started(*TWO, "--output", "out", on=RIGHT, known="", room=room).ended()

    def beside_another(self) -> tuple[int | None, str]:
        """Run it in the folder of another run."""
        with output_folder(self.folder / "out"):
            return self.run(*TWO, "--output", "out", on=RIGHT)

    def _started(self, *arguments: str, on: Script | None, known: str, room: int | None = None) -> Typed:
        given = list(arguments)
        if on is not None:
            url = self._servers.enter_context(serving(on)).url
            given = [*given, url] if given[0] == "replay" else [url, "--concurrency", "1", *given]
        if known:
            self.baseline.write_text(f"[known]\n{known}\n")
            given = ["--baseline", "known.toml", *given]
        # Loading the plugins that the tests use takes as long as the run itself; only -n needs one.
        environment = {} if "-n" in given else {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
        said = self.folder / "said"
        return Typed(given, self.folder, said, environment=environment, mistake=self.mistake, room=room)


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
    """Run it on a spawned server that exits with code 3 on a PATCH, with a scenario that sends one."""
    port = free_port()
    python = f"env PYTHONPATH={shlex.quote(str(ROOT))} {shlex.quote(sys.executable)}"
    spawn = f"{python} -m tests.hostile.mortal {port} PATCH ended"
    selected = ("--only", "basics.get", "--only", "methods.refused-patch")
    return command.run(f"http://127.0.0.1:{port}/", "--spawn", spawn, *selected, *arguments, known=known)


KNOWN = '"host.refused-missing" = "we do not care"'
KNOWN_RISK = '"request-line.authority-form-with-get" = "we do not care"'
KNOWN_FAILURE = '"methods.refused-patch" = "we do not care"'
KNOWN_CRASH = '"methods.refused-patch" = { reason = "we do not care", crash = true }'
KNOWN_TO_PASS = '"basics.get" = "it was broken once"'
EXPIRED = '"host.refused-missing" = { expires = 2020-01-31, reason = "later" }'
NAMED = ("--baseline", "known.toml")

SITUATIONS: dict[str, Callable[[Command], tuple[int | None, str]]] = {
    "all pass": lambda command: command.run(*TWO, on=RIGHT),
    "one passes, another has a warning": lambda command: command.run(*TWO, on=hanging_up),
    "one fails": lambda command: command.run(*TWO, on=WRONG),
    "one is a risk": lambda command: command.run("--only", "basics.get", *AT_RISK, on=RIGHT),
    "one is a risk, with `--gate must`": lambda command: command.run(
        "--only", "basics.get", *AT_RISK, "--gate", "must", on=RIGHT
    ),
    "one fails and one is a risk": lambda command: command.run(*TWO, *AT_RISK, on=WRONG),
    "the baseline lists what is a risk": lambda command: command.run(
        "--only", "basics.get", *AT_RISK, on=RIGHT, known=KNOWN_RISK
    ),
    "a listed scenario is a risk, with `--gate must`": lambda command: command.run(
        "--only", "basics.get", *AT_RISK, "--gate", "must", on=RIGHT, known=KNOWN_RISK
    ),
    "a warning, with `--gate should`": lambda command: command.run(*TWO, "--gate", "should", on=hanging_up),
    "an informational finding, with `--gate should`": lambda command: command.run(
        *WITH_MAX_FORWARDS, "--gate", "should", on=INFORMATIVE
    ),
    "an informational finding, with `--gate may`": lambda command: command.run(
        *WITH_MAX_FORWARDS, "--gate", "may", on=INFORMATIVE
    ),
    "all pass, with `-- -n 2`": lambda command: command.run(*TWO, "--", "-n", "2", on=RIGHT),
    "one fails, with `-- -n 2`": lambda command: command.run(*TWO, "--", "-n", "2", on=WRONG),
    "the baseline lists what fails": lambda command: command.run(*TWO, on=WRONG, known=KNOWN),
    "the baseline lists a warning, with `--gate should`": lambda command: command.run(
        *TWO, "--gate", "should", on=hanging_up, known=KNOWN
    ),
    "another scenario fails than the baseline lists": lambda command: command.run(
        *TWO, "--only", "host.refused-two-lines", on=WRONG, known=KNOWN
    ),
    "a listed scenario passes": lambda command: command.run(*TWO, on=RIGHT, known=KNOWN),
    "a listed scenario has only a warning": lambda command: command.run(*TWO, on=hanging_up, known=KNOWN),
    "the baseline lists an id that does not exist": lambda command: command.run(
        *TWO, on=RIGHT, known=KNOWN.replace("missing", "mising")
    ),
    "an entry of the baseline has no reason": lambda command: command.run(
        *TWO, on=WRONG, known='"host.refused-missing" = " "'
    ),
    "an entry of the baseline has expired": lambda command: command.run(*TWO, on=WRONG, known=EXPIRED),
    "a listed scenario was not selected": lambda command: command.run(
        *TWO, on=RIGHT, known=KNOWN.replace("missing", "two-lines")
    ),
    "a listed scenario is not applicable": lambda command: command.run(
        *TWO, "--only", "tls.get", on=RIGHT, known='"tls.get" = "once there will be TLS"'
    ),
    "one fails, with `--update-baseline`": lambda command: command.run(
        *TWO, *NAMED, "--update-baseline", on=WRONG
    ),
    "a listed scenario passes, with `--update-baseline`": lambda command: command.run(
        *TWO, "--update-baseline", on=RIGHT, known=KNOWN
    ),
    "a scenario crashes the server": crashing,
    "the same, and the baseline lists it": lambda command: crashing(command, known=KNOWN_FAILURE),
    "the same, and the baseline lists it with `crash = true`": lambda command: crashing(
        command, known=KNOWN_CRASH
    ),
    "interrupted": lambda command: command.interrupt(*TWO),
    "interrupted, with a baseline and `--update-baseline`": interrupted_while_updating,
    "interrupted twice": lambda command: command.interrupt(*TWO, by=(signal.SIGINT, signal.SIGINT)),
    "ended by SIGHUP": lambda command: command.interrupt(*TWO, by=(signal.SIGHUP,)),
    "interrupted before anything was played": lambda command: command.interrupt_early(),
    "wirecheck fails in a scenario": lambda command: mistaken(command, JUDGING).run(*TWO, on=RIGHT),
    "wirecheck fails in a scenario that the baseline lists": lambda command: mistaken(command, JUDGING).run(
        *TWO, on=RIGHT, known=KNOWN
    ),
    "wirecheck fails elsewhere": lambda command: mistaken(command, MEASURING).run(*TWO, on=RIGHT),
    "an option that does not exist": lambda command: command.run("--gait=must"),
    "after `--`, an option that pytest does not know": lambda command: command.run(
        *TWO, "--", "--gait=must", on=RIGHT
    ),
    "a URL that is not valid": lambda command: command.run("localhost"),
    "nothing is selected": lambda command: command.run("--only", "host.nothing"),
    "there is no such baseline": lambda command: command.run(*NAMED, *TWO),
    "the baseline is not valid TOML": lambda command: command.run(*TWO, known="host.empty: we do not care"),
    "`--update-baseline` without `--baseline`": lambda command: command.run("--update-baseline"),
    "the reports cannot be written": lambda command: command.run("--output", __file__),
    "another run writes to the folder": lambda command: command.beside_another(),
    "the disk is full while findings are recorded": lambda command: command.without_room(3000),
    "the disk is full when the reports are written": lambda command: command.without_room(30_000),
    "nothing is applicable": lambda command: command.run("--only", "tls.get", on=RIGHT),
    "nothing listens at the URL": lambda command: command.run(nobody_listens()),
    "the target stops answering during the run": lambda command: command.run(
        *TWO, on=answering_until(BAD_REQUEST, after=1)
    ),
    "one fails, and the target stops answering": lambda command: command.run(
        "--only", "host.refused-missing", on=answering_until(OK, after=2)
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
    # A traceback is printed only if wirecheck itself failed.
    assert ("Traceback" in output) == (situation == "wirecheck fails elsewhere")


def test_the_record_has_the_exit_code_and_the_review_of_the_baseline(command: Command) -> None:
    code, _ = command.run(*TWO, "--output", "out", on=WRONG, known=f"{KNOWN}\n{KNOWN_TO_PASS}")
    footer = read(command.folder / "out" / "run.jsonl").footer
    assert footer is not None
    jsonschema.validate(footer, json.loads(SCHEMA.read_text(encoding="utf-8")))
    baseline = footer["baseline"]
    assert (footer["exit_code"], baseline["file"], baseline["stale"]) == (code, "known.toml", ["basics.get"])
    assert baseline["excused"] == [
        {"scenario": "host.refused-missing", "reason": "we do not care", "expires": None}
    ]


def test_junit_has_a_known_failure_as_skipped(command: Command) -> None:
    command.run(*TWO, "--only", "host.refused-two-lines", "--output", "out", on=WRONG, known=KNOWN)
    (suite,) = ET.parse(command.folder / "out" / "junit.xml").getroot()
    assert (suite.get("tests"), suite.get("failures"), suite.get("skipped")) == ("3", "1", "1")
    (skipped,) = suite.iter("skipped")
    assert skipped.get("message") == "known: we do not care"


def test_junit_has_a_warning_that_fails_the_gate_as_a_failure(command: Command) -> None:
    command.run(*TWO, "--gate", "should", "--output", "out", on=hanging_up)
    (failure,) = ET.parse(command.folder / "out" / "junit.xml").getroot().iter("failure")
    assert failure.text is not None
    assert failure.text.splitlines()[2].startswith("observed: The server sent no response and closed")
