"""The machine's own document, of this machine."""

from __future__ import annotations

import json
import logging
import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from sagehen.app.recent_errors import RecentErrors
from sagehen.console.documents.doing import Doing, LoggedError
from sagehen.console.documents.machine import Machine
from sagehen.executors.base import Executor, ExecutorState, Limits, Usage, WarmState

from .asked import NOW, Table

ERROR = LoggedError(NOW, "ERROR", "sagehen.gateway", "request failed")


async def test_what_is_told(tmp_path: Path) -> None:
    spec: Any = SimpleNamespace(name="job-1", limits=Limits(2.0, 512), warm_parent="torch")
    sandbox: Any = SimpleNamespace(pid=os.getpid(), usage=lambda: Usage(1.5, 1000, 2000))
    state = ExecutorState(
        "cgroup v2", ((spec, sandbox),), (WarmState("bare", os.getpid(), 1), WarmState("gone", 2**22 + 1, 0))
    )
    doing = Doing("0.1", NOW, 60.0, "namespaces", (3, 4096), (ERROR,))
    machine = Machine(cast(Executor, SimpleNamespace(state=lambda: state)), tmp_path, lambda: doing)
    document = json.loads(json.dumps(await machine(Table({}), {})))
    assert document["sandboxes"] == [
        {
            "name": "job-1", "pid": os.getpid(), "cpuSeconds": 1.5, "cpus": 2.0, "memoryBytes": 1000,
            "peakMemoryBytes": 2000, "memoryLimitBytes": 512 << 20, "warmParent": "torch",
        }
    ]  # fmt: skip
    assert [warm["name"] for warm in document["warm"]] == ["bare", "gone"]
    assert document["warm"][0]["memoryBytes"] > 1 << 20 and document["warm"][1]["memoryBytes"] is None
    assert document["connections"] == {"open": 3, "limit": 4096} and document["timeScale"] == 60
    assert document["errors"][0]["message"] == "request failed" and document["limits"] == "cgroup v2"
    assert 0 < document["disk"]["freeBytes"] <= document["disk"]["totalBytes"]
    assert document["host"]["cpus"] >= 1 and document["platform"]["openFiles"] > 2


def record(level: int, message: str, *arguments: object, logger: str = "sagehen.x") -> logging.LogRecord:
    return logging.LogRecord(logger, level, __file__, 1, message, arguments, None)


def test_errors_of_the_last_hour() -> None:
    errors = RecentErrors()
    logger = logging.getLogger("sagehen.test")
    errors.begin()
    try:
        logger.warning("odd \x1b[31m %s", "too much")
        try:
            raise ValueError("the cause")
        except ValueError:
            logger.exception("it failed")
    finally:
        errors.end()
    logger.error("nobody listens any more")
    messages = [one.message for one in errors.since_an_hour()]
    assert messages == ["it failed: ValueError: the cause", "odd \\x1b[31m too much"]


def test_which_lines_are_kept() -> None:
    errors = RecentErrors()
    errors.emit(record(logging.INFO, "nothing"))
    errors.emit(record(logging.INFO, "GET / 500", logger="sagehen.access"))
    errors.emit(record(logging.ERROR, "%d", "no number"))
    errors.emit(record(logging.ERROR, "x" * 5000))
    found = errors.since_an_hour()
    assert [one.message[:9] for one in found] == ["x" * 9, "%d", "GET / 500"] and len(
        found[0].message
    ) == 1000
    old = record(logging.ERROR, "old")
    old.created = 0.0
    errors.emit(old)
    assert len(errors.since_an_hour()) == 3
    for number in range(300):
        errors.emit(record(logging.ERROR, "%d", number))
    assert len(errors.since_an_hour()) == 200 and errors.since_an_hour()[0].message == "299"
