"""`--sandbox=off`: the same functions as plain processes, each with a Runtime API on a port of the host."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from sagehen.domain.clock import SystemClock
from sagehen.domain.ids import Ids
from sagehen.executors.debug.executor import DebugExecutor
from sagehen.services.lambda_.execution.local_environments import LocalEnvironments

from .conftest import Functions, KeptLogs, OneRole, event
from .test_extensions import FOLLOWS


async def test_functions_run_as_plain_processes(tmp_path: Path) -> None:
    clock = SystemClock()
    executor = DebugExecutor(tmp_path / "runtime", clock=clock)
    roles, logs = OneRole(), KeptLogs()
    environments = LocalEnvironments(
        executor=executor,
        folder=tmp_path / "environments",
        roles=roles,  # type: ignore[arg-type]
        logs=logs,
        clock=clock,
        ids=Ids(),
        platform_port=4566,
        ca_file=None,
    )
    await environments.prewarm()
    functions = Functions(environments, tmp_path, roles, logs)
    source = "import shade\ndef handler(event, context): print('hi'); return [event, shade.x]\n"
    # An extension too, which hears of the end in the end.
    layer = {"python/shade.py": "x = 5", "extensions/follows": FOLLOWS}
    two = [await functions.start(source, layers=[layer], timeout_s=30) for _ in range(2)]
    outcomes = await asyncio.gather(*(one.invoke(event(b"%d" % n)) for n, one in enumerate(two)))
    assert [json.loads(outcome.payload) for outcome in outcomes] == [[0, 5], [1, 5]]
    assert all("\nhi\n" in outcome.log_tail for outcome in outcomes)
    await environments.close()
    for lines in logs.lines.values():
        assert [line for line in lines if line.startswith("follows ")][-1] == (
            'follows ["SHUTDOWN", "spindown"]\n'
        )
    await executor.close()
