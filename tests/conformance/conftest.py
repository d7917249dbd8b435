"""Puts a stage in the place of the driver."""

import pytest

from tests.conformance.staged import Stage


@pytest.fixture
def stage(monkeypatch: pytest.MonkeyPatch) -> Stage:
    stage = Stage()
    monkeypatch.setattr("conformance.runner.play", stage.play)
    return stage
