"""What becomes of connections whose worker ends, or could not take them."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest

from sagehen.modelserver import messages
from sagehen.modelserver.hooks.handler import Handler
from sagehen.modelserver.lanes.channel import Channel, channel_pair
from sagehen.modelserver.lanes.lending import Lanes
from sagehen.modelserver.lanes.page import Page
from sagehen.modelserver.lanes.policy import LEAST_CALLS
from sagehen.modelserver.messages import Answer, Returned, Why
from sagehen.modelserver.workers.lanes import LaneServer

DIED, TIMED_OUT = Answer(503, "text/plain", b"died"), Answer(504, "text/plain", b"late")


class Connection:
    peer = "127.0.0.1"

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.became: list[Any] = []

    def take_back(self, returned: Returned) -> None:
        self.became.append(returned.answer or returned.why)

    def abort(self) -> None:
        self.became.append("cut")


class Worker:
    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    def kill(self) -> None:
        raise AssertionError("nothing is late here")


@pytest.fixture
def ends() -> Iterator[tuple[Channel, Channel]]:
    pair = channel_pair()
    yield pair
    for end in pair:
        end.close()


@pytest.mark.parametrize(
    ("done", "becomes"),
    [
        ([], Why.LOST),
        ([lambda page: page.begin(1, 0)], "cut"),  # perhaps the request was read, perhaps it still lies there
        ([lambda page: page.begin(1, 0), Page.owe], DIED),
        ([lambda page: page.begin(1, 0), Page.owe, lambda page: page.answering(0)], "cut"),
        ([lambda page: page.begin(1, 0), Page.owe, lambda page: page.answering(0), Page.end], Why.LOST),
    ],
)
def test_a_caller_never_gets_two_answers_to_a_request_nor_none(
    ends: tuple[Channel, Channel], done: list[Callable[[Page], object]], becomes: Any
) -> None:
    fronts, backs = ends
    loop = asyncio.new_event_loop()
    lanes = Lanes(loop, timeout_s=60, timed_out=TIMED_OUT, died=DIED)
    worker = Worker(fronts)
    lanes.worker_ready(worker)
    for _ in range(LEAST_CALLS):
        backs.page.count(1, is_slow=False)
    assert lanes.may_lend()
    first, second = (Connection(fronts.calls.fileno()) for _ in range(2))
    assert lanes.lend(first) and lanes.lend(second)
    for step in done:
        step(backs.page)
    assert lanes.worker_lost(worker) is (backs.page.lane == 1)
    loop.close()
    assert (first.became, second.became) == ([becomes], [Why.LOST])


def test_a_connection_that_a_worker_could_not_take_comes_back(ends: tuple[Channel, Channel]) -> None:
    fronts, backs = ends
    fronts.calls.settimeout(60)
    server = threading.Thread(target=LaneServer(cast("Handler", None), backs).serve, daemon=True)
    server.start()
    fronts.recall(7)  # as an order looks whose descriptor the system has dropped
    payload = messages.receive(fronts.calls)
    assert payload is not None and messages.decode(payload) == Returned(7, Why.IDLE)
    fronts.calls.shutdown(socket.SHUT_RDWR)
    server.join(60)
    assert not server.is_alive()
