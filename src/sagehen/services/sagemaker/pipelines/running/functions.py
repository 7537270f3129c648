"""Lambda steps: a function is invoked with the step's arguments, and answers with its output parameters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied, request_conditions
from sagehen.services.sagemaker.pipelines.definition.step import Step
from sagehen.services.sagemaker.pipelines.executions.execution import Execution
from sagehen.services.sagemaker.pipelines.executions.values import Unresolved
from sagehen.services.sagemaker.pipelines.running.calls import CallFailed
from sagehen.services.sagemaker.pipelines.running.parts import Parts

_TYPES: Mapping[str, tuple[type, ...]] = {
    "String": (str,),
    "Integer": (int,),
    "Float": (int, float),
    "Boolean": (bool,),
}
# Documented: the shape OutputParameter's Value.
_MOST_TEXT = 1024


async def invoked(
    parts: Parts, execution: Execution, step: Step, arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Invoke a step's function; return its output parameters.

    Raises:
        CallFailed: It cannot be invoked.
        Unresolved: It failed, or its answer has not what the step promises. The words are ours.
    """
    if parts.functions is None:
        raise CallFailed("lambda:InvokeFunction", "NotImplemented", "There are no functions.", 501)
    session = await parts.calls.session(execution.role_arn)
    conditions = request_conditions(
        at=parts.clock.now(),
        source_ip="127.0.0.1",
        secure=True,
        region=execution.scope.region,
        user_agent=None,
        referer=None,
    )
    try:
        result = await parts.functions.invoke(
            session.principal, step.function_arn, json.dumps(arguments).encode(), conditions
        )
    except AccessDenied as error:
        raise CallFailed("lambda:InvokeFunction", "AccessDenied", error.message, 403) from None
    except ServiceError as error:
        status = error.status or (400 if error.fault == "client" else 500)
        raise CallFailed("lambda:InvokeFunction", error.code, error.message, status) from None
    if result.function_error:
        told = result.payload[:_MOST_TEXT].decode("utf-8", "replace")
        raise Unresolved(f"ClientError: Function {step.function_arn} returned an error: {told}")
    return outputs(step, result.payload)


def outputs(step: Step, payload: bytes) -> dict[str, Any]:
    """Return the output parameters out of a function's answer. Pure.

    Raises:
        Unresolved
    """
    try:
        answer = read_json(payload)
    except NotJson:
        answer = None
    found: dict[str, Any] = {}
    for name, kind in step.outputs.items():
        value = answer.get(name) if isinstance(answer, dict) else None
        if value is None:
            raise Unresolved(f"ClientError: The answer of {step.function_arn} has no output '{name}'.")
        if not isinstance(value, _TYPES[kind]) or (kind != "Boolean" and isinstance(value, bool)):
            raise Unresolved(f"ClientError: Output '{name}' of {step.function_arn} is not of type {kind}.")
        if isinstance(value, str) and len(value) > _MOST_TEXT:
            raise Unresolved(f"ClientError: Output '{name}' of {step.function_arn} is too long.")
        found[name] = value
    return found
