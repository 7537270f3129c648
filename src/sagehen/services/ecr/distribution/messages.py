"""RegistryRequest and RegistryAnswer: a request of the protocol without sockets."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from sagehen.api.streams import ResponseBody
from sagehen.domain.scope import Scope


class Body(Protocol):
    """A request's body as it arrives; `length` is None where the client does not say it."""

    @property
    def length(self) -> int | None: ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def read(self, limit: int) -> bytes:
        """Return the whole body; raises a ServiceError beyond `limit` bytes."""
        ...


@dataclass(frozen=True, slots=True)
class RegistryRequest:
    """One request to a registry.

    Args:
        method: Upper case.
        path: As sent, percent-encoded, beginning with `/v2`.
        query: As sent, without `?`.
        headers: Lower-case names.
        body: Unread.
        registry: As the host name tells; None where it tells none: then the token does.
        url: Scheme and host by which the client came.
        source_ip: The client's address.
        secure: Came over TLS.
        received_at: UTC.
    """

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: Body
    registry: Scope | None
    url: str
    source_ip: str
    secure: bool
    received_at: datetime


@dataclass(frozen=True, slots=True)
class RegistryAnswer:
    """What goes back."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: ResponseBody = b""
