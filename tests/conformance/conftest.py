"""Puts a stage in the place of the driver."""

import pytest

from tests.conformance.staged_server import Immortal, Stage


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage()
    monkeypatch.setattr("conformance.running.player.playing", stage.playing)
    monkeypatch.setattr("conformance.running.player.Liveness", Immortal)
    return stage
