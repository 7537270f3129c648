"""Lambda authorizers: functions that say who may call, and whose answers are remembered.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.ports.compute.functions import FunctionInvoker
from sagehen.domain.timeouts import timeout
from sagehen.services.apigateway.data_plane.compiled_api import fill
from sagehen.services.apigateway.data_plane.exchange import Exchange
from sagehen.services.apigateway.data_plane.failures import GatewayFailure
from sagehen.services.apigateway.data_plane.integrations.credentials import IntegrationCredentials
from sagehen.services.apigateway.data_plane.integrations.function_events import (
    request_context,
    with_forwarding,
)
from sagehen.services.apigateway.data_plane.integrations.functions import function_arn_of
from sagehen.services.apigateway.data_plane.mapping.expressions import compile_expression
from sagehen.services.apigateway.data_plane.off_loop import off_loop
from sagehen.services.apigateway.patterns import UnsafePattern, compile_pattern, matches_all
from sagehen.services.apigateway.snapshot.apis import Authorizer

_VERDICTS_HELD = 10_000  # ours: memory has an end
# Of all of them: whose answers these are, and how long, functions choose.
_CHARACTERS_HELD = 32 * 1024 * 1024
# Ours: the function must answer as fast as any integration. AWS documents no limit for REST APIs.
_TIMEOUT_S = 29.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an authorizer said.

    Args:
        policy: Its policy document, JSON text.
        context: `$context.authorizer`: principalId and the function's own values, as text.
        usage_key: The API key that it stands for, where keys come from authorizers.
        raw: The whole answer, for TestInvokeAuthorizer; not remembered.
    """

    policy: str
    context: Mapping[str, Any]
    usage_key: str | None
    raw: Mapping[str, Any]

    @property
    def size(self) -> int:
        """Characters that it takes to remember."""
        own = sum(len(name) + len(str(value)) for name, value in self.context.items())
        return len(self.policy) + own + len(self.usage_key or "")


class LambdaAuthorizers:
    """Asks authorizers' functions, and remembers.

    Args:
        functions: Invokes.
        credentials: Of authorizers with a role.
        clock: By which memories end.
    """

    def __init__(self, functions: FunctionInvoker, credentials: IntegrationCredentials, clock: Clock) -> None:
        self._functions = functions
        self._credentials = credentials
        self._clock = clock
        self._held: dict[tuple[str, ...], tuple[float, Verdict]] = {}
        self._held_characters = 0

    async def ask(self, exchange: Exchange) -> Verdict:
        """Return the verdict on a request.

        Raises:
            GatewayFailure: UNAUTHORIZED, AUTHORIZER_FAILURE or AUTHORIZER_CONFIGURATION_ERROR.
        """
        assert exchange.method is not None
        authorizer = exchange.api.snapshot.authorizers.get(exchange.method.method.authorizer_id or "")
        if authorizer is None:
            raise _misconfigured("the method's authorizer does not exist")
        identity = self.identity(exchange, authorizer)
        key = (exchange.request.api_id, exchange.request.stage, authorizer.id, *identity)
        held = self._held.get(key)
        if held is not None and authorizer.ttl_s and held[0] > self._clock.monotonic():
            exchange.log.info(f"Using valid authorizer policy for principal: {_principal(held[1])}")
            return held[1]
        verdict = await self.invoke(exchange, authorizer, identity)
        if authorizer.ttl_s:
            self._hold(key, self._clock.monotonic() + authorizer.ttl_s, replace(verdict, raw={}))
        return verdict

    def _hold(self, key: tuple[str, ...], until: float, verdict: Verdict) -> None:
        self._drop(key)
        size = verdict.size + sum(map(len, key))
        if len(self._held) >= _VERDICTS_HELD or self._held_characters + size > _CHARACTERS_HELD:
            self.clear()
        self._held[key] = (until, verdict)
        self._held_characters += size

    def _drop(self, key: tuple[str, ...]) -> None:
        if (held := self._held.pop(key, None)) is not None:
            self._held_characters -= held[1].size + sum(map(len, key))

    def forget(self, api_id: str, stage: str) -> None:
        """Forget all verdicts of a stage."""
        for key in [key for key in self._held if key[:2] == (api_id, stage)]:
            self._drop(key)

    def clear(self) -> None:
        """Forget all verdicts."""
        self._held.clear()
        self._held_characters = 0

    @staticmethod
    def identity(exchange: Exchange, authorizer: Authorizer) -> tuple[str, ...]:
        """Return the values of the identity sources.

        Raises:
            GatewayFailure: UNAUTHORIZED: one is missing, or a token has the wrong form.
        """
        sources = exchange.sources()
        values = []
        # Documented: any source that is missing or empty is a 401, and the function is not asked.
        for source in authorizer.identity_sources:
            found = compile_expression(source)(sources)
            if not found or not found[0]:
                raise _unauthorized(exchange)
            values.append(found[0])
        expression = authorizer.identity_validation_expression
        # Documented: identityValidationExpression: of TOKEN authorizers.
        if authorizer.type == "TOKEN" and expression and not _fits(expression, values[0] if values else ""):
            raise _unauthorized(exchange)
        return tuple(values)

    async def invoke(self, exchange: Exchange, authorizer: Authorizer, identity: tuple[str, ...]) -> Verdict:
        """Ask the function, whatever is remembered.

        Raises:
            GatewayFailure: As `ask`.
        """
        exchange.log.info(f"Starting authorizer: {authorizer.id} for request: {exchange.request.request_id}")
        arn = function_arn_of(fill(authorizer.uri, exchange.stage_variables))
        if arn is None:
            raise _misconfigured("Invalid authorizer URI")
        principal, environment = await self._credentials_of(exchange, authorizer)
        began = time.perf_counter()
        try:
            async with timeout(_TIMEOUT_S):
                result = await self._functions.invoke(
                    principal, arn, authorizer_event(exchange, authorizer, identity), environment
                )
        except TimeoutError:
            raise GatewayFailure("AUTHORIZER_FAILURE", log="Authorizer timed out") from None
        except (AccessDenied, ServiceError) as error:
            text = error.message
            raise _misconfigured(f"Invalid permissions on Lambda function, or it failed: {text}") from None
        latency_ms = int((time.perf_counter() - began) * 1000)
        try:
            answer = await off_loop(len(result.payload), orjson.loads, result.payload)
        except ValueError:
            raise _misconfigured("Authorizer's answer is no JSON") from None
        if result.function_error is not None:
            message = answer.get("errorMessage") if isinstance(answer, dict) else None
            # Documented: a function that fails with exactly this text refuses the caller; any other text is
            # a fault.
            if message == "Unauthorized":
                raise _unauthorized(exchange)
            raise GatewayFailure("AUTHORIZER_FAILURE", log=f"Lambda execution failed: {message}")
        verdict = await off_loop(len(result.payload), _verdict, answer, latency_ms)
        exchange.log.info(f"Successfully completed authorizer execution. Principal: {_principal(verdict)}")
        return verdict

    async def _credentials_of(self, exchange: Exchange, authorizer: Authorizer) -> tuple[Any, Any]:
        principal, environment = await self._credentials.of(exchange, authorizer.credentials)
        scope = exchange.api.snapshot.scope
        # Documented: the source ARN of an authorizer in a function's policy.
        source = scope.arn("execute-api", f"{exchange.request.api_id}/authorizers/{authorizer.id}")
        return principal, {**environment, "aws:SourceArn": source}


