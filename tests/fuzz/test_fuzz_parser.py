"""The fuzz target itself: its laws hold for its seeds, can be broken, and need no atheris."""

import importlib
from collections.abc import Iterator

import pytest

from reference_server.parsing.http11 import HTTP11
from reference_server.parsing.message import Refusal
from tests.fuzz import fuzz_parser


@pytest.mark.parametrize("seed", fuzz_parser.SEEDS)
def test_the_laws_hold_for_the_seeds(seed: bytes) -> None:
    fuzz_parser.Laws().hold(seed)


def test_a_law_that_does_not_hold_is_an_exception(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise Refusal(999, "no such status")

    monkeypatch.setattr(HTTP11, "read_head", broken)
    with pytest.raises(AssertionError, match="999"):
        fuzz_parser.Laws().hold(fuzz_parser.SEEDS[0])


def test_without_atheris_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(importlib, "import_module", missing)
    assert fuzz_parser.main([]) == 0
    assert capsys.readouterr().out.startswith("skipped: atheris is not available for Python 3.")


@pytest.mark.parametrize(
    ("module", "name", "seed"),
    [
        ("forms", "decoded_pieces", b"a=%41%42%43%44%45"),
        ("multipart", "gather", fuzz_parser.SEEDS[4].replace(b"1", b"a value of some octets")),
        ("multipart", "find_parts", fuzz_parser.SEEDS[4]),
        ("forms", "decode", fuzz_parser.SEEDS[5]),
    ],
)
def test_a_law_of_forms_that_does_not_hold_is_an_exception(
    module: str, name: str, seed: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> Iterator[None]:
        yield from ()

    target = importlib.import_module(f"reference_server.parsing.{module}")
    monkeypatch.setattr(target, name, bytes.upper if name == "decode" else broken)
    with pytest.raises(AssertionError, match=r"arguments|parts|form"):
        fuzz_parser.Laws().hold(seed)
