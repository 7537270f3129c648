"""StartQuery to GetQueryResults, definitions and records, through the service."""

from __future__ import annotations

import asyncio
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from sagehen.api.bounded import budget
from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.logs.errors import (
    InvalidParameterException,
    LimitExceededException,
    MalformedQueryException,
    ResourceNotFoundException,
)
from sagehen.services.logs.insights.queries import aside, operations, record_lookup, records, turns
from sagehen.services.logs.insights.queries.query import Outcome, Status
from sagehen.services.logs.insights.queries.running import Run
from sagehen.services.logs.insights.queries.scanning import Scanner
from sagehen.services.logs.service import LogsService
from sagehen.store.database import Database
from tests.unit.logs.calls import GROUP, make_stream, now_ms, put
from tests.unit.logs.conftest import SCOPE, Call, KeptMetrics


class Asking:
    """Calls of somebody who queries one group, about the last and the next hour."""

    def __init__(self, call: Call, clock: ManualClock) -> None:
        self.call = call
        now_s = int(clock.now().timestamp())
        self.range = {"startTime": now_s - 3600, "endTime": now_s + 3600}

    async def start(self, query: str, **more: Any) -> str:
        wanted = {"logGroupName": GROUP, **self.range, "queryString": query, **more}
        asked = {name: value for name, value in wanted.items() if value is not None}
        return str((await self.call("StartQuery", **asked))["queryId"])

    async def results(self, query_id: str, **more: Any) -> dict[str, Any]:
        reply = await self.call("GetQueryResults", queryId=query_id, **more)
        return {name: value for name, value in reply.items() if value is not None}

    async def ended(self, query_id: str, **more: Any) -> dict[str, Any]:
        async with asyncio.timeout(60):
            while (found := await self.results(query_id, **more))["status"] in ("Scheduled", "Running"):
                await asyncio.sleep(0.002)
        return found

    async def rows(self, query: str, **more: Any) -> list[dict[str, str]]:
        found = await self.ended(await self.start(query, **more))
        assert found["status"] == "Complete"
        return [{cell["field"]: cell["value"] for cell in row} for row in found["results"]]


@pytest.fixture
def asking(call: Call, clock: ManualClock) -> Asking:
    return Asking(call, clock)


@pytest.fixture
async def lines(call: Call, clock: ManualClock) -> None:
    await make_stream(call)
    at = now_ms(clock)
    await put(call, *((at + n, f'{{"n": {n}}}') for n in range(5)))


class Held:
    """Keeps queries from their first event until they may go on."""

    def __init__(self) -> None:
        self.begun, self.may_go_on = threading.Event(), threading.Event()

    async def until_begun(self) -> None:
        assert await asyncio.to_thread(self.begun.wait, 60)


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[Held]:
    holding, rows = Held(), Scanner.rows

    def slow(*args: Any, **options: Any) -> Iterator[Any]:
        for row in rows(*args, **options):
            for _ in range(40):
                yield row
            holding.begun.set()
            assert holding.may_go_on.wait(60)

    monkeypatch.setattr(Scanner, "rows", slow)
    yield holding
    holding.may_go_on.set()


async def test_results_and_statistics(lines: None, asking: Asking) -> None:
    query_id = await asking.start("filter n > 1 | fields n")
    found = await asking.ended(query_id)
    [first, *_] = found["results"]
    assert [cell["field"] for cell in first] == ["n", "@ptr"]
    assert first[0]["value"] == "4"
    statistics = found["statistics"]
    assert statistics["recordsMatched"] == statistics["resultCount"] == 3.0
    assert (statistics["recordsScanned"], statistics["bytesScanned"]) == (5.0, 40.0)
    assert statistics["logGroupsScanned"] == 1.0
    record = (await asking.call("GetLogRecord", logRecordPointer=first[1]["value"]))["logRecord"]
    assert (record["@message"], record["n"], record["@logStream"]) == ('{"n": 4}', "4", "job/algo-1-1")
    [shown] = (await asking.call("DescribeQueries"))["queries"]
    assert (shown["queryId"], shown["status"], shown["logGroupName"]) == (query_id, "Complete", GROUP)
    assert shown["userIdentity"] == "arn:aws:iam::111122223333:root"


