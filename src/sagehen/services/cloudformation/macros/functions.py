"""Macros of one's own: a function gets a template, or a part of it, and answers what it becomes.

Documented: Template macros, "Author a CloudFormation macro definition".
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Mapping
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.calls.operation_calls import OperationCalls
from sagehen.domain.timeouts import timeout
from sagehen.services.cloudformation.errors import TransformFailed, ValidationError
from sagehen.services.cloudformation.macros.asking import Asking
from sagehen.services.cloudformation.makers.macros import MacroRecords
from sagehen.services.cloudformation.templates.context import NotYet, Unresolved
from sagehen.services.cloudformation.templates.functions import evaluate
from sagehen.services.cloudformation.templates.transforms import Macro

# Clients give up on an answer after 60 s.
_PATIENCE_S = 50.0


class FunctionMacros:
    """Calls functions, as who asks: they need lambda:InvokeFunction (documented).

    Args:
        calls: The platform's operations.
    """

    def __init__(self, records: MacroRecords, calls: OperationCalls) -> None:
        self._records = records
        self._calls = calls

    def require(self, asking: Asking, name: str) -> str:
        """Return the function that a macro stands for. ValidationError where there is no such macro."""
        function = self._records.function_of(asking.scope, name)
        if function is None:
            raise ValidationError(f"No transform named {asking.scope.account_id}::{name} found.")
        return function

    async def answered(self, asking: Asking, macro: Macro, fragment: Mapping[str, Any]) -> Any:
        """Return what a function makes of a template or a part of one.

        Raises:
            TransformFailed
        """
        function = self.require(asking, macro.name)
        called = f"{asking.scope.account_id}::{macro.name}"
        try:
            event = {
                "region": asking.scope.region,
                "accountId": asking.scope.account_id,
                "fragment": fragment,
                "transformId": called,
                "params": evaluate(dict(macro.parameters), asking.context),
                "requestId": str(uuid.uuid4()),
                "templateParameterValues": dict(asking.context.parameters),
            }
        except (Unresolved, NotYet) as error:
            raise TransformFailed(called, str(error)) from None
        answer = await self._invoked(asking, called, function, event)
        if answer.get("requestId") != event["requestId"]:
            raise TransformFailed(called, "The function's answer has another requestId.")
        if str(answer.get("status", "")).lower() != "success":
            raise TransformFailed(called, str(answer.get("errorMessage") or answer.get("status")))
        return answer.get("fragment")

    async def _invoked(
        self, asking: Asking, called: str, function: str, event: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        payload = await asyncio.to_thread(lambda: json.dumps(event).encode())
        request = {"FunctionName": function, "Payload": payload}
        try:
            async with timeout(_PATIENCE_S):
                answer = await self._calls.call(asking.principal, asking.scope, "lambda", "Invoke", request)
        except TimeoutError:
            raise TransformFailed(called, f"The function did not answer within {_PATIENCE_S:g} s.") from None
        except (ServiceError, AccessDenied) as error:
            raise TransformFailed(called, error.message) from None
        if answer.get("FunctionError"):
            raise TransformFailed(called, "Received malformed response from transform.")
        try:
            found = await asyncio.to_thread(read_json, answer["Payload"])
        except NotJson:
            found = None
        if not isinstance(found, dict):
            raise TransformFailed(called, "Received malformed response from transform.")
        return found
