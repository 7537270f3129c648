"""WorkerLink: the front's end of one worker's channel."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from dataclasses import replace
from typing import Any, Protocol

from sagehen.modelserver import messages
from sagehen.modelserver.answer_stream import AnswerStream
from sagehen.modelserver.front.dispatcher import Dispatcher
from sagehen.modelserver.lanes.channel import Channel
from sagehen.modelserver.lanes.lending import Lanes
from sagehen.modelserver.messages import Answer, Call, FrameBuffer, Part, Returned, Why


class Pool(Protocol):
    """Who is told of the worker."""

    dispatcher: Dispatcher
    lanes: Lanes | None

    def worker_reported(self, link: WorkerLink, report: dict[str, Any]) -> None:
        """It has loaded its model, or could not."""

    def worker_lost(self, link: WorkerLink) -> None:
        """It has ended, or was hung up."""


class WorkerLink(asyncio.Protocol):
    """Sends batches to one worker, and passes on what it says."""

    def __init__(self, pool: Pool, channel: Channel) -> None:
        self.ready = False
        self.channel = channel
        self._pool = pool
        self._lane_stream: AnswerStream | None = None
        self.pid: int | None = None
        self._frames = FrameBuffer()
        self._transport: asyncio.Transport | None = None

    def send(self, calls: list[Call]) -> None:
        """Give the worker a batch. It must be connected."""
        assert self._transport is not None
        self._transport.write(messages.encode_calls(calls))

    def kill(self) -> None:
        """End the process at once; `connection_lost` follows. One that has not reported has no pid yet."""
        if self.pid is not None:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself just now
                os.kill(self.pid, signal.SIGKILL)

    def close(self) -> None:
        """Hang up: the worker ends when it has answered what it holds."""
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        self._transport = transport  # type: ignore[assignment]

    def data_received(self, data: bytes) -> None:
        """Called by asyncio: the first frame is the worker's report, the others are answers."""
        for payload in self._frames.feed(data):
            if self.ready:
                self._take(messages.decode(payload))
                continue
            report = messages.load(payload)
            self.pid = report.get("ready")
            self.ready = self.pid is not None
            self._pool.worker_reported(self, report)

    def _take(self, told: list[Answer] | Answer | Part | Returned) -> None:
        dispatcher = self._pool.dispatcher
        if isinstance(told, list):
            dispatcher.worker_answered(self, told)
        elif isinstance(told, Returned):
            self._take_back(told)
        elif isinstance(told, Answer):
            told.stream = AnswerStream(self._hold)
            dispatcher.worker_began(self, told)
        elif self._lane_stream is None:
            dispatcher.worker_sent_part(self, told)
        else:
            self._pass_on(self._lane_stream, told)

    def _take_back(self, returned: Returned) -> None:
        """Tell the lanes of a connection that comes back. Parts that follow are those of its answer."""
        lanes = self._pool.lanes
        assert lanes is not None
        if (answer := returned.answer) is None:
            lanes.returned(self, returned)
            return
        if returned.why is Why.STREAM:
            answer.stream = self._lane_stream = AnswerStream(self._hold)
            self._pool.dispatcher.worker_away(self)
        noted = self._pool.dispatcher.note(self, answer)
        if answer.stream is not None and noted is not answer:
            answer.stream.abandon()  # the caller gets an error instead
        lanes.returned(self, replace(returned, answer=noted))

    def _pass_on(self, stream: AnswerStream, part: Part) -> None:
        if part.last is None:
            self._pool.dispatcher.worker_away(self)
            stream.part(part.data)
        else:
            self._lane_stream = None
            stream.end(part.last)
            self._pool.dispatcher.worker_back(self)

    def _hold(self, held: bool) -> None:
        if self._transport is not None and self._transport.is_reading() == held:
            (self._transport.pause_reading if held else self._transport.resume_reading)()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio: the process has ended, or was hung up."""
        self._transport = None
        self.channel.orders.close()
        if self._lane_stream is not None:
            self._lane_stream.end(False)
        self._pool.worker_lost(self)