async def test_several_groups_in_one_order(lines: None, asking: Asking, clock: ManualClock) -> None:
    await asking.call("CreateLogGroup", logGroupName="other")
    await asking.call("CreateLogStream", logGroupName="other", logStreamName="s")
    await put(asking.call, (now_ms(clock) + 2, "between"), logGroupName="other", logStreamName="s")
    names = [GROUP, f"arn:aws:logs:us-east-1:{SCOPE.account_id}:log-group:other"]
    rows = await asking.rows("fields @message, @log", logGroupName=None, logGroupIdentifiers=names)
    assert [row["@message"] for row in rows][1:4] == ['{"n": 3}', "between", '{"n": 2}']
    assert rows[2]["@log"] == f"{SCOPE.account_id}:other"
    counting = await asking.start("stats count(*) as n", logGroupName=None, logGroupNames=["other", GROUP])
    assert (await asking.ended(counting))["results"][0][0]["value"] == "6"
    listed = await asking.call("ListLogGroupsForQuery", queryId=counting)
    assert listed == {"logGroupIdentifiers": [GROUP, "other"]}


async def test_the_range_has_both_its_ends(lines: None, asking: Asking, clock: ManualClock) -> None:
    await put(
        asking.call, (now_ms(clock) // 1000 * 1000 + 5999, "in"), (now_ms(clock) // 1000 * 1000 + 6000, "out")
    )
    end_s = int(clock.now().timestamp()) + 5
    assert (await asking.rows("stats count(*) as n", endTime=end_s)) == [{"n": "6"}]


async def test_pages_of_results(lines: None, asking: Asking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "PAGE_ROWS", 2)
    query_id = await asking.start("fields n | sort n", limit=4)
    first = await asking.ended(query_id, maxItems=3)
    second = await asking.results(query_id, maxItems=3, nextToken=first["nextToken"])
    assert [[row[0]["value"] for row in page["results"]] for page in (first, second)] == [
        ["0", "1", "2"],
        ["3"],
    ]
    assert "nextToken" not in second
    monkeypatch.setattr(operations, "_PAGE_BYTES", 100)
    assert len((await asking.results(query_id))["results"]) == 1
    with pytest.raises(InvalidParameterException):
        await asking.results(query_id, nextToken="x")


# Each expression takes some 30 ms to compile.
_SLOW = "filter a like " + " or a like ".join(f"/(?:{n}a{{100}}){{199}}/" for n in range(300))


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"logGroupName": None}, InvalidParameterException),
        ({"logGroupNames": ["a"]}, InvalidParameterException),
        ({"logGroupName": None, "logGroupNames": [str(n) for n in range(51)]}, InvalidParameterException),
        ({"logGroupName": "none"}, ResourceNotFoundException),
        ({"startTime": 2, "endTime": 1}, InvalidParameterException),
        ({"startTime": 0, "endTime": 1}, MalformedQueryException),
        ({"queryString": "stats"}, MalformedQueryException),
        ({"queryLanguage": "SQL"}, NotImplementedOperation),
        ({"queryString": _SLOW}, InvalidParameterException),
        (
            {
                "logGroupName": None,
                "logGroupIdentifiers": ["arn:aws:logs:us-east-1:999999999999:log-group:x"],
            },
            NotImplementedOperation,
        ),
    ],
)
async def test_refused(
    lines: None,
    asking: Asking,
    more: dict[str, Any],
    error: type[Exception],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(budget, "THREAD_S", 0.1)
    with pytest.raises(error):
        await asking.start("fields @message", **more)


async def test_other_accounts_find_nothing(
    lines: None, asking: Asking, logs: LogsService, clock: ManualClock
) -> None:
    query_id = await asking.start("fields @message")
    pointer = (await asking.ended(query_id))["results"][0][-1]["value"]
    handlers = {bound.name: bound.handler for bound in logs.services[0].operations()}
    root = Principal(PrincipalKind.ROOT, "arn:aws:iam::444455556666:root", "444455556666")
    context = RequestContext("r", "logs", "x", Scope("444455556666", "us-east-1"), root, clock.now())
    for operation, request in (
        ("GetQueryResults", {"queryId": query_id}),
        ("StopQuery", {"queryId": query_id}),
        ("GetLogRecord", {"logRecordPointer": pointer}),
    ):
        with pytest.raises(ResourceNotFoundException):
            await handlers[operation](context, request)
    with pytest.raises(InvalidParameterException):
        await asking.call("GetLogRecord", logRecordPointer="bm9uZQ==")


async def test_partial_results_and_a_stop(lines: None, asking: Asking, held: Held) -> None:
    running = await asking.start("fields n")
    await held.until_begun()
    found = await asking.results(running)
    assert (found["status"], len(found["results"])) == ("Running", 40)
    others = [await asking.start("stats count(*)") for _ in range(2)]
    assert [
        one["status"] for one in (await asking.call("DescribeQueries", status="Scheduled"))["queries"]
    ] == ["Scheduled"]
    assert await asking.call("StopQuery", queryId=others[1]) == {"success": True}  # it waits
    assert (await asking.results(others[1]))["status"] == "Cancelled"
    held.may_go_on.set()
    assert (await asking.ended(running))["status"] == "Complete"
    assert (await asking.ended(others[0]))["results"][0][0]["value"] == "200"
    with pytest.raises(InvalidParameterException):
        await asking.call("StopQuery", queryId=running)


async def test_a_running_query_is_stopped(lines: None, asking: Asking, held: Held) -> None:
    running = await asking.start("fields n")
    await held.until_begun()
    stopping = asyncio.create_task(asking.call("StopQuery", queryId=running))
    await asyncio.sleep(0)
    held.may_go_on.set()
    assert await stopping == {"success": True}
    assert (await asking.ended(running))["status"] in ("Cancelled", "Complete")


async def test_what_takes_longer_goes_on_in_a_process_of_its_own(
    lines: None, asking: Asking, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = asking.range["startTime"] * 1000 + 3_600_000
    await put(asking.call, *((at, f'{{"n": {n}}}') for n in range(3000)))
    monkeypatch.setattr(turns, "_QUICK_S", 0.0)
    query_id = await asking.start("filter n >= 5 | fields n, @logStream | sort n", limit=1200)
    found = await asking.ended(query_id)
    assert found["status"] == "Complete"
    assert [row[0]["value"] for row in found["results"]] == [str(n) for n in range(5, 1205)]
    assert found["results"][0][1]["value"] == "job/algo-1-1"
    assert (found["statistics"]["recordsScanned"], found["statistics"]["recordsMatched"]) == (3005.0, 2995.0)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("exit(3)", "Failed"),
        ("import time; time.sleep(600)", "Cancelled"),
        ("while True: print('x' * 100_000)", "Failed"),  # what it says is not read to its end
    ],
)
async def test_a_process_that_fails_and_one_that_is_stopped(
    lines: None, asking: Asking, monkeypatch: pytest.MonkeyPatch, code: str, status: str
) -> None:
    def takes_long(self: Run, rows: Any) -> Outcome:
        return Outcome(Status.RUNNING)

    monkeypatch.setattr(Run, "finish", takes_long)
    monkeypatch.setattr(aside, "_COMMAND", (sys.executable, "-c", code))
    monkeypatch.setattr(aside, "_BUFFER_BYTES", 1000)
    query_id = await asking.start("stats count(*)")
    if status == "Cancelled":
        async with asyncio.timeout(60):
            while (await asking.results(query_id))["status"] != "Running":
                await asyncio.sleep(0.002)
        assert await asking.call("StopQuery", queryId=query_id) == {"success": True}
    assert (await asking.ended(query_id))["status"] == status


