"""Lambda functions as other services invoke them. Between them and Lambda."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

from sagehen.domain.access import ConditionValue
from sagehen.domain.identity import Principal


@dataclass(frozen=True, slots=True)
class FunctionResult:
    """What a Lambda function answered. `function_error` is None, `Handled` or `Unhandled`."""

    payload: bytes
    function_error: str | None
    executed_version: str
    log_tail: str = ""


class FunctionInvoker(Protocol):
    """Lambda as API Gateway, S3 notifications and alarms use it."""

    async def invoke(
        self,
        principal: Principal,
        function_arn: str,
        payload: bytes,
        environment: Mapping[str, ConditionValue],
        departed: Callable[[], Awaitable[None]] | None = None,
    ) -> FunctionResult:
        """Invoke synchronously with the rights of `principal` (a role session, or a service principal
        with `aws:SourceArn` and `aws:SourceAccount` in `environment`, which the function's resource
        policy must allow).

        Args:
            departed: Returns when the client has left for whom this is: then it waits for concurrency no
                longer. What runs runs on.

        Raises:
            AccessDenied, ServiceError (throttled, not found, ClientDeparted).
        """
        ...

    async def invoke_async(
        self,
        principal: Principal,
        function_arn: str,
        payload: bytes,
        environment: Mapping[str, ConditionValue],
    ) -> None:
        """Put the event on the function's durable queue."""
        ...
