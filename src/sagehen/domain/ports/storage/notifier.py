"""Events of buckets. Between S3 and Lambda."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sagehen.domain.scope import Scope


class Notifier(Protocol):
    """Takes S3's events for functions. `scope` is the bucket's account and region."""

    def accepts(self, scope: Scope, bucket: str, function_arn: str) -> bool:
        """Tell whether the function is there and S3 may invoke it for this bucket."""
        ...

    async def object_event(
        self,
        scope: Scope,
        bucket: str,
        function_arn: str,
        event: Mapping[str, Any],
        trace_header: str | None = None,
    ) -> None:
        """Put one event record (AWS's JSON) on the function's durable queue.

        Args:
            trace_header: `X-Amzn-Trace-Id` of the request that made the event: whether a function is in a
                loop with the bucket is told by it.

        Raises:
            AccessDenied, ServiceError (the function is gone).
        """
        ...