async def test_so_many_at_once(
    lines: None, asking: Asking, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(operations, "_MOST_AT_ONCE", 3)
    for _ in range(3):
        await asking.start("fields n")
    with pytest.raises(LimitExceededException):
        await asking.start("fields n")


async def test_a_later_life_runs_what_an_earlier_one_began(
    lines: None,
    asking: Asking,
    held: Held,
    logs: LogsService,
    database: Database,
    clock: ManualClock,
    ids: Ids,
) -> None:
    begun, waiting = [await asking.start("stats count(*) as n") for _ in range(2)]
    await held.until_begun()
    held.may_go_on.set()
    await logs.stop()
    states = "UPDATE log_queries SET status = ?, attempts = ? WHERE id = ?"
    await database.execute(states, ("Running", 1, begun))
    await database.execute(states, ("Running", 3, waiting))
    later = LogsService(database=database, clock=clock, ids=ids, metrics=KeptMetrics(), logged=KeptMetrics())
    await later.start()
    try:
        assert (await asking.ended(begun))["status"] == "Complete"
        assert (await asking.ended(waiting))["status"] == "Failed"  # begun too often: it may end the platform
    finally:
        await later.stop()


async def test_results_go_after_seven_days(
    lines: None, asking: Asking, logs: LogsService, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = await asking.start("fields n")
    await asking.ended(old)
    await clock.advance(timedelta(days=7, seconds=1).total_seconds())
    kept = [await asking.start("fields n") for _ in range(2)]
    for query_id in kept:
        await asking.ended(query_id)
    await logs._insights.turns.sweep()
    found = {query["queryId"] for query in (await asking.call("DescribeQueries"))["queries"]}
    assert found == set(kept)
    monkeypatch.setattr(records, "MOST_KEPT", 1)
    await logs._insights.turns.sweep()
    assert len((await asking.call("DescribeQueries"))["queries"]) == 1


async def test_pages_of_queries(lines: None, asking: Asking) -> None:
    started = {await asking.start("fields n") for _ in range(3)}
    first = await asking.call("DescribeQueries", maxResults=2, logGroupName=GROUP)
    second = await asking.call(
        "DescribeQueries", maxResults=2, logGroupName=GROUP, nextToken=first["nextToken"]
    )
    assert {query["queryId"] for page in (first, second) for query in page["queries"]} == started
    assert (await asking.call("DescribeQueries", logGroupName="other"))["queries"] == []
    assert (await asking.call("DescribeQueries", queryLanguage="PPL"))["queries"] == []


async def test_definitions(call: Call) -> None:
    token = "t" * 36
    wanted = {"name": "b", "queryString": "fields a", "logGroupNames": ["g"], "clientToken": token}
    made = (await call("PutQueryDefinition", **wanted))["queryDefinitionId"]
    assert (await call("PutQueryDefinition", **wanted))["queryDefinitionId"] == made
    parameter = {"name": "p", "defaultValue": "1"}
    await call("PutQueryDefinition", name="a", queryString="not even a query", parameters=[parameter])
    listed = (await call("DescribeQueryDefinitions"))["queryDefinitions"]
    assert [one["name"] for one in listed] == ["a", "b"]
    assert listed[0]["parameters"] == [parameter]
    await call("PutQueryDefinition", name="c", queryString="fields b", queryDefinitionId=made)
    found = await call("DescribeQueryDefinitions", queryDefinitionNamePrefix="c")
    [one] = found["queryDefinitions"]
    assert (one["queryDefinitionId"], one["queryString"], one["logGroupNames"]) == (made, "fields b", [])
    first = await call("DescribeQueryDefinitions", maxResults=1)
    second = await call("DescribeQueryDefinitions", maxResults=1, nextToken=first["nextToken"])
    assert [page["queryDefinitions"][0]["name"] for page in (first, second)] == ["a", "c"]
    assert await call("DeleteQueryDefinition", queryDefinitionId=made) == {"success": True}
    for operation in ("DeleteQueryDefinition", "PutQueryDefinition"):
        with pytest.raises(ResourceNotFoundException):
            await call(operation, queryDefinitionId=made, name="c", queryString="fields b")
    with pytest.raises(NotImplementedOperation):
        await call("PutQueryDefinition", name="s", queryString="SELECT 1", queryLanguage="SQL")


async def test_fields_of_a_group(
    lines: None, asking: Asking, clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    await put(asking.call, (now_ms(clock), "no JSON"))
    await clock.advance(60)
    fields = (await asking.call("GetLogGroupFields", logGroupName=GROUP))["logGroupFields"]
    assert {field["name"]: field["percent"] for field in fields} == {
        **dict.fromkeys(("@ingestionTime", "@log", "@logStream", "@message", "@timestamp"), 100),
        "n": 83,
    }
    monkeypatch.setattr(record_lookup, "_SAMPLE_FIELDS", 4)
    assert len((await asking.call("GetLogGroupFields", logGroupName=GROUP))["logGroupFields"]) == 4
    monkeypatch.setattr(record_lookup, "_SAMPLE_BYTES", 7)
    fields = (await asking.call("GetLogGroupFields", logGroupName=GROUP))["logGroupFields"]
    assert "n" not in [field["name"] for field in fields]  # only the newest is looked at
    long_ago = int(clock.now().timestamp()) - 86_400
    assert (await asking.call("GetLogGroupFields", logGroupName=GROUP, time=long_ago))["logGroupFields"] == []
