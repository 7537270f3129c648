"""Functions as other services invoke them: `ports.FunctionInvoker` and `ports.Notifier`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.arn import Arn
from sagehen.domain.identity import Principal, service_principal
from sagehen.domain.ids import Ids
from sagehen.domain.ports.authorization import Authorizer
from sagehen.domain.ports.functions import FunctionResult
from sagehen.domain.scope import Scope, partition_of
from sagehen.services.lambda_.errors import InvalidParameterValueException, ResourceNotFoundException
from sagehen.services.lambda_.invocations.runner import FunctionRunner
from sagehen.services.lambda_.names import FunctionReference, parse_reference
from sagehen.services.lambda_.payloads import check_payload
from sagehen.services.lambda_.queue.loop import AsyncQueue

_S3 = service_principal("s3.amazonaws.com")
_LOGS = service_principal("logs.amazonaws.com")


class Invoker:
    """Invokes with the rights of the principal that is given; implements `ports.FunctionInvoker`."""

    def __init__(
        self, *, runner: FunctionRunner, queue: AsyncQueue, authorizer: Authorizer, ids: Ids
    ) -> None:
        self._runner = runner
        self._queue = queue
        self._authorizer = authorizer
        self._ids = ids

    async def invoke(
        self,
        principal: Principal,
        function_arn: str,
        payload: bytes,
        environment: Mapping[str, ConditionValue],
    ) -> FunctionResult:
        reference = self._authorized(principal, function_arn, environment)
        await check_payload(payload, "RequestResponse")
        answer = await self._runner.run(reference, self._ids.uuid(), payload or b"{}")
        return FunctionResult(
            answer.outcome.payload,
            answer.outcome.function_error,
            answer.executed_version,
            answer.outcome.log_tail,
        )

    async def invoke_async(
        self,
        principal: Principal,
        function_arn: str,
        payload: bytes,
        environment: Mapping[str, ConditionValue],
    ) -> None:
        reference = self._authorized(principal, function_arn, environment)
        await check_payload(payload, "Event")
        self._runner.resolve(reference)
        await self._queue.accept(reference, self._ids.uuid(), payload or b"{}")

    def may_invoke(
        self, principal: Principal, function_arn: str, environment: Mapping[str, ConditionValue]
    ) -> bool:
        """Tell whether the function is there and the principal may invoke it."""
        try:
            self._runner.resolve(_reference(function_arn))
        except (ResourceNotFoundException, InvalidParameterValueException):
            return False
        access = Access("lambda:InvokeFunction", function_arn)
        return self._authorizer.is_allowed(principal, access, environment)

    def _authorized(
        self, principal: Principal, function_arn: str, environment: Mapping[str, ConditionValue]
    ) -> FunctionReference:
        reference = _reference(function_arn)
        self._authorizer.authorize(principal, Access("lambda:InvokeFunction", reference.arn), environment)
        return reference


def _reference(function_arn: str) -> FunctionReference:
    try:
        arn = Arn.parse(function_arn)
    except ValueError:
        raise InvalidParameterValueException(f"Invalid function ARN: {function_arn}") from None
    return parse_reference(Scope(arn.account_id, arn.region), function_arn)


class ObjectEvents:
    """Takes S3's events for functions; implements `ports.Notifier`."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    def accepts(self, scope: Scope, bucket: str, function_arn: str) -> bool:
        return self._invoker.may_invoke(_S3, function_arn, _bucket_keys(scope, bucket))

    async def object_event(
        self, scope: Scope, bucket: str, function_arn: str, event: Mapping[str, Any]
    ) -> None:
        payload = json.dumps({"Records": [event]}, separators=(",", ":")).encode()
        await self._invoker.invoke_async(_S3, function_arn, payload, _bucket_keys(scope, bucket))


class LogEvents:
    """Takes CloudWatch Logs' events for functions; implements `ports.LogSubscribers`."""

    def __init__(self, invoker: Invoker) -> None:
        self._invoker = invoker

    def accepts(self, scope: Scope, group: str, function_arn: str) -> bool:
        return self._principal(scope, group, function_arn) is not None

    async def log_events(self, scope: Scope, group: str, function_arn: str, payload: bytes) -> None:
        # Where nobody may, the one that most policies name is refused.
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
        "aws:SourceArn": scope.arn("logs", f"log-group:{group}:*"),
        "aws:SourceAccount": scope.account_id,
    }


def _bucket_keys(scope: Scope, bucket: str) -> dict[str, ConditionValue]:
    return {
        "aws:SourceArn": f"arn:{partition_of(scope.region)}:s3:::{bucket}",
        "aws:SourceAccount": scope.account_id,
    }
