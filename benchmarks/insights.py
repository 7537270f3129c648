"""A query of Logs Insights over many events, and what it does to the platform's event loop meanwhile."""

from __future__ import annotations

import asyncio
import json
import tempfile
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from benchmarks.table import Row, Table, milliseconds, per_second
from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply
from sagehen.domain.clock import SystemClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.service import CloudWatchService
from sagehen.services.logs.service import LogsService
from sagehen.store.database import Database

EVENTS = 1_000_000
_SCOPE = Scope("111122223333", "us-east-1")
_GROUP = "/aws/lambda/f"
_STREAMS = 8
_BATCH = 2_000
_TICK_S = 0.002
QUERIES = {
    "everything counted": "stats count(*)",
    "cold starts and memory by half hours": 'filter @type="REPORT" | stats max(@memorySize/1000/1000),'
    " avg(@duration), pct(@duration, 99), count(@initDuration) by bin(30m)",
    "members of JSON counted": 'filter level = "ERROR" | stats count(*) by path',
    "a regular expression, the newest twenty": "fields @timestamp, @message"
    " | filter @message like /ERR.R/ | sort @timestamp desc | limit 20",
    "a wildcard cut out and summed": 'parse @message "took * ms" as took | stats sum(took)',
}


def measure(say: Callable[[str], None]) -> Table:
    """Store a million events, and ask five questions of them, through the handlers of the service."""
    found, idle_s = asyncio.run(_measure(say))
    return Table(
        f"Logs Insights over {EVENTS:,} events",
        method="StartQuery to Complete, most of it in a process beside the platform: lines of a function in"
        f" {_STREAMS} streams, a quarter of them reports, the others JSON; each question once. A pause: how"
        " much later than asked the event loop of the platform"
        f" woke from a sleep of {_TICK_S * 1000:.0f} ms; the longest without a query:"
        f" {milliseconds(idle_s)}.",
        rows=[
            Row(
                what,
                per_second(EVENTS / took_s),
                note=f"{took_s:.1f} s; longest pause {milliseconds(pause_s)},"
                f" 99 of 100 under {milliseconds(most_s)}; the platform's own processor time {own_s:.2f} s",
            )
            for what, (took_s, pause_s, most_s, own_s) in found.items()
        ],
    )


async def _measure(say: Callable[[str], None]) -> tuple[dict[str, tuple[float, ...]], float]:
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        async with _service(Path(folder)) as logs:
            await _store(logs, say)
            pauses: list[float] = []
            await _watched(asyncio.sleep(5), pauses)
            idle_s = max(pauses)
            for what, query in QUERIES.items():
                say(what)
                pauses = []
                began, own = time.perf_counter(), time.process_time()
                await _watched(_ask(logs, query), pauses)
                took_s, own_s = time.perf_counter() - began, time.process_time() - own
                found[what] = (took_s, max(pauses), sorted(pauses)[len(pauses) * 99 // 100], own_s)
    return found, idle_s


@asynccontextmanager
async def _service(folder: Path) -> AsyncIterator[LogsService]:
    database, clock, ids = Database(folder / "metadata.sqlite"), SystemClock(), Ids()
    cloudwatch = CloudWatchService(database=database, clock=clock, ids=ids)
    logs = LogsService(
        database=database, clock=clock, ids=ids, metrics=cloudwatch.sink, logged=cloudwatch.logged
    )
    await logs.start()
    try:
        yield logs
    finally:
        await logs.stop()
        database.close()


async def _store(logs: LogsService, say: Callable[[str], None]) -> None:
    now_ms = int(time.time() * 1000)
    await _call(logs, "CreateLogGroup", {"logGroupName": _GROUP})
    for number in range(_STREAMS):
        await _call(logs, "CreateLogStream", {"logGroupName": _GROUP, "logStreamName": _stream(number)})
    for start in range(0, EVENTS, _BATCH):
        if start % 100_000 == 0:
            say(f"{start:,} events stored")
        events = [(now_ms - EVENTS + number, _line(number)) for number in range(start, start + _BATCH)]
        await _put(logs, _stream(start // _BATCH % _STREAMS), events)


def _stream(number: int) -> str:
    return f"2026/01/01/[$LATEST]{number:032x}"


async def _put(logs: LogsService, stream: str, events: list[tuple[int, str]]) -> None:
    names = {"logGroupName": _GROUP, "logStreamName": stream}
    shown = [{"timestamp": at_ms, "message": message} for at_ms, message in events]
    await _call(logs, "PutLogEvents", {**names, "logEvents": shown})


def _line(number: int) -> str:
    if number % 4:
        level = "ERROR" if number % 50 == 1 else "INFO"
        document = {"level": level, "path": f"/p{number % 7}", "user": {"id": number % 1000}}
        return json.dumps(document | {"said": f"took {number % 300} ms"})
    init = "Init Duration: 140.10 ms\t" if number % 400 == 0 else ""
    took = number % 997
    return (
        f"REPORT RequestId: 989ffbf8-9ace-4817-a57c-{number:012x}\tDuration: {took}.25 ms\t"
        f"Billed Duration: {took + 1} ms\tMemory Size: 128 MB\tMax Memory Used: {40 + number % 20} MB\t{init}"
    )


async def _ask(logs: LogsService, query: str) -> None:
    now_s = int(time.time())
    asked = {
        "logGroupName": _GROUP,
        "startTime": now_s - 7200,
        "endTime": now_s + 60,
        "queryString": query,
    }
    query_id = (await _call(logs, "StartQuery", asked))["queryId"]
    while (found := await _call(logs, "GetQueryResults", {"queryId": query_id}))["status"] != "Complete":
        await asyncio.sleep(0.25)
    assert found["statistics"]["recordsScanned"] == EVENTS
    assert found["results"]


async def _call(logs: LogsService, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    handlers = {bound.name: bound.handler for bound in logs.services[0].operations()}
    root = Principal(PrincipalKind.ROOT, "arn:aws:iam::111122223333:root", _SCOPE.account_id)
    context = RequestContext("r", "logs", operation, _SCOPE, root, SystemClock().now())
    reply = await handlers[operation](context, request)
    return dict((reply.result if isinstance(reply, Reply) else reply) or {})


async def _watched(work: Any, pauses: list[float]) -> None:
    async def watch() -> None:
        while True:
            began = time.perf_counter()
            await asyncio.sleep(_TICK_S)
            pauses.append(time.perf_counter() - began - _TICK_S)

    watching = asyncio.create_task(watch())
    await work
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
