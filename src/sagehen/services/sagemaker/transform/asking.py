"""Asking: payloads sent to one instance's model server, again where that may help."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sagehen.services.sagemaker.transform.settings import Settings
from sagehen.serving.connection import MAX_RESPONSE_BYTES, ConnectionClosed
from sagehen.serving.replica import Replica

_PAUSE_S = 0.2
# Recorded, as what else a data log says: aws/sagemaker-python-sdk issue 1951, aws/amazon-sagemaker-examples
# issues 1620 and 3948. What follows it is ours.
_NONE = "Unable to get response from algorithm"


class NotAnswered(Exception):
    """A payload got no answer that is one.

    Args:
        reason: As the log says it, in one or more lines.
        is_client: Whether it is the data's fault: the model refused it.
    """

    def __init__(self, reason: str, *, is_client: bool) -> None:
        super().__init__(reason)
        self.is_client = is_client


async def _never() -> bool:
    return False


@dataclass(frozen=True, slots=True)
class Server:
    """One instance.

    Args:
        host: Such as `algo-1`.
        slots: As many as it may be asked at once.
        headers: Of every request.
        was_away: Waits while its machine cannot be reached, and tells whether that was so, and is over.
    """

    host: str
    replica: Replica
    settings: Settings
    slots: asyncio.Semaphore
    headers: dict[str, str]
    was_away: Callable[[], Awaitable[bool]] = _never

    async def ask(self, payload: bytes) -> bytes:
        """Return the model's answer. A slot is the caller's.

        Raises:
            NotAnswered: Refused, or not answered at the last try (documented: InvocationsMaxRetries).
        """
        tries_left = self.settings.retries
        while True:
            try:
                response = await self.replica.request(
                    b"POST", b"/invocations", self.headers, payload, self.settings.timeout_s,
                    most_bytes=MAX_RESPONSE_BYTES // self.settings.at_once,
                )  # fmt: skip
            except TimeoutError:
                reason = f"{_NONE}: no answer within {self.settings.timeout_s} seconds"
            except ConnectionClosed as error:
                if await self.was_away():
                    continue  # no fault of the model's, and no try of its
                reason = f"{_NONE}: the container hung up: {error}"
            else:
                if response.status < 300:
                    return response.body
                is_client = response.status < 500
                kind = "ClientError" if is_client else "Bad HTTP status received from algorithm"
                said = response.body[:300].decode("utf-8", "replace")
                reason = f"{kind}: {response.status}\n\nMessage:\n{said}"
                if is_client:
                    raise NotAnswered(reason, is_client=True)
            if not tries_left:
                raise NotAnswered(reason, is_client=False)
            tries_left -= 1
            await asyncio.sleep(_PAUSE_S)
