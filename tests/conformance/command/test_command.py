"""The command as users and CI jobs run it: what it prints, its exit codes, and the files it leaves."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest

from conformance.gate import Exit
from conformance.invariants.rules import INVARIANTS
from conformance.record import read
from conformance.scenarios import SCENARIOS
from conformance.targets.embedded import TRANSPORTS, embedded_targets
from conformance.targets.preflight import still_answers
from tests.conformance.scenarios.null_servers import NULL_SERVERS, Behaviour, null_server
from tests.paths import ROOT

# Within this time, in seconds, users are to hear that a target cannot be tested.
TEN_SECONDS = 10
PATIENCE = 60


def start(*arguments: str, output: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "conformance", "--output", str(output), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(*arguments: str, output: Path, timeout: float = PATIENCE) -> tuple[int, str, str]:
    with start(*arguments, output=output) as process:
        try:
            stdout, stderr = process.communicate(timeout=timeout)
        finally:
            process.kill()
        return process.returncode, stdout, stderr


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def answering_first(connections: int) -> Behaviour:
    """Answer on the first connections, as the preflight needs, then fall silent."""
    count = iter(range(10_000))

    def behave(connection: socket.socket) -> None:
        behaviour = NULL_SERVERS["always-200-and-close" if next(count) < connections else "silent"]
        behaviour(connection)

    return behave


def test_the_list_names_every_scenario(tmp_path: Path) -> None:
    code, stdout, _ = run("--list", output=tmp_path)
    assert code == Exit.CONFORMING
    checks = [*SCENARIOS, *INVARIANTS]
    assert [line.split()[0] for line in stdout.splitlines()] == [check.id for check in checks]


def test_the_list_of_a_profile_is_shorter(tmp_path: Path) -> None:
    _, stdout, _ = run("--list", "--profile", "documented", output=tmp_path)
    documented = [scenario.id for scenario in SCENARIOS if scenario.profile == "documented"]
    assert [line.split()[0] for line in stdout.splitlines()] == documented


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        pytest.param(["127.0.0.1:8080"], "is not a URL of the form", id="no scheme"),
        pytest.param(["ftp://127.0.0.1/"], "is not a URL of the form", id="another scheme"),
        pytest.param(["http://user@127.0.0.1/"], "has a user name", id="user name"),
        pytest.param(["http://127.0.0.1/", "--ca", "x.pem"], "plain http", id="authority for plain http"),
        pytest.param(["https://127.0.0.1/", "--ca", "/nowhere.pem"], "cannot be used", id="no such file"),
        pytest.param(["--insecure"], "--insecure needs a URL", id="option without URL"),
        pytest.param(["--profil", "http11"], "unrecognized arguments", id="option cut short"),
        pytest.param(["http://a/", "--server-url", "http://b/"], "not allowed with", id="two URLs"),
        pytest.param(["--patience", "0"], "'0' must be above 0", id="patience of zero"),
        pytest.param(["--patience", "nan"], "'nan' must be above 0", id="patience that is not a number"),
        pytest.param(["--concurrency", "0"], "'0' must be a positive whole number", id="no connections"),
    ],
)
def test_invalid_arguments_are_one_sentence(arguments: list[str], sentence: str, tmp_path: Path) -> None:
    code, stdout, stderr = run(*arguments, output=tmp_path)
    assert code == Exit.USAGE
    assert stdout == ""
    assert sentence in stderr.splitlines()[-1]
    assert "Traceback" not in stderr


def test_a_refused_connection_is_one_sentence(tmp_path: Path) -> None:
    code, stdout, stderr = run(f"http://127.0.0.1:{free_port()}/", output=tmp_path, timeout=TEN_SECONDS)
    assert code == Exit.UNTESTABLE
    assert stdout == ""
    assert len(stderr.splitlines()) == 1
    assert "Connection refused" in stderr


@pytest.mark.parametrize(
    ("server", "sentence"),
    [
        ("silent", "fell silent without closing the connection"),
        ("closing", "sent nothing in response to a plain GET"),
        ("garbage", "not a complete HTTP/1.x response"),
        ("always-400", "answers a plain GET with 400"),
    ],
)
def test_a_server_that_does_not_answer_a_plain_get_is_one_sentence(
    server: str, sentence: str, tmp_path: Path
) -> None:
    with null_server(NULL_SERVERS[server]) as url:
        code, stdout, stderr = run(url, output=tmp_path, timeout=TEN_SECONDS)
    assert code == Exit.UNTESTABLE
    assert stdout == ""
    assert len(stderr.splitlines()) == 1
    assert sentence in stderr


def test_tls_spoken_to_a_plain_server_is_one_sentence(tmp_path: Path) -> None:
    with null_server(NULL_SERVERS["always-200"]) as url:
        code, _, stderr = run(url.replace("http:", "https:"), output=tmp_path, timeout=TEN_SECONDS)
    assert code == Exit.UNTESTABLE
    assert "cannot be tested" in stderr


def test_a_witness_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with null_server(NULL_SERVERS["always-200"]) as url:
        code, _, stderr = run(url, "--witness", "/here", output=tmp_path)
    assert code == Exit.USAGE
    assert "there is no witness" in stderr


def test_a_selection_that_matches_nothing_is_an_error(tmp_path: Path) -> None:
    with null_server(NULL_SERVERS["always-200"]) as url:
        code, _, stderr = run(url, "-k", "no-such-scenario", output=tmp_path)
    assert code == Exit.USAGE
    assert stderr == "wirecheck: no scenario is selected by -k no-such-scenario\n"


def test_each_line_of_a_record_follows_the_schema(tmp_path: Path) -> None:
    schema = json.loads((ROOT / "conformance" / "record.schema.json").read_text(encoding="utf-8"))
    with null_server(NULL_SERVERS["always-200"]) as url:
        run(url, "--only", "basics.get", output=tmp_path)
    lines = (tmp_path / "run.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        jsonschema.validate(json.loads(line), schema)
    assert [json.loads(line)["type"] for line in (lines[0], lines[1], lines[-1])] == [
        "header",
        "finding",
        "footer",
    ]


def test_a_failure_fails_the_gate_and_is_reported(tmp_path: Path) -> None:
    with null_server(NULL_SERVERS["always-200"]) as url:
        code, stdout, stderr = run("--server-url", url, "-k", "host.refused-missing", output=tmp_path)
    assert code == Exit.FAILURES, stderr
    lines = [line.strip() for line in stdout.splitlines()]
    for label in ("requirement", "expected", "observed"):
        assert any(line.startswith(label) for line in lines)
    assert "1 FAIL" in stdout
    assert "report.html" in stdout
    assert {"run.jsonl", "report.html", "junit.xml"} <= {path.name for path in tmp_path.iterdir()}
    assert [finding["verdict"] for finding in read(tmp_path / "run.jsonl").findings] == ["FAIL"]


def test_a_run_in_which_nothing_applies_verifies_nothing(tmp_path: Path) -> None:
    with null_server(NULL_SERVERS["always-200"]) as url:
        code, stdout, _ = run(url, "-k", "tls.protocol", output=tmp_path)
    assert code == Exit.NOTHING_VERIFIED
    assert "1 NOT APPLICABLE" in stdout


def test_the_embedded_server_is_tested_without_a_url(tmp_path: Path) -> None:
    code, stdout, stderr = run("-k", "basics.get or lines.get", output=tmp_path)
    assert code == Exit.CONFORMING, stdout + stderr
    assert stderr == ""
    record = read(tmp_path / "run.jsonl")
    assert {target["profile"] for target in record.header["targets"]} == {"http11", "documented"}
    assert {finding["verdict"] for finding in record.findings} == {"PASS"}


def test_options_after_two_dashes_go_to_pytest(tmp_path: Path) -> None:
    code, stdout, _ = run("-k", "basics.get", "--", "--collect-only", "-vv", output=tmp_path)
    assert "basics.get" in stdout
    assert code == Exit.CONFORMING


def test_the_reader_of_the_output_may_leave_early(tmp_path: Path) -> None:
    with start("--list", output=tmp_path) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.readline()
        process.stdout.close()
        assert "Traceback" not in process.stderr.read()


@pytest.fixture
def hanging(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """The command in the middle of a run against a server that has fallen silent."""
    # The preflight makes two plain requests; measuring with one connection at a time makes six.
    with (
        null_server(answering_first(8)) as url,
        start("--concurrency", "1", url, output=tmp_path) as process,
    ):
        wait_for_header(tmp_path / "run.jsonl", process)
        yield process
        process.kill()


def wait_for_header(record: Path, process: subprocess.Popen[str]) -> None:
    last_moment = time.monotonic() + PATIENCE
    while not (record.exists() and record.read_text().startswith('{"type": "header"')):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < last_moment
        time.sleep(0.01)  # a poll with a deadline: nothing announces what another process writes


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_keeps_its_record(
    number: signal.Signals, hanging: subprocess.Popen[str], tmp_path: Path
) -> None:
    hanging.send_signal(number)
    stdout, stderr = hanging.communicate(timeout=PATIENCE)
    assert hanging.returncode == Exit.INTERRUPTED, stdout + stderr
    record = read(tmp_path / "run.jsonl")
    assert record.footer is not None
    assert record.footer["complete"] is False
    assert "cut off" in stdout
    assert_the_reports_list_what_was_not_run(tmp_path)


def assert_the_reports_list_what_was_not_run(output: Path) -> None:
    left = read(output / "run.jsonl").not_run
    assert left
    page = (output / "report.html").read_text()
    assert all(f"<li><code>{name}</code></li>" in page for name in left)


def test_a_killed_run_keeps_its_record(hanging: subprocess.Popen[str], tmp_path: Path) -> None:
    hanging.kill()
    hanging.communicate(timeout=PATIENCE)
    record = tmp_path / "run.jsonl"
    assert read(record).footer is None
    shown = subprocess.run(
        [sys.executable, "-m", "reports", str(record)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert "The run was cut off" in shown.stdout
    assert_the_reports_list_what_was_not_run(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_child_outlives_its_run(number: signal.Signals, tmp_path: Path) -> None:
    with start("--profile", "http11", output=tmp_path) as process:
        wait_for_header(tmp_path / "run.jsonl", process)
        children = children_of(process.pid)
        process.send_signal(number)
        process.communicate(timeout=PATIENCE)
    assert len(children) == len(TRANSPORTS)
    last_moment = time.monotonic() + PATIENCE
    while any(is_running(child) for child in children):
        assert time.monotonic() < last_moment
        time.sleep(0.01)  # a poll with a deadline: their parent is gone, so nothing waits for them


def children_of(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


def is_running(pid: int) -> bool:
    """Whether the process exists and has not ended; a zombie has ended."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"


def test_embedded_servers_end_with_the_run(tmp_path: Path) -> None:
    with embedded_targets(tmp_path / "log", ("http11",)) as targets:
        assert all(still_answers(target) for target in targets)
    assert not any(still_answers(target) for target in targets)


def test_embedded_servers_end_with_a_run_that_is_killed(tmp_path: Path) -> None:
    script = (
        "import json, pathlib, sys\n"
        "from conformance.targets.embedded import TRANSPORTS, embedded_targets\n"
        "with embedded_targets(pathlib.Path(sys.argv[1]), ('http11',)) as targets:\n"
        "    print(json.dumps([target.endpoint.port for target in targets]), flush=True)\n"
        "    sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "log")],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        ports = json.loads(process.stdout.readline())
        process.kill()
    last_moment = time.monotonic() + PATIENCE
    while any(accepts(port) for port in ports):
        assert time.monotonic() < last_moment
        time.sleep(0.01)  # a poll with a deadline: their parent is gone, so nothing waits for them


def accepts(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
