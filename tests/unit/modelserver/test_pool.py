"""Workers are replaced, also where that cannot be done at once."""

from __future__ import annotations

import asyncio
import errno
import os
from pathlib import Path
from typing import Any, cast

import pytest

from sagehen.modelserver.front.dispatcher import Dispatcher
from sagehen.modelserver.settings import Settings
from sagehen.modelserver.workers import pool as module
from sagehen.modelserver.workers.pool import WorkerPool


class Link:
    pid = None
    ready = True


async def test_a_worker_that_cannot_be_started_is_tried_again_and_leaves_no_descriptors(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    loop = asyncio.get_running_loop()
    tried = 0
    enough = asyncio.Event()

    def fork() -> int:
        nonlocal tried
        tried += 1
        if tried == 3:
            enough.set()
        raise OSError(errno.EAGAIN, "no more processes")

    monkeypatch.setattr(module, "_RESTART_DELAY_S", 0)
    monkeypatch.setattr(os, "fork", fork)
    dispatcher = Dispatcher(loop, timeout_s=60, queue_limit=10, max_wait_s=0)
    pool = WorkerPool(Settings(workers=1), dispatcher, lambda reason: pytest.fail(reason))
    link = cast(Any, Link())
    pool.worker_reported(link, {"ready": 1, "takes_batches": False, "cloned": 0})
    before = len(list(Path("/proc/self/fd").iterdir()))
    pool.worker_lost(link)
    await asyncio.wait_for(enough.wait(), 60)
    pool.close()
    assert capsys.readouterr().err.count("no worker process can be started now: [Errno 11]") >= 2
    assert len(list(Path("/proc/self/fd").iterdir())) == before
