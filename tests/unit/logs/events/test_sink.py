"""The sink: lines of everything that runs become events, all of them or with a tale of those that did not."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from sagehen.domain.clock import ManualClock
from sagehen.domain.ids import Ids
from sagehen.services.logs.events.outbox import Outbox
from sagehen.services.logs.events.quota import StreamQuota
from sagehen.services.logs.events.records import EventRecords
from sagehen.services.logs.events.sink import BufferedLogSink
from sagehen.services.logs.service import LogsService
from sagehen.store.database import Database
from tests.unit.logs.calls import GROUP, NAMES, STREAM, now_ms
from tests.unit.logs.conftest import SCOPE, Call, KeptMetrics


async def test_sink_lines_become_readable_by_themselves(
    logs: LogsService, call: Call, clock: ManualClock
) -> None:
    logs.sink.write(SCOPE, GROUP, STREAM, [(now_ms(clock), "hello"), (now_ms(clock), "")])
    async with asyncio.timeout(60):
        while not (await call("DescribeLogGroups"))["logGroups"]:
            await asyncio.sleep(0.005)
    assert [event["message"] for event in (await call("GetLogEvents", **NAMES))["events"]] == ["hello"]


async def test_sink_keeps_order_across_flushes_and_restarts(
    database: Database, clock: ManualClock, ids: Ids
) -> None:
    for life in range(2):
        service = LogsService(
            database=database, clock=clock, ids=ids, metrics=KeptMetrics(), logged=KeptMetrics()
        )
        await service.start()
        for i in range(50):
            service.sink.write(SCOPE, GROUP, STREAM, [(now_ms(clock), f"{life}-{i}")])
            if i % 10 == 0:
                await service.sink.flush()
        await service.stop()
    messages = [row["message"] for row in database.all("SELECT message FROM log_events")]
    assert messages == [f"{life}-{i}" for life in range(2) for i in range(50)]


async def test_sink_keeps_every_line_of_a_flood(logs: LogsService, database: Database) -> None:
    line = "epoch 1 step 1000 train_loss=0.1234 " + "x" * 60
    for i in range(20_000):
        logs.sink.write(SCOPE, GROUP, f"s{i % 4}", [(i, line)])
        if i % 1000 == 0:
            await asyncio.sleep(0)
    await logs.sink.flush()
    row = database.one("SELECT count(*) AS n FROM log_events")
    assert row is not None and row["n"] == 20_000


async def test_a_full_buffer_says_what_it_lost(
    database: Database, logs: LogsService, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    sink = BufferedLogSink(database, EventRecords(database, Outbox(database)), clock, capacity_bytes=1900)
    sink.start()
    for _ in range(12):
        sink.write(SCOPE, GROUP, STREAM, [(now_ms(clock), "0123456789")])
    await sink.flush()
    await asyncio.wait_for(sink.ready(), 1)
    await sink.stop()
    messages = [row["message"] for row in database.all("SELECT message FROM log_events")]
    assert messages[:10] == ["0123456789"] * 10
    assert "2 lines were lost" in messages[10]
    assert "2 lines" in caplog.text


async def test_a_stream_over_its_quota_says_what_was_left_out(
    database: Database, logs: LogsService, clock: ManualClock
) -> None:
    quota = StreamQuota[Any](burst_bytes=360, bytes_per_s=0)
    sink = BufferedLogSink(database, EventRecords(database, Outbox(database)), clock, quota=quota)
    sink.start()
    for stream in ("loud", "quiet"):
        for _ in range(12 if stream == "loud" else 2):
            sink.write(SCOPE, GROUP, stream, [(now_ms(clock), "0123456789")])
    await sink.flush()
    await sink.stop()
    messages = [row["message"] for row in database.all("SELECT message FROM log_events")]
    assert messages.count("0123456789") == 12
    [tale] = [message for message in messages if message != "0123456789"]
    assert tale.startswith("sagehen: 2 lines (0.0 MB) were left out here")


@pytest.mark.parametrize(("bound", "most"), [("BYTES", 1000), ("LINES", 10)])
async def test_the_sink_stores_a_flood_in_several_transactions(
    logs: LogsService, call: Call, monkeypatch: pytest.MonkeyPatch, bound: str, most: int
) -> None:
    stored: list[int] = []
    append = EventRecords.append

    def counted(self: EventRecords, tx: Any, batch: Any, now_ms: int) -> None:
        stored.append(sum(len(message) for events in batch.values() for _, message in events))
        append(self, tx, batch, now_ms)

    monkeypatch.setattr(EventRecords, "append", counted)
    monkeypatch.setattr(f"sagehen.services.logs.events.sink._BATCH_{bound}", most)
    logs.sink.write(SCOPE, GROUP, STREAM, [(i, f"{i:0100d}") for i in range(50)])
    logs.sink.write(SCOPE, GROUP, "other", [(0, "y")])
    await logs.sink.flush()
    assert max(stored) <= 1001 and sum(stored) == 5001
    assert stored[0] == 1000 and stored[1] % 100 == 1, "the other stream waits for one transaction alone"
    events = (await call("GetLogEvents", **NAMES, startFromHead=True))["events"]
    assert [int(event["message"]) for event in events] == list(range(50))


async def test_a_line_that_utf_8_cannot_hold_holds_up_no_other(logs: LogsService, call: Call) -> None:
    logs.sink.write(SCOPE, GROUP, STREAM, [(1, "file \udcff"), (2, "\ud800"), (3, "é")])
    await logs.sink.flush()
    events = (await call("GetLogEvents", **NAMES, startFromHead=True))["events"]
    assert [event["message"] for event in events] == ["file ?", "?", "é"]
