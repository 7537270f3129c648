"""A worker that streams the answer of a lane is not idle, and not late."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, cast

from sagehen.modelserver.front.dispatcher import Dispatcher
from sagehen.modelserver.messages import Answer, Call

OK = Answer(200, "text/plain", b"ok")


class Timer:
    def __init__(self, work: Callable[[], object]) -> None:
        self.work: Callable[[], object] | None = work

    def cancel(self) -> None:
        self.work = None


class Loop:
    """Keeps timers until the test has them fire."""

    def __init__(self) -> None:
        self.timers: list[Timer] = []

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().create_future()

    def call_later(self, _delay_s: float, work: Callable[..., object], *given: object) -> Timer:
        self.timers.append(Timer(lambda: work(*given)))
        return self.timers[-1]

    def fire(self, number: int) -> None:
        if work := self.timers[number].work:
            work()


class Worker:
    def __init__(self) -> None:
        self.got: list[bytes] = []
        self.killed = 0

    def send(self, calls: list[Call]) -> None:
        self.got += [call.body for call in calls]

    def kill(self) -> None:
        self.killed += 1


def dispatcher_of(loop: Loop, *workers: Worker) -> Dispatcher:
    kept = cast("asyncio.AbstractEventLoop", loop)
    dispatcher = Dispatcher(kept, timeout_s=60, queue_limit=10, max_wait_s=0)
    for worker in workers:
        dispatcher.worker_ready(worker)
    return dispatcher


async def test_what_comes_meanwhile_goes_to_others() -> None:
    one, streaming = Worker(), Worker()
    dispatcher = dispatcher_of(Loop(), one, streaming)
    dispatcher.worker_away(streaming)
    dispatcher.worker_away(streaming)
    for body in (b"first", b"second"):
        dispatcher.submit(Call(body))
    assert (one.got, streaming.got) == ([b"first"], [])
    dispatcher.worker_back(streaming)
    assert (one.got, streaming.got) == ([b"first"], [b"second"])


async def test_what_it_was_sent_before_waits_for_the_end_of_the_stream() -> None:
    loop, streaming = Loop(), Worker()
    dispatcher = dispatcher_of(loop, streaming)
    answer = dispatcher.submit(Call(b"before"))
    dispatcher.worker_away(streaming)
    dispatcher.worker_away(streaming)
    dispatcher.worker_back(streaming)
    for number in range(len(loop.timers) - 1):
        loop.fire(number)
    assert not streaming.killed
    dispatcher.submit(Call(b"later"))
    assert streaming.got == [b"before"]  # it has one batch at a time
    dispatcher.worker_answered(streaming, [OK])
    assert answer.result() is OK and streaming.got == [b"before", b"later"]
    loop.fire(-1)
    assert streaming.killed == 1
