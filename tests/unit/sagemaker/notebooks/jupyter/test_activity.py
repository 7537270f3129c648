"""When somebody last did something, as JupyterLab tells it."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from socket import socket
from typing import Any, cast

import pytest

from sagehen.executors.machines.machine import Machine
from sagehen.services.sagemaker.notebooks.jupyter import asking
from sagehen.services.sagemaker.notebooks.jupyter.asking import NoAnswer
from sagehen.services.sagemaker.notebooks.jupyter.server import JupyterServer

LONG_AGO = "2026-01-01T00:00:00.000000Z"


class Answers(JupyterServer):
    """A server whose JupyterLab says what the test wants."""

    def __init__(self, kernels: Any) -> None:
        self.kernels = kernels
        super().__init__(
            cast(Machine, None), token="", base_path="/", output=print, path="", on_stop=lambda: None
        )

    last = LONG_AGO

    async def _ask(self, path: str) -> bytes:
        if self.kernels is None:
            raise NoAnswer
        # To be asked is no activity: neither of these counts as one.
        assert path in ("api/kernels?no_track_activity=1", "api/status")
        return json.dumps(self.kernels if "kernels" in path else {"last_activity": self.last}).encode()


@pytest.mark.parametrize("kernels", [[], [{"execution_state": "idle"}]])
async def test_idle_kernels_leave_it_to_what_was_done_last(kernels: Any) -> None:
    assert await Answers(kernels).last_activity() == datetime(2026, 1, 1, tzinfo=UTC)


async def test_a_silent_cell_that_works_is_activity() -> None:
    found = await Answers([{"execution_state": "idle"}, {"execution_state": "busy"}]).last_activity()
    assert found is not None
    assert datetime.now(UTC) - found < timedelta(minutes=1)


@pytest.mark.parametrize("kernels", [None, [{}], 7])
async def test_nobody_knows(kernels: Any) -> None:
    assert await Answers(kernels).last_activity() is None


async def test_a_time_of_no_zone_is_none() -> None:
    answers = Answers([])
    answers.last = "2026-01-01T00:00:00"
    assert await answers.last_activity() is None


async def test_whoever_takes_no_connection_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asking, "_PATIENCE_S", 0.01)

    async def connect() -> socket:
        await asyncio.Event().wait()
        raise AssertionError

    with pytest.raises(NoAnswer):
        await asking.ask(connect, "/", "t")
