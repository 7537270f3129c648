"""Streaming: invocations whose answer may reach the client while the function still runs."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

from sagehen.api.context import never
from sagehen.services.lambda_.execution.response_stream import Pieces, ResponseStream
from sagehen.services.lambda_.invocations.runner import Answer, FunctionRunner
from sagehen.services.lambda_.names import FunctionReference

# One part of an answer that was given as a whole.
_PART_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class StreamedAnswer:
    """An answer that has begun.

    Args:
        pieces: What it consists of; an answer that was given as a whole comes in parts of 256 kB, one that
            is an error document not at all.
        end: How the invocation ends, after the last piece; who waits for it shields it.
        executed_version: Which version answers.
        content_type: As the runtime calls the pieces; None where the answer was given as a whole.
    """

    pieces: AsyncIterator[bytes]
    end: asyncio.Task[Answer]
    executed_version: str
    content_type: str | None = None


class Streaming:
    """Starts such invocations. They run to their end, also where the client leaves (documented)."""

    def __init__(self, runner: FunctionRunner) -> None:
        self._runner = runner
        self._running: set[asyncio.Task[Answer]] = set()

    async def start(
        self,
        reference: FunctionReference,
        request_id: str,
        payload: bytes,
        client_context: str | None = None,
        trace_id: str | None = None,
        departed: Callable[[], Awaitable[None]] = never,
    ) -> StreamedAnswer:
        """Invoke, and return when the answer begins.

        Raises:
            As `FunctionRunner.run`.
        """
        stream = ResponseStream()
        running = asyncio.create_task(
            self._runner.run(reference, request_id, payload, client_context, trace_id, stream, departed)
        )
        self._running.add(running)
        running.add_done_callback(self._running.discard)
        running.add_done_callback(lambda _: stream.close())
        pieces = Pieces(stream)
        if await stream.opened():
            return StreamedAnswer(pieces, running, stream.executed_version, stream.content_type)
        answer = await running
        outcome = answer.outcome
        parts = _parts(b"" if outcome.function_error else outcome.payload)
        return StreamedAnswer(parts, running, answer.executed_version)


async def _parts(payload: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(payload), _PART_BYTES):
        yield payload[start : start + _PART_BYTES]
