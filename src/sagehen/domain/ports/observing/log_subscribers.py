"""Subscribers of log groups. Between CloudWatch Logs and Lambda."""

from __future__ import annotations

from typing import Protocol

from sagehen.domain.scope import Scope


class LogSubscribers(Protocol):
    """Functions as subscription filters of log groups know them. `scope` is the group's."""

    def accepts(self, scope: Scope, group: str, function_arn: str) -> bool:
        """Tell whether the function is there and CloudWatch Logs may invoke it for this group."""
        ...

    async def log_events(self, scope: Scope, group: str, function_arn: str, payload: bytes) -> None:
        """Put one event (AWS's JSON: `awslogs.data`) on the function's durable queue.

        Raises:
            AccessDenied, ServiceError (the function is gone).
        """
        ...
