"""Stateful sessions in the model server: a session's requests reach the worker that opened it."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from sagehen.modelserver.front.dispatcher import Dispatcher
from sagehen.modelserver.messages import Answer, Call
from sagehen.modelserver.sessions.headers import (
    CLOSED_SESSION_ID,
    NEW_SESSION_ID,
    SESSION_ID,
    MalformedSession,
    parse_closed_session,
    parse_new_session,
)
from sagehen.modelserver.sessions.table import LONGEST_S, SessionTable, SessionTaken, TableFull

FAR = "2100-01-01T00:00:00Z"


def test_headers_are_what_the_model_says() -> None:
    assert parse_new_session("a-b--C9; Expires=1970-01-02T00:00:01Z") == ("a-b--C9", 86401.0)
    longest = "a" * (256 - len(f"; Expires={FAR}"))
    assert parse_new_session(f"{longest}; Expires={FAR}")[0] == longest
    for bad in (
        "", "a", "a;Expires=" + FAR, f"-a; Expires={FAR}", f"a-; Expires={FAR}", f"a b; Expires={FAR}",
        f"a_b; Expires={FAR}", f"NEW_SESSION; Expires={FAR}", "a; Expires=2026-02-30T00:00:00Z",
        "a; Expires=2026-01-01T00:00:00", f"a; Expires={FAR} ", f"a; Expires={FAR}\n",
        f"{longest}a; Expires={FAR}", f"\u0661; Expires={FAR}", "a; Expires=0000-01-01T00:00:00Z",
    ):  # fmt: skip
        with pytest.raises(MalformedSession):
            parse_new_session(bad)
    assert parse_closed_session("a-1") == "a-1"
    for bad in ("", "a\n", "a" * 257, "a;b"):
        with pytest.raises(MalformedSession):
            parse_closed_session(bad)


def test_a_table_forgets_what_expired_and_what_was_closed() -> None:
    table: SessionTable[str] = SessionTable()
    table.open("a", "one", 100, now=0)
    assert (table.find("a", 99), table.find("b", 99), table.count("one")) == ("one", None, 1)
    assert table.find("a", 100) is None and len(table) == 0 and table.count("one") == 0
    table.open("a", "one", 100, now=0)
    table.open("a", "one", 200, now=50)  # its owner moves its end
    assert table.find("a", 150) == "one" and table.count("one") == 1
    table.close("a", "two")
    assert table.find("a", 150) == "one"
    table.close("a", "one")
    table.close("a", "one")
    assert table.find("a", 150) is None
    table.open("late", "one", 10, now=10)
    assert len(table) == 0


def test_a_live_session_is_not_taken_but_a_dead_ones_id_is_free() -> None:
    alive = {"one", "two"}
    table: SessionTable[str] = SessionTable(lambda owner: owner in alive)
    table.open("a", "one", 100, now=0)
    with pytest.raises(SessionTaken):
        table.open("a", "two", 100, now=0)
    assert table.find("a", 0) == "one"
    alive.remove("one")
    assert table.find("a", 0) is None
    table.open("a", "two", 100, now=0)
    assert table.find("a", 0) == "two"


def test_a_table_is_bounded_in_number_and_time() -> None:
    table: SessionTable[str] = SessionTable(most=100)
    for number in range(100):
        table.open(f"s{number}", "one", 10 + number, now=0)
    with pytest.raises(TableFull):
        table.open("more", "one", 1e12, now=0)
    table.open("s0", "one", 1e12, now=0)  # one that is there may be moved
    table.open("more", "one", 1e12, now=20)
    assert len(table) == 91  # s1 to s10 are gone
    assert table.find("more", LONGEST_S + 19.9) == "one"
    assert table.find("more", LONGEST_S + 20) is None
    table.close_all_of("one")
    assert len(table) == 0


# --- the dispatcher ---------------------------------------------------------------------------


class CountingWorker:
    """Counts per session in its own memory; bodies `close` and `die` do what they say."""

    def __init__(self, name: str, dispatcher: Dispatcher, delay_s: float = 0.0005) -> None:
        self.name = name
        self.counts: dict[str, int] = {}
        self.batches: list[list[str | None]] = []
        self.delay_s = delay_s
        self._dispatcher = dispatcher

    def send(self, calls: list[Call]) -> None:
        self.batches.append([call.headers.get(SESSION_ID) for call in calls])
        asyncio.get_running_loop().call_later(self.delay_s, self._work, calls)

    def _work(self, calls: list[Call]) -> None:
        if any(call.body == b"die" for call in calls):
            self._dispatcher.worker_lost(self)
        else:
            self._dispatcher.worker_answered(self, [self._answer(call) for call in calls])

    def _answer(self, call: Call) -> Answer:
        session = call.headers.get(SESSION_ID)
        if session is None:
            return Answer(200, "text/plain", b"plain")
        if session == "NEW_SESSION":
            session = call.body.decode() or f"{self.name}-{len(self.counts)}"
            self.counts[session] = 0
            return Answer(200, "text/plain", b"", {NEW_SESSION_ID: f"{session}; Expires={FAR}"})
        if call.body == b"close":
            del self.counts[session]
            return Answer(200, "text/plain", b"", {CLOSED_SESSION_ID: session})
        self.counts[session] += 1
        return Answer(200, "text/plain", b"%d" % self.counts[session])

    def kill(self) -> None:
        self._dispatcher.worker_lost(self)


def staff(count: int, **changes: Any) -> tuple[Dispatcher, list[CountingWorker]]:
    options: dict[str, Any] = {"timeout_s": 5, "queue_limit": 5000, "max_wait_s": 0.002, **changes}
    dispatcher = Dispatcher(asyncio.get_running_loop(), **options)
    workers = [CountingWorker(f"w{number}", dispatcher) for number in range(count)]
    for worker in workers:
        dispatcher.worker_ready(worker)
    return dispatcher, workers


async def opened(dispatcher: Dispatcher, session: str = "") -> str:
    answer = await dispatcher.submit(Call(session.encode(), {SESSION_ID: "NEW_SESSION"}))
    assert answer.status == 200, answer
    return answer.headers[NEW_SESSION_ID].split(";")[0]


@pytest.mark.parametrize("max_batch", [1, 4])
async def test_sessions_stay_with_their_worker_under_mixed_load(max_batch: int) -> None:
    dispatcher, workers = staff(3)
    dispatcher.max_batch = max_batch
    sessions = [await opened(dispatcher) for _ in range(9)]
    assert [len(worker.counts) for worker in workers] == [3, 3, 3]  # spread, though one at a time
    order = random.Random(7)
    expected = dict.fromkeys(sessions, 0)
    pending = []
    for number in range(300):
        session = order.choice([*sessions, None, None])
        headers = {} if session is None else {SESSION_ID: session}
        pending.append((session, dispatcher.submit(Call(b"", headers))))
        if session is not None:
            expected[session] += 1
        if number % 40 == 0:
            await asyncio.sleep(0.001)
    last: dict[str, int] = {}
    async with asyncio.timeout(60):
        for session, future in pending:
            answer = await future
            if session is None:
                assert answer.body == b"plain"
                continue
            assert int(answer.body) == last.get(session, 0) + 1  # in the order in which they came
            last[session] = int(answer.body)
    assert {key: count for worker in workers for key, count in worker.counts.items()} == expected
    for worker in workers:
        assert all(
            session in (None, "NEW_SESSION") or session in worker.counts
            for batch in worker.batches
            for session in batch
        )
    if max_batch > 1:
        assert any(len({s for s in batch if s}) > 1 for worker in workers for batch in worker.batches)
        assert all(len(batch) <= max_batch for worker in workers for batch in worker.batches)


async def test_a_busy_session_starves_nobody_and_waits_while_others_are_idle() -> None:
    dispatcher, (first, second) = staff(2)
    session = await opened(dispatcher)
    owner, other = (first, second) if session in first.counts else (second, first)
    owner.delay_s = 0.02
    slow = [dispatcher.submit(Call(b"", {SESSION_ID: session})) for _ in range(4)]
    plain = dispatcher.submit(Call(b""))
    assert (await plain).body == b"plain"
    assert not slow[0].done() and other.batches == [[None]]
    assert [(await future).body for future in slow] == [b"1", b"2", b"3", b"4"]


async def test_closed_and_unknown_sessions_are_refused_by_name() -> None:
    dispatcher, _ = staff(2)
    session = await opened(dispatcher)
    assert (await dispatcher.submit(Call(b"close", {SESSION_ID: session}))).status == 200
    for gone in (session, "nobody"):
        answer = await dispatcher.submit(Call(b"", {SESSION_ID: gone}))
        assert answer.status == 400 and gone.encode() in answer.body
        assert answer.headers == {CLOSED_SESSION_ID: gone}


async def test_sessions_end_with_their_worker() -> None:
    dispatcher, workers = staff(2)
    dispatcher.max_batch = 4
    sessions = [await opened(dispatcher) for _ in range(4)]
    victim, survivor = workers
    mine, yours = list(victim.counts), list(survivor.counts)
    blocker = dispatcher.submit(Call(b"", {SESSION_ID: mine[0]}))
    batch = [
        dispatcher.submit(Call(b"die" if n == 1 else b"", {SESSION_ID: s}))
        for n, s in enumerate([*mine, *yours])
    ]
    late = [dispatcher.submit(Call(b"", {SESSION_ID: mine[0]})) for _ in range(8)]
    assert (await blocker).body == b"1"
    for session, future in zip(mine, batch, strict=False):
        answer = await future
        assert answer.status == 503 and answer.headers == {CLOSED_SESSION_ID: session}
    assert [(await future).body for future in batch[2:]] == [b"1", b"1"]
    for future in late:
        answer = await future
        assert answer.status in (400, 503) and answer.headers == {CLOSED_SESSION_ID: mine[0]}
    for session in sessions:
        answer = await dispatcher.submit(Call(b"", {SESSION_ID: session}))
        assert answer.status == (200 if session in yours else 400)
    assert await opened(dispatcher) in survivor.counts


async def test_two_workers_cannot_hold_one_id() -> None:
    dispatcher, _ = staff(2)
    await opened(dispatcher, "same")
    answer = await dispatcher.submit(Call(b"same", {SESSION_ID: "NEW_SESSION"}))
    assert answer.status == 500 and b"unique" in answer.body and not answer.headers
    answer = await dispatcher.submit(Call(b"", {SESSION_ID: "same"}))
    assert answer.status == 200


async def test_a_session_counts_for_the_queue_and_a_caller_may_leave() -> None:
    dispatcher, (worker,) = staff(1, queue_limit=2)
    session = await opened(dispatcher)
    calls = [dispatcher.submit(Call(b"", {SESSION_ID: session})) for _ in range(4)]
    assert calls[3].done() and calls[3].result().status == 503
    calls[1].cancel()
    assert (await calls[2]).body == b"2"
    assert worker.counts == {session: 2}
    assert (await dispatcher.submit(Call(b""))).body == b"plain"


# --- a real server ----------------------------------------------------------------------------

CODE = """
import json, os, time, uuid
sessions = {}

