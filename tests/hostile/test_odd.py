"""Runs against sound servers with one oddity each: no verdict follows from it, and what is odd is said."""

import select
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clients.tcp import listens
from conformance.gate import Exit
from conformance.judging.model import Verdict
from tests.conformance.scripted_server import free_port
from tests.hostile.command import Ended, command
from tests.paths import ROOT

# Malformed requests that are refused, and well-formed ones.
SELECTED = tuple(
    argument
    for term in ("basics.get", "basics.head", "basics.post", "persistence.*", "content-length.*", "host.*")
    for argument in ("--only", term)
)


def server(port: int, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "tests.hostile.odd", str(port), *arguments]


@contextmanager
def running(*arguments: str) -> Iterator[int]:
    port = free_port()
    process = subprocess.Popen(server(port, *arguments), cwd=ROOT)
    try:
        while not listens(("127.0.0.1", port)):
            assert process.poll() is None
            select.select([], [], [], 0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def play(output: Path, *arguments: str, options: tuple[str, ...] = ()) -> Ended:
    with running(*arguments) as port:
        return command(f"http://127.0.0.1:{port}/", *SELECTED, *options, output=output)


def verdicts(ended: Ended) -> dict[str, str]:
    assert ended.run.footer is not None
    assert ended.run.footer["complete"]
    assert "Traceback" not in ended.stdout + ended.stderr
    return {finding["scenario"]: finding["verdict"] for finding in ended.run.findings}


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The verdicts on the server without an oddity."""
    ended = play(tmp_path_factory.mktemp("sound"), "sound")
    assert ended.code == Exit.CONFORMING
    assert set(ended.run.counts) <= {Verdict.PASS.value, Verdict.NOT_APPLICABLE.value}
    return verdicts(ended)


def assert_as_sound(ended: Ended, sound: dict[str, str]) -> None:
    """Each verdict is that on the sound server, or an ERROR with a reason."""
    found = verdicts(ended)
    other = {name for name, verdict in found.items() if verdict not in (sound[name], Verdict.ERROR.value)}
    assert not other
    assert found.keys() == sound.keys()
    for finding in ended.run.findings:
        assert finding["verdict"] != Verdict.ERROR.value or finding["reason"].startswith("not judged: the ")


def note(ended: Ended) -> str:
    assert ended.run.footer is not None
    assert not [crash for crash in ended.run.footer["crashes"] if crash["scenario"] is not None]
    return ended.run.footer["note"]


@pytest.mark.parametrize("how", ["bans-by-reset", "bans-by-refusal"])
def test_a_ban_is_named_and_waited_for(how: str, sound: dict[str, str], tmp_path: Path) -> None:
    ended = play(tmp_path, how)
    assert_as_sound(ended, sound)
    assert "refuses new connections for 0." in note(ended)
    assert "s after malformed requests, which was waited for." in note(ended)
    assert ended.code == Exit.CONFORMING


def test_an_answer_that_is_cut_by_chance_is_no_verdict(sound: dict[str, str], tmp_path: Path) -> None:
    ended = play(tmp_path, "cuts")
    assert_as_sound(ended, sound)
    assert "answers short that it gave whole when asked again." in note(ended)


@pytest.mark.parametrize("spawned", [True, False])
def test_a_target_that_dies_by_itself_dies_of_no_scenario(
    spawned: bool, sound: dict[str, str], tmp_path: Path
) -> None:
    if spawned:
        port = free_port()
        spawn = shlex.join(server(port, "sound", "0.8"))
        ended = command(f"http://127.0.0.1:{port}/", "--spawn", spawn, *SELECTED, output=tmp_path)
    else:
        ended = play(tmp_path, "restarts", "0.8")
    if (tmp_path / "run.jsonl").exists():
        assert_as_sound(ended, sound)
        note(ended)
        assert ended.code in (Exit.UNTESTABLE, Exit.CONFORMING)
    else:  # it died while it was measured
        assert ended.code == Exit.UNTESTABLE
        assert "cannot be tested: " in ended.stderr


def test_what_is_not_answered_while_measured_is_not_a_time(sound: dict[str, str], tmp_path: Path) -> None:
    ended = play(tmp_path, "withholds-while-measured")
    assert_as_sound(ended, sound)
    assert ended.code == Exit.CONFORMING
    assert "it left 8 unanswered." in " ".join(ended.stdout.split())
    (target,) = ended.run.header["targets"]
    assert target["measured"] is not None
    assert target["measured"]["slowest"] < 5.0


def test_a_target_that_drips_while_it_is_measured_is_called_so(sound: dict[str, str], tmp_path: Path) -> None:
    ended = play(tmp_path, "drips-while-measured")
    assert_as_sound(ended, sound)
    assert ended.code == Exit.CONFORMING
    assert "answers plain requests in drips, a few octets at a time," in " ".join(ended.stdout.split())


@pytest.mark.parametrize("status", ["429", "503"])
def test_a_limit_on_requests_is_no_verdict(status: str, sound: dict[str, str], tmp_path: Path) -> None:
    ended = play(tmp_path, f"limits-by-{status}")
    assert_as_sound(ended, sound)
    if ended.code != Exit.CONFORMING:
        assert ended.code == Exit.UNTESTABLE
        assert "use --rate to send fewer requests per second" in note(ended)