def authorizer_event(exchange: Exchange, authorizer: Authorizer, identity: tuple[str, ...]) -> bytes:
    """Return what the function is asked with."""
    arn = exchange.method_arn()
    if authorizer.type == "TOKEN":
        # Documented: Input to a Lambda authorizer, both forms.
        return orjson.dumps({"type": "TOKEN", "methodArn": arn, "authorizationToken": identity[0]})
    request, parameters = exchange.request, exchange.parameters
    multiple: dict[str, list[str]] = {}
    for name, value in with_forwarding(request):
        multiple.setdefault(name, []).append(value)
    return orjson.dumps(
        {
            "type": "REQUEST",
            "methodArn": arn,
            "resource": exchange.context.get("resourcePath"),
            "path": request.path,
            "httpMethod": request.method,
            "headers": {name: values[-1] for name, values in multiple.items()},
            "multiValueHeaders": multiple,
            "queryStringParameters": parameters.query,
            "multiValueQueryStringParameters": parameters.query_lists,
            "pathParameters": dict(parameters.raw_path),
            "stageVariables": dict(exchange.stage_variables),
            "requestContext": request_context(exchange),
        }
    )


def _verdict(answer: Any, latency_ms: int) -> Verdict:
    """Check an answer's shape.

    Raises:
        GatewayFailure: AUTHORIZER_CONFIGURATION_ERROR.
    """
    if not isinstance(answer, dict) or not isinstance(answer.get("policyDocument"), dict):
        raise _misconfigured("Authorizer's answer has no policyDocument")
    # Documented as required; that numbers are taken is from memory.
    principal = answer.get("principalId")
    if not isinstance(principal, str | int) or isinstance(principal, bool) or principal == "":
        raise _misconfigured("Authorizer's answer has no principalId")
    own = answer.get("context") or {}
    # Documented: Output from a Lambda authorizer: no arrays and no objects in the context.
    if not isinstance(own, dict) or any(isinstance(value, dict | list) for value in own.values()):
        raise _misconfigured("Authorizer's context may hold text, numbers and truth values only")
    usage_key = answer.get("usageIdentifierKey")
    context = {name: _text(value) for name, value in own.items() if value is not None}
    return Verdict(
        json.dumps(answer["policyDocument"]),
        context | {"principalId": str(principal), "integrationLatency": latency_ms},
        usage_key if isinstance(usage_key, str) else None,
        answer,
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _fits(expression: str, token: str) -> bool:
    try:
        return matches_all(token, compile_pattern(expression))
    except UnsafePattern as error:
        raise _misconfigured(f"Invalid identity validation expression: {error}") from None


def _principal(verdict: Verdict) -> str:
    # As AWS's log shows it (from memory).
    return f"******{str(verdict.context['principalId'])[-4:]}"


def _unauthorized(exchange: Exchange) -> GatewayFailure:
    return GatewayFailure("UNAUTHORIZED", log=f"Unauthorized request: {exchange.request.request_id}")


def _misconfigured(text: str) -> GatewayFailure:
    return GatewayFailure(
        "AUTHORIZER_CONFIGURATION_ERROR", log=f"Execution failed due to configuration error: {text}"
    )