def model_fn(model_dir): return None
def input_fn(data, content_type): return json.loads(data)

def predict_fn(data, model, context):
    session = context.get_request_header(0, "X-Amzn-SageMaker-Session-Id")
    if session == "NEW_SESSION":
        session = uuid.uuid4().hex
        sessions[session] = 0
        expires = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 600))
        context.set_response_header(0, "X-Amzn-SageMaker-New-Session-Id", f"{session}; Expires={expires}")
    elif session is not None and data == "close":
        context.set_response_header(0, "X-Amzn-SageMaker-Closed-Session-Id", session)
        return [os.getpid(), sessions.pop(session)]
    if session is not None:
        sessions[session] += 1
    return [os.getpid(), sessions.get(session)]
"""


def opened_at(server: Any) -> tuple[str, int]:
    status, headers, body = server.invoke('"go"', **{"x-amzn-sagemaker-session-id": "NEW_SESSION"})
    assert status == 200
    return parse_new_session(headers[NEW_SESSION_ID])[0], json.loads(body)[0]


def ask(server: Any, session: str, data: str = "go") -> Any:
    return server.invoke(json.dumps(data), **{"x-amzn-sagemaker-session-id": session})


def test_sessions_of_several_processes(start_server: Any) -> None:
    server = start_server(CODE, SAGEMAKER_MODEL_SERVER_WORKERS="2")
    while server.invoke('"x"')[0] != 200 or len({opened_at(server)[1] for _ in range(4)}) < 2:
        time.sleep(0.05)
    (one, first), (two, second) = opened_at(server), opened_at(server)
    assert first != second
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda number: ask(server, (one, two)[number % 2]), range(40)))
    for session, pid in ((one, first), (two, second)):
        status, headers, body = ask(server, session)
        assert (status, json.loads(body)) == (200, [pid, 22])
        assert CLOSED_SESSION_ID not in headers
    assert {status for status, _, _ in answers} == {200}
    status, headers, body = ask(server, one, "close")
    assert (status, headers[CLOSED_SESSION_ID], json.loads(body)) == (200, one, [first, 22])
    assert ask(server, one)[0] == 400
    os.kill(second, signal.SIGKILL)
    deadline = time.monotonic() + 60
    while (answer := ask(server, two))[0] == 200:
        assert time.monotonic() < deadline
    # 503 where the request was already on its way into the dead process.
    assert answer[0] in (400, 503) and answer[1][CLOSED_SESSION_ID] == two
    assert ask(server, two)[0] == 400
    assert ask(server, opened_at(server)[0])[0] == 200


def test_each_request_of_a_batch_has_its_own_headers(start_server: Any) -> None:
    server = start_server(
        """
        import json, time
        sessions = {}
        def model_fn(model_dir): return None
        def input_fn(data, content_type): return json.loads(data)
        def predict_batch_fn(batch, model, context):
            time.sleep(0.02)
            answers = []
            for place, item in enumerate(batch):
                session = context.get_request_header(place, "x-amzn-sagemaker-session-id")
                if session == "NEW_SESSION":
                    sessions[item] = 0
                    context.set_response_header(
                        place, "X-Amzn-SageMaker-New-Session-Id", f"{item}; Expires=2100-01-01T00:00:00Z"
                    )
                elif session:
                    sessions[session] += item
                answers.append([sessions.get(session), len(batch)])
            return answers
        """
    )
    names = [f"s{number}" for number in range(8)]
    with ThreadPoolExecutor(8) as pool:
        opening = list(pool.map(lambda name: ask_new(server, name), names))
        assert [headers[NEW_SESSION_ID].split(";")[0] for headers in opening] == names
        answers = list(pool.map(lambda n: json.loads(ask(server, names[n % 8], n)[2]), range(64)))
    assert max(size for _, size in answers) > 1
    for number, name in enumerate(names):
        assert json.loads(ask(server, name, 0)[2])[0] == sum(range(number, 64, 8))


def ask_new(server: Any, name: str) -> Any:
    status, headers, _ = server.invoke(json.dumps(name), **{"x-amzn-sagemaker-session-id": "NEW_SESSION"})
    assert status == 200
    return headers
