"""A platform's containers at an engine: those that end just now are removed as well."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagehen.executors.containers import own
from sagehen.executors.containers.engine.client import EngineClient
from sagehen.executors.containers.own import OwnContainers
from tests.unit.executors.containers.fake_engine import FakeEngine, answer_of

_ENDING = answer_of("500 Internal Server Error", b'{"message": "container state improper: stopped"}')


@pytest.mark.parametrize(
    ("said", "asked", "stays"),
    [
        ([_ENDING, answer_of("204 No Content")], 2, False),
        ([_ENDING, answer_of("404 Not Found")], 2, False),
        ([b""], 1, True),  # an engine that is gone is not asked again and again
        ([_ENDING] * 3, 3, True),
    ],
)
async def test_one_that_is_just_ending_is_asked_for_again(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    said: list[bytes],
    asked: int,
    stays: bool,
) -> None:
    monkeypatch.setattr(own, "_PAUSES_S", (0.0, 0.0))
    answers = iter(said)
    async with FakeEngine(tmp_path / "s", lambda *_: next(answers)) as engine:
        await OwnContainers(EngineClient(engine.path), "p1").remove("c1")
    assert engine.asked == ["DELETE /containers/c1?force=1&v=1"] * asked
    assert ("stays until the next start" in caplog.text) == stays
