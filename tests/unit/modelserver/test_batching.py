"""Batching: everybody gets their own answer, whatever the order and the neighbours."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.modelserver.front.batch_window import remaining_wait_s
from sagehen.modelserver.front.dispatcher import Dispatcher
from sagehen.modelserver.hooks.handler import Handler
from sagehen.modelserver.messages import Answer, Call
from sagehen.modelserver.settings import Settings


def test_a_lone_caller_never_waits() -> None:
    assert remaining_wait_s(waiting=1, oldest_age_s=0, last_batch=0, max_size=32, max_wait_s=1) == 0
    assert remaining_wait_s(waiting=1, oldest_age_s=0, last_batch=1, max_size=32, max_wait_s=1) == 0


def test_the_window_stays_open_for_as_many_as_came_last_time_but_not_longer_than_allowed() -> None:
    assert remaining_wait_s(waiting=3, oldest_age_s=0.25, last_batch=8, max_size=32, max_wait_s=1) == 0.75
    assert remaining_wait_s(waiting=8, oldest_age_s=0.25, last_batch=8, max_size=32, max_wait_s=1) == 0
    assert remaining_wait_s(waiting=4, oldest_age_s=0, last_batch=8, max_size=4, max_wait_s=1) == 0
    assert remaining_wait_s(waiting=1, oldest_age_s=2, last_batch=8, max_size=4, max_wait_s=1) == 0


class EchoWorker:
    """Answers a batch a moment later; a call with body `die` ends it."""

    def __init__(self, dispatcher: Dispatcher, deaths: list[EchoWorker]) -> None:
        self.batches: list[list[bytes]] = []
        self._dispatcher = dispatcher
        self._deaths = deaths

    def send(self, calls: list[Call]) -> None:
        self.batches.append([call.body for call in calls])
        asyncio.get_running_loop().call_later(0.0005, self._answer, calls)

    def _answer(self, calls: list[Call]) -> None:
        if any(call.body == b"die" for call in calls):
            self._dispatcher.worker_lost(self)
            self._deaths.append(self)
            self._dispatcher.worker_ready(EchoWorker(self._dispatcher, self._deaths))
            return
        answers = [Answer(200, "text/plain", b"to " + call.body) for call in calls]
        self._dispatcher.worker_answered(self, answers)

    def kill(self) -> None:
        self._dispatcher.worker_lost(self)


def make_dispatcher(**changes: Any) -> Dispatcher:
    options: dict[str, Any] = {"timeout_s": 5, "queue_limit": 1000, "max_wait_s": 0.002, **changes}
    return Dispatcher(asyncio.get_running_loop(), **options)


# Pauses between arrivals in ms, and whether the caller gives up at once or its call kills the worker.
arrivals = st.lists(
    st.tuples(st.sampled_from([0, 0, 0, 1, 3]), st.sampled_from(["stay", "stay", "stay", "leave", "die"])),
    max_size=25,
)


@settings(max_examples=40, deadline=None)
@given(arrivals, st.integers(1, 6), st.integers(1, 3))
def test_any_interleaving_gives_each_caller_its_own_answer(
    calls: list[tuple[int, str]], max_batch: int, workers: int
) -> None:
    async def scenario() -> None:
        dispatcher = make_dispatcher()
        dispatcher.max_batch = max_batch
        deaths: list[EchoWorker] = []
        for _ in range(workers):
            dispatcher.worker_ready(EchoWorker(dispatcher, deaths))
        pending = []
        for number, (pause_ms, kind) in enumerate(calls):
            if pause_ms:
                await asyncio.sleep(pause_ms / 1000)
            body = b"die" if kind == "die" else b"%d" % number
            future = dispatcher.submit(Call(body))
            if kind == "leave":
                future.cancel()
            else:
                pending.append((body, future))
        async with asyncio.timeout(60):
            for body, future in pending:
                answer = await future
                if body == b"die":
                    assert answer.status == 503
                else:
                    assert (answer.status, answer.body) == (200, b"to " + body)

    asyncio.run(scenario())


async def test_calls_that_wait_for_a_busy_worker_go_together() -> None:
    dispatcher = make_dispatcher()
    dispatcher.max_batch = 8
    worker = EchoWorker(dispatcher, [])
    dispatcher.worker_ready(worker)
    futures = [dispatcher.submit(Call(b"%d" % number)) for number in range(6)]
    await asyncio.gather(*futures)
    assert [len(batch) for batch in worker.batches] == [1, 5]


async def test_a_full_queue_refuses_at_once_and_a_slow_worker_is_given_up() -> None:
    dispatcher = make_dispatcher(queue_limit=1, timeout_s=0.05)

    class Silent(EchoWorker):
        def send(self, calls: list[Call]) -> None:
            self.batches.append([])

    dispatcher.worker_ready(Silent(dispatcher, []))
    first, _, refused = (dispatcher.submit(Call(b"x")) for _ in range(3))
    assert refused.done() and refused.result().status == 503
    assert (await first).status == 504


# --- the handler ------------------------------------------------------------------------------

CODE = """
import json
import numpy as np

forwards = []

def model_fn(model_dir):
    return 10

def input_fn(data, content_type):
    values = json.loads(data)
    if values == "undecodable":
        raise ValueError("cannot read this")
    return np.array(values, dtype=float).reshape(-1, 1)

def predict_fn(data, model):
    forwards.append(len(data))
    if (data < 0).any():
        raise ValueError("negative")
    return data * model
"""


@pytest.fixture
def handler(tmp_path: Path) -> Handler:
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "inference_for_batches.py").write_text(CODE)
    return Handler(
        Settings(
            model_dir=tmp_path,
            code_dir=tmp_path / "code",
            program="inference_for_batches.py",
            batch_max_size=16,
            framework="plain",
        )
    )


def test_one_bad_request_fails_alone(handler: Handler) -> None:
    import sys

    bodies: list[Any] = [[1, 2], "undecodable", [3], [], [4, 5, 6]]
    answers = handler.handle([Call(json.dumps(body).encode()) for body in bodies])
    assert [answer.status for answer in answers] == [200, 500, 200, 200, 200]
    assert answers[1].body == b"cannot read this"
    assert [json.loads(answers[i].body) for i in (0, 2, 3, 4)] == [
        [[10.0], [20.0]], [[30.0]], [], [[40.0], [50.0], [60.0]]
    ]  # fmt: skip
    assert sys.modules["inference_for_batches"].forwards == [6]  # one forward pass for all


def test_one_poisonous_input_does_not_fail_its_neighbours(handler: Handler) -> None:
    answers = handler.handle([Call(b"[1]"), Call(b"[-1]"), Call(b"[2]")])
    assert [answer.status for answer in answers] == [200, 500, 200]
    assert (answers[0].body, answers[1].body, answers[2].body) == (b"[[10.0]]", b"negative", b"[[20.0]]")


def test_concurrent_callers_of_a_real_server_share_forward_passes(start_server: Any) -> None:
    server = start_server(
        """
        import json, time
        def model_fn(model_dir): return None
        def input_fn(data, content_type): return json.loads(data)
        def predict_batch_fn(batch, model):
            time.sleep(0.02)
            return [[item, len(batch)] for item in batch]
        """,
        SAGEHEN_CPUS="2",
    )
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda n: json.loads(server.invoke(str(n))[2]), range(48)))
    assert [item for item, _ in answers] == list(range(48))
    assert max(size for _, size in answers) > 1
    assert np.mean([size for _, size in answers]) > 2
