"""Try the published flaws: the suite has to see each of them on the release that has it, and only there.

Both releases are installed into a work folder, started with the witness mounted, and played with the whole
corpus: `python -m tests.published.run [NAME...] --work DIR`. It prints what FAILs on the flawed release
alone, and ends with 1 if a flaw is not seen that has to be. What the flaws are is in `flaws.py`.
"""

import argparse
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import gettempdir

from conformance.record import read
from tests.conformance.scripted_server import free_port
from tests.published.flaws import FLAWS, Flaw, Release

_HERE = Path(__file__).parent
_ROOT = _HERE.parent.parent
_LONGEST_INSTALL = 600
_LONGEST_RUN = 600
_BAD = ("FAIL", "RISK")


@dataclass(frozen=True, kw_only=True)
class Sight:
    """What the suite saw of a flaw: ids that are bad on the flawed release alone, and on the mended alone."""

    flaw: Flaw
    flawed_only: frozenset[str]
    mended_only: frozenset[str]
    on_both: frozenset[str]

    @property
    def seen(self) -> bool:
        """Whether one of the named scenarios tells the releases apart."""
        return any(fnmatchcase(name, pattern) for name in self.flawed_only for pattern in self.flaw.seen_by)

    def __str__(self) -> str:
        ids = " ".join(sorted(self.flawed_only)) or "nothing"
        both = len(self.on_both)
        return (
            f"{self.flaw.name}: {ids}\n    (on both {both}; on the mended only: {sorted(self.mended_only)})"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the flaws that are named, or all; return 1 if one is not seen that has to be."""
    parser = argparse.ArgumentParser(prog="python -m tests.published.run", description="Try published flaws.")
    parser.add_argument("names", nargs="*", metavar="NAME", help="names of flaws (default: all)")
    parser.add_argument(
        "--work", type=Path, metavar="DIR", default=Path(gettempdir()) / "wirecheck-published",
        help="where releases are installed, and kept (default: %(default)s)",
    )  # fmt: skip
    parser.add_argument("--again", action="store_true", help="play again what was played already")
    options = parser.parse_args(arguments)
    missed = 0
    for flaw in FLAWS:
        if not options.names or any(name in flaw.name for name in options.names):
            sight = look(flaw, options.work, again=options.again)
            print(sight, flush=True)  # noqa: T201
            missed += bool(flaw.seen_by) and not sight.seen
    return 1 if missed else 0


def look(flaw: Flaw, work: Path, *, again: bool) -> Sight:
    """Play both releases and compare."""
    bad = {}
    for which, release in (("flawed", flaw.flawed), ("mended", flaw.mended)):
        folder = work / f"{flaw.name.replace(' ', '-')}-{which}"
        places = install(release, work, folder)
        output = folder / "out"
        if again or not (output / "run.jsonl").exists():
            play(flaw, places, output)
        bad[which] = frozenset(bad_ids(output))
    return Sight(
        flaw=flaw,
        flawed_only=bad["flawed"] - bad["mended"],
        mended_only=bad["mended"] - bad["flawed"],
        on_both=bad["flawed"] & bad["mended"],
    )


def install(release: Release, work: Path, folder: Path) -> dict[str, str]:
    """Install a release, unless it is there; return what a command's placeholders stand for."""
    home = work / "-".join(release.packages).replace("/", "-").replace("<", "-")
    folder.mkdir(parents=True, exist_ok=True)
    if not (home / "installed").exists():
        home.mkdir(parents=True, exist_ok=True)
        if release.npm:
            _do(["npm", "install", "--silent", "--prefix", str(home), *release.packages])
        else:
            _do([sys.executable, "-m", "venv", str(home)])
            _do([str(home / "bin/python"), "-m", "pip", "install", "--quiet", *release.packages])
        (home / "installed").touch()
    return {
        "python": str(home / "bin/python"),
        "venv": str(home),
        "npm": str(home),
        "work": str(folder),
        "here": str(_HERE),
        "witnesses": str(_ROOT / "reference_server/witness"),
    }


def _do(command: Sequence[str], **environment: str) -> None:
    subprocess.run(command, check=True, timeout=_LONGEST_INSTALL, env={**os.environ, **environment})


def play(flaw: Flaw, places: dict[str, str], output: Path) -> None:
    """Play the corpus on a release that is installed."""
    port = str(free_port())
    if flaw.build:
        _do(shlex.split(flaw.build.format(**places)), CGO_ENABLED="0")
    command = [sys.executable, "-m", "conformance", f"http://127.0.0.1:{port}/", "--quiet"]
    command += ["--spawn", flaw.command.format(port=port, **places), "--output", str(output)]
    environment = {**os.environ, **flaw.environment, "PYTHONPATH": str(_ROOT)}
    output.mkdir(parents=True, exist_ok=True)
    with (output / "terminal.txt").open("wb") as terminal:
        subprocess.run(
            command, env=environment, timeout=_LONGEST_RUN, check=False, stdout=terminal, stderr=terminal
        )


def bad_ids(output: Path) -> Iterator[str]:
    """Yield the ids of the scenarios whose verdict would close the gate."""
    for finding in read(output / "run.jsonl").findings:
        if finding["verdict"] in _BAD:
            yield finding["scenario"]


if __name__ == "__main__":
    sys.exit(main())
