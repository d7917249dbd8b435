"""The delivery of a run: its options, its use in every play, and what the record says of it."""

import argparse
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from clients.conversation import Conversation, Patience
from clients.delivery import Delivery, at_random, by_byte, by_line, whole
from clients.endpoint import Endpoint
from clients.limits import Limits
from clients.transcript import Kind, Transcript
from clients.waits import Wait, Waits
from conformance.command.options import delivery_of, options_to_record, parser
from conformance.errors import BadUsage
from conformance.gate import Exit
from conformance.record import read
from conformance.running.runner import Runner
from tests.conformance.builders import OK
from tests.conformance.scripted_server import always, serving
from tests.conformance.staged_server import BAD, Immortal, one, pairs_of
from tests.paths import ROOT

REQUEST = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


@pytest.mark.parametrize("delivery", [whole, by_line, by_byte])
def test_a_scenario_is_played_and_confirmed_in_the_delivery_of_the_run(
    delivery: Delivery, monkeypatch: pytest.MonkeyPatch
) -> None:
    delivered = []

    def playing(
        _: Endpoint, conversation: Conversation, __: Patience, ___: threading.Event, **____: Limits
    ) -> Waits[Transcript]:
        yield Wait(0)
        delivered.append(conversation.delivery)
        return BAD

    monkeypatch.setattr("conformance.running.player.playing", playing)
    monkeypatch.setattr("conformance.running.player.Liveness", Immortal)
    (pair,) = pairs_of(one("a.b"))
    with Runner({}, delivery=delivery) as runner:
        (found,) = runner.findings([pair])
        assert found.replayed
    assert delivered == [delivery, delivery]


# The command


def parsed(*arguments: str) -> argparse.Namespace:
    return parser().parse_args(arguments, argparse.Namespace(pytest=[]))


@pytest.mark.parametrize(
    ("arguments", "delivery", "recorded"),
    [
        pytest.param([], whole, {"delivery": "whole"}, id="none given"),
        pytest.param(["--delivery", "whole"], whole, {"delivery": "whole"}, id="whole"),
        pytest.param(["--delivery", "line"], by_line, {"delivery": "line"}, id="line"),
        pytest.param(["--delivery", "byte"], by_byte, {"delivery": "byte"}, id="byte"),
        pytest.param(
            ["--delivery", "cut", "--seed", "7"], at_random(7), {"delivery": "cut", "seed": "7"}, id="cut"
        ),
        pytest.param(
            ["--delivery", "cut", "--seed", "0"], at_random(0), {"delivery": "cut", "seed": "0"}, id="seed 0"
        ),
    ],
)
def test_the_options_choose_the_delivery_and_are_recorded(
    arguments: list[str], delivery: Delivery, recorded: dict[str, str]
) -> None:
    options = parsed(*arguments)
    made, _ = delivery_of(options)
    assert made(REQUEST) == delivery(REQUEST)
    kept = options_to_record(options)
    assert {name: kept[name] for name in ("delivery", "seed") if name in kept} == recorded


def test_without_a_seed_each_run_has_a_new_one() -> None:
    seeds = {delivery_of(parsed("--delivery", "cut"))[1] for _ in range(20)}
    assert len(seeds) > 1


@pytest.mark.parametrize("delivery", ["whole", "line", "byte"])
def test_a_seed_without_random_cuts_is_an_error(delivery: str) -> None:
    with pytest.raises(BadUsage, match="--seed needs --delivery cut"):
        delivery_of(parsed("--delivery", delivery, "--seed", "1"))


def test_a_new_seed_is_printed_recorded_and_repeats_the_cuts(tmp_path: Path) -> None:
    with serving(always(OK)) as server:
        done = subprocess.run(
            [sys.executable, "-m", "conformance", "--delivery", "cut", "--only", "basics.get", server.url],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
    assert done.returncode == Exit.CONFORMING, done.stdout + done.stderr
    record = read(tmp_path / "reports/out/run.jsonl")
    seed = int(record.header["options"]["seed"])
    assert f"--delivery cut --seed {seed} " in done.stdout.splitlines()[0]
    (written,) = [event for event in record.findings[0]["events"] if event["kind"] == Kind.SENT.name]
    pieces = at_random(seed)(written["data"].encode("latin-1"))
    assert written["note"] == f"in {len(pieces)} pieces"
