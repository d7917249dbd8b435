"""Prove the documented profile on the server that was documented: Tornado 1.2.1, unmodified, CPython 2.7.

It finds the interpreter, fetches the release into a work folder outside the checkout, makes the table of
constructor calls on both servers and compares it, starts `witness.py` in plain, over TLS and with client
certificates, and runs the suite on these targets. A scenario that fails here is wrong itself. Where there is
no CPython 2.7, it says so and is content: `python -m tests.original.run`.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from clients.certificates import make_certificates
from conformance.command.command import run
from conformance.command.run_plan import RunPlan
from conformance.errors import BadUsage, Untestable
from conformance.gate import Exit
from conformance.scenarios import SCENARIOS
from conformance.targets.embedded import served_targets
from tests.original.agreement import changes, disagreements, record, recorded, said_by
from tests.paths import ROOT

_RELEASE = "tornado==1.2.1"
_SHA256 = "a0cc7385f85061211816d3e0fa54b2bce30ff6338806f3167de3303ee01beee4"
_WITNESS = Path(__file__).with_name("witness.py")

_SKIPPED = "skipped: no python2.7 found; the documented profile was not compared with the original"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the comparison; return the exit code of the run, or 0 when there is no CPython 2.7."""
    options = _parser().parse_args(arguments)
    interpreter = find_interpreter()
    if interpreter is None:
        print(_SKIPPED)  # noqa: T201
        return Exit.CONFORMING
    with ExitStack() as stack:
        work = options.work or Path(stack.enter_context(TemporaryDirectory(prefix="wirecheck-original-")))
        options.output.mkdir(parents=True, exist_ok=True)
        selection = [*(["-k", options.k] if options.k else []), *options.pytest]
        try:
            release = fetch_release(work)
            disagreed = compare_constructors(interpreter, release, recording=options.record)
            environment = {"PYTHONPATH": str(release), "PYTHONDONTWRITEBYTECODE": "1"}
            commands = {"original": ("documented", [str(interpreter), str(_WITNESS)])}
            log = options.output / "original.log"
            targets = stack.enter_context(served_targets(commands, log, environment))
            code = run(
                RunPlan(
                    targets=targets,
                    checks=SCENARIOS,
                    output=options.output,
                    selection=selection,
                    options={"original": _RELEASE},
                )
            )
        except BadUsage as error:
            return _said(error, Exit.USAGE)
        except Untestable as error:
            return _said(error, Exit.UNTESTABLE)
    return Exit.FAILURES if disagreed and code == Exit.CONFORMING else code


def compare_constructors(interpreter: Path, release: Path, *, recording: bool) -> bool:
    """Compare what the constructors of both servers make, and print how they disagree; tell whether they do.

    recording: whether what the original says is written down first. Raises Untestable.
    """
    with TemporaryDirectory(prefix="wirecheck-original-") as folder:
        certificate = make_certificates(Path(folder)).server
        original = said_by(interpreter, "tornado", certificate, path=release)
        ours = {
            profile: said_by(Path(sys.executable), "reference_server", certificate, profile, path=ROOT)
            for profile in ("HTTP11", "Documented")
        }
    if recording:
        record(original)
    lines = [f"the recording: {line}" for line in changes(recorded(), original)]
    for profile, rows in ours.items():
        lines += [f"{profile}: {line}" for line in disagreements(original, rows)]
    print(f"{len(original)} constructor calls in two profiles: {len(lines)} disagreements")  # noqa: T201
    print("".join(f"{line}\n" for line in lines), end="")  # noqa: T201
    return bool(lines)


def _said(what: Exception, code: Exit) -> Exit:
    print(f"wirecheck: {what}", file=sys.stderr)  # noqa: T201
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tests.original.run",
        description=f"Run the documented profile on the original server, {_RELEASE} under CPython 2.7.",
    )
    parser.add_argument(
        "--work", type=Path, metavar="DIR", help="where the release is kept (default: a temporary folder)"
    )
    parser.add_argument(
        "--output",
        type=Path,
        metavar="DIR",
        default=Path("reports/out/original"),
        help="default: %(default)s",
    )
    parser.add_argument(
        "--record", action="store_true", help="write down what the original says of the constructor calls"
    )
    parser.add_argument("-k", metavar="EXPRESSION", help="play only the scenarios that match, as in pytest")
    parser.add_argument("pytest", nargs="*", metavar="-- PYTEST OPTIONS", help=argparse.SUPPRESS)
    return parser


def find_interpreter() -> Path | None:
    """Find a CPython 2.7 that runs and can speak TLS: on PATH, then among pyenv's versions."""
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    on_path = shutil.which("python2.7")
    candidates = [Path(on_path)] if on_path else []
    candidates += sorted(pyenv.glob("versions/2.7*/bin/python2.7"), reverse=True)
    return next(filter(_runs, candidates), None)


def _runs(interpreter: Path) -> bool:
    """Tell whether it is what its name says; a shim of pyenv's may lead to nothing."""
    question = "import ssl, sys; sys.exit(sys.version_info[:2] != (2, 7))"
    try:
        return subprocess.run([interpreter, "-c", question], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def fetch_release(work: Path) -> Path:
    """Download and unpack the release; return the folder to import it from. Raises Untestable."""
    work.mkdir(parents=True, exist_ok=True)
    wanted = work / "requirement.txt"
    wanted.write_text(f"{_RELEASE} --hash=sha256:{_SHA256}\n", encoding="ascii")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-binary", ":all:", "--require-hashes", "-r", str(wanted), "-d", str(work)]
    downloaded = subprocess.run(command, capture_output=True, text=True, check=False)
    if downloaded.returncode != 0:
        why = downloaded.stderr.strip().splitlines() or ["pip said nothing"]
        raise Untestable(f"the original server could not be downloaded: {why[-1]}")
    folder = work / _RELEASE.replace("==", "-")
    with tarfile.open(f"{folder}.tar.gz") as archive:
        archive.extractall(work, filter="data")
    return folder


if __name__ == "__main__":
    sys.exit(main())
