"""Invoker: functions as other services invoke them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from sagehen.api.context import never
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.arn import Arn
from sagehen.domain.identity import Principal
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.functions import FunctionResult
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.scope import Scope
from sagehen.services.lambda_.errors import InvalidParameterValueException, ResourceNotFoundException
from sagehen.services.lambda_.invocations.accepting import Accepting
from sagehen.services.lambda_.invocations.runner import FunctionRunner
from sagehen.services.lambda_.names import FunctionReference, parse_reference
from sagehen.services.lambda_.payloads import check_payload


class Invoker:
    """Invokes with the rights of the principal that is given; implements `ports.FunctionInvoker`."""

    def __init__(self, *, runner: FunctionRunner, queue: Accepting, authorizer: Authorizer, ids: Ids) -> None:
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
        departed: Callable[[], Awaitable[None]] | None = None,
    ) -> FunctionResult:
        """See `ports.FunctionInvoker`.

        Raises:
            AccessDenied: `principal` may not.
            ResourceNotFoundException, TooManyRequestsException, RequestEntityTooLargeException and what else
            Invoke answers.
        """
        reference = self._authorized(principal, function_arn, environment)
        await check_payload(payload, "RequestResponse")
        answer = await self._runner.run(
            reference, self._ids.uuid(), payload or b"{}", departed=departed or never
        )
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
        trace_header: str | None = None,
    ) -> None:
        """See `ports.FunctionInvoker`. The event is acknowledged, and survives everything, once this returns.

        Raises:
            AccessDenied, ResourceNotFoundException, RequestEntityTooLargeException.
        """
        reference = self._authorized(principal, function_arn, environment)
        await check_payload(payload, "Event")
        self._runner.resolve(reference)
        await self._queue.accept(reference, self._ids.uuid(), payload or b"{}", trace_header=trace_header)

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
