"""Where events come from that nobody asks for one by one: S3's notifications and Logs' subscriptions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sagehen.domain.access import ConditionValue
from sagehen.domain.identity import Principal, service_principal
from sagehen.domain.scope import Scope, partition_of
from sagehen.services.lambda_.invocations.invoker import Invoker

_S3 = service_principal("s3.amazonaws.com")
_LOGS = service_principal("logs.amazonaws.com")


class ObjectEvents:
    """Takes S3's events for functions; implements `ports.Notifier`."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    def accepts(self, scope: Scope, bucket: str, function_arn: str) -> bool:
        """See `ports.Notifier`. Asked when a bucket's notifications are configured."""
        return self._invoker.may_invoke(_S3, function_arn, _bucket_keys(scope, bucket))

    async def object_event(
        self,
        scope: Scope,
        bucket: str,
        function_arn: str,
        event: Mapping[str, Any],
        trace_header: str | None = None,
    ) -> None:
        """See `ports.Notifier`. One record an event, as S3 sends them (documented)."""
        payload = json.dumps({"Records": [event]}, separators=(",", ":")).encode()
        await self._invoker.invoke_async(
            _S3, function_arn, payload, _bucket_keys(scope, bucket), trace_header
        )


class LogEvents:
    """Takes CloudWatch Logs' events for functions; implements `ports.LogSubscribers`."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    def accepts(self, scope: Scope, group: str, function_arn: str) -> bool:
        """See `ports.LogSubscribers`. Asked when a filter is put."""
        return self._principal(scope, group, function_arn) is not None

    async def log_events(self, scope: Scope, group: str, function_arn: str, payload: bytes) -> None:
        # Where nobody may, the one that most policies name is refused.
        """See `ports.LogSubscribers`."""
        principal = self._principal(scope, group, function_arn) or _LOGS
        await self._invoker.invoke_async(principal, function_arn, payload, _group_keys(scope, group))

    def _principal(self, scope: Scope, group: str, function_arn: str) -> Principal | None:
        """Return whom the function lets in: Logs, or Logs of the region, as older policies have it."""
        keys = _group_keys(scope, group)
        for principal in (_LOGS, service_principal(f"logs.{scope.region}.amazonaws.com")):
            if self._invoker.may_invoke(principal, function_arn, keys):
                return principal
        return None


def _group_keys(scope: Scope, group: str) -> dict[str, ConditionValue]:
    return {
        # Documented: "Subscription filters with AWS Lambda"; the ARN ends with `:*`.
        "aws:SourceArn": scope.arn("logs", f"log-group:{group}:*"),
        "aws:SourceAccount": scope.account_id,
    }


def _bucket_keys(scope: Scope, bucket: str) -> dict[str, ConditionValue]:
    return {
        "aws:SourceArn": f"arn:{partition_of(scope.region)}:s3:::{bucket}",
        "aws:SourceAccount": scope.account_id,
    }
