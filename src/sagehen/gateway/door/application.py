"""Application: what ASGI calls for every request: the chain's answer goes out, and on record."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import InternalFailure
from sagehen.api.streams import StreamBroken
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.gateway.chain.chain import Chain
from sagehen.gateway.chain.trace import Trace
from sagehen.gateway.connections.connection import Connection
from sagehen.gateway.connections.file_answering import ClientGone
from sagehen.gateway.connections.respond import Send, respond
from sagehen.gateway.connections.upgraded import Upgraded
from sagehen.gateway.door import access_log
from sagehen.gateway.door.access_log import AccessHook, Served
from sagehen.gateway.operations.dress import undressed
from sagehen.gateway.requests.body import Receive
from sagehen.gateway.requests.incoming import Incoming, incoming_of
from sagehen.gateway.s3.bucket_logs import BucketLogs, entry_of

logger = logging.getLogger("sagehen.gateway")


class Application:
    """Answers every request of every connection.

    Args:
        chain: What happens to a request.
        clock: The platform's: times of receipt.
        ids: Draws request ids.
        on_served: Told of every answered request; must be quick.
        bucket_logs: Told of requests to the buckets that it wants.
    """

    def __init__(
        self,
        chain: Chain,
        *,
        clock: Clock,
        ids: Ids,
        on_served: AccessHook | None,
        bucket_logs: BucketLogs | None,
    ) -> None:
        self._chain = chain
        self._clock = clock
        self._ids = ids
        self._on_served = on_served
        self._bucket_logs = bucket_logs

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        connection: Connection = scope["state"]["connection"]
        incoming = incoming_of(scope, receive, request_id=self._ids.uuid(), received_at=self._clock.now())
        trace = Trace()
        response = await self._chain.answer(incoming, trace)
        began = False
        if isinstance(response, Upgraded):
            connection.hand_over(send)
            response.take(connection)
            self._record(incoming, trace, response.status, 0, started)
            return

        async def checked_send(message: Mapping[str, Any]) -> None:
            nonlocal began
            if connection.closing:
                raise ClientGone
            began = True
            connection.handed_bytes += len(message.get("body", b""))
            await send(message)

        async def send_file(file: int, offset: int, count: int) -> int:
            return await connection.send_file(send, file, offset, count)

        sent = 0
        head, close = incoming.method == "HEAD", _must_close(connection, incoming)
        try:
            sent = await respond(checked_send, response, head=head, close=close, send_file=send_file)
        except ClientGone:
            connection.give_up(send)
            return
        except StreamBroken:
            connection.transport.close()  # what was sent is read; the end, which is missing, is not
            connection.give_up(send)
            return
        except Exception as error:
            logger.error("request %s: the answer failed", incoming.request_id, exc_info=error)
            if began:  # too late for a status: a broken connection is the only honest sign left
                connection.transport.abort()
                return
            response = undressed(incoming, InternalFailure("The answer could not be read or written."))
            await respond(send, response, head=head, close=True)
        self._record(incoming, trace, response.status, sent, started)
        if trace.bucket and self._bucket_logs is not None and self._bucket_logs.wants(trace.bucket):
            self._bucket_logs.log(
                entry_of(
                    incoming,
                    response,
                    bucket=trace.bucket,
                    key=trace.key,
                    operation=trace.operation,
                    website=trace.service == "s3-website",
                    requester=trace.principal,
                    error=trace.error,
                    sent_bytes=sent,
                    took_ms=int((time.perf_counter() - started) * 1000),
                )
            )

    def _record(self, incoming: Incoming, trace: Trace, status: int, sent: int, started: float) -> None:
        if self._on_served is None and status < 500 and not access_log.logger.isEnabledFor(logging.DEBUG):
            return
        served = Served(
            incoming.request_id,
            incoming.peer,
            incoming.method,
            incoming.path,
            trace.service,
            trace.operation,
            trace.principal,
            status,
            sent,
            int((time.perf_counter() - started) * 1e6),
        )
        access_log.write(served)
        if self._on_served is not None:
            self._on_served(served)


def _must_close(connection: Connection, incoming: Incoming) -> bool:
    """Whether the connection cannot go on after this answer.

    A client that waits for `100 Continue` and gets a refusal may or may not send its body: the next
    bytes could be either. A proxy's client may want another host next.
    """
    waiting = "expect" in incoming.headers and not incoming.body.begun and incoming.body.length != 0
    return waiting or connection.absolute
