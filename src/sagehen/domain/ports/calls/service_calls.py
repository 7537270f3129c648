"""Calls of the platform's own operations on somebody's behalf. Between services and the front door."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from sagehen.domain.identity import Credentials


class ServiceCalls(Protocol):
    """Signed calls of AWS operations inside the platform (implemented by the front door)."""

    async def call(
        self,
        *,
        host: str,
        signing_name: str,
        region: str,
        credentials: Credentials,
        method: str,
        target: str,
        headers: Mapping[str, str],
        body: bytes,
    ) -> tuple[int, list[tuple[str, str]], bytes]:
        """Return status, headers and body (at most 10 MB) of the answer. `target`: path and query."""
        ...
