"""Puts a stage in the place of the driver."""

import pytest

from tests.conformance.staged import Immortal, Stage


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage()
    monkeypatch.setattr("conformance.runner.playing", stage.playing)
    monkeypatch.setattr("conformance.runner.Life", Immortal)
    return stage
