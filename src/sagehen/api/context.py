"""RequestContext: everything a handler may know of the request besides its input."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sagehen.domain.access import ConditionValue, request_conditions
from sagehen.domain.identity import Principal
from sagehen.domain.scope import Scope


async def never() -> None:
    """The departure of who does not leave."""
    await asyncio.Event().wait()


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Made by the front door's chain; never changed afterwards.

    Args:
        request_id: Unique; also in the response's headers and in logs.
        service: botocore's name of the service (`sagemaker-runtime`).
        operation: AWS's name of the operation.
        scope: The caller's account, and the region that the request was signed for.
        principal: Who asks; verified.
        received_at: When the request line was read, UTC.
        source_ip: The peer's address.
        secure: True when it came over TLS.
        host: The Host header as the client sent it, for building URLs.
        headers: All request headers, lower-case names.
        departed: Returns when the client has closed its connection, for who waits long before it answers.
            Of calls from inside the platform it never does.
        from_sandbox: Sent by code in a sandbox, whatever keys it has: no way out leads through here.
    """

    request_id: str
    service: str
    operation: str
    scope: Scope
    principal: Principal
    received_at: datetime
    source_ip: str = "127.0.0.1"
    secure: bool = False
    host: str = "127.0.0.1:4566"
    headers: Mapping[str, str] = field(default_factory=dict)
    from_sandbox: bool = False
    departed: Callable[[], Awaitable[None]] = never

    def condition_keys(self) -> dict[str, ConditionValue]:
        """Return the global condition keys that the request itself determines."""
        return request_conditions(
            at=self.received_at,
            source_ip=self.source_ip,
            secure=self.secure,
            region=self.scope.region,
            user_agent=self.headers.get("user-agent"),
            referer=self.headers.get("referer"),
        )
