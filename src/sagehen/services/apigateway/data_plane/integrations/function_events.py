"""AWS_PROXY: the event that a function gets, and what its answer must be.

Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

from __future__ import annotations

import base64
import json
from typing import Any

import orjson

from sagehen.services.apigateway.data_plane.exchange import Exchange, trace_header
from sagehen.services.apigateway.data_plane.failures import GatewayFailure
from sagehen.services.apigateway.data_plane.integrations.responses import clean
from sagehen.services.apigateway.data_plane.messages.content import (
    JSON_TYPE,
    decode_base64,
    first_accepted,
)
from sagehen.services.apigateway.data_plane.messages.headers import FOR_THE_GATEWAY
from sagehen.services.apigateway.data_plane.messages.message import (
    ApiRequest,
    ApiResponse,
    Headers,
    status_of,
)

# Recorded: one member more, and the answer is malformed.
_KEYS = frozenset(("isBase64Encoded", "statusCode", "headers", "multiValueHeaders", "body"))
# What of `$context` a function sees; the rest is for logs and templates.
_CONTEXT = (
    "resourceId", "authorizer", "resourcePath", "operationName", "httpMethod", "extendedRequestId",
    "requestTime", "path", "accountId", "protocol", "stage", "domainPrefix", "requestTimeEpoch",
    "requestId", "identity", "domainName", "deploymentId", "apiId", "isCanaryRequest",
)  # fmt: skip


def proxy_event(exchange: Exchange) -> bytes:
    """Return the event (payload format 1.0) as JSON."""
    request, parameters = exchange.request, exchange.parameters
    is_binary = bool(request.body) and exchange.api.binary.includes(request.header("content-type"))
    body: str | None = None
    if request.body:
        body = base64.b64encode(request.body).decode() if is_binary else exchange.body_text
    single, multiple = _headers(with_forwarding(request))
    return orjson.dumps(
        {
            "resource": exchange.context["resourcePath"],
            "path": "/" + request.path.lstrip("/"),
            "httpMethod": request.method,
            # Recorded: what is empty is null.
            "headers": single or None,
            "multiValueHeaders": multiple or None,
            "queryStringParameters": parameters.query or None,
            "multiValueQueryStringParameters": parameters.query_lists or None,
            "pathParameters": dict(parameters.raw_path) or None,
            "stageVariables": dict(exchange.stage_variables) or None,
            "requestContext": request_context(exchange),
            "body": body,
            "isBase64Encoded": is_binary,
        }
    )


def request_context(exchange: Exchange) -> dict[str, Any]:
    """Return the `requestContext` of proxy events and of REQUEST authorizers' events."""
    context = exchange.context
    return {name: context[name] for name in _CONTEXT if name in context}


def with_forwarding(request: ApiRequest) -> Headers:
    """Return a request's headers with those that API Gateway adds on the way to a backend."""
    forwarded = request.header("x-forwarded-for")
    added = {
        "X-Amzn-Trace-Id": trace_header(request),
        # From memory: the client's address behind those that it says itself.
        "X-Forwarded-For": f"{forwarded}, {request.source_ip}" if forwarded else request.source_ip,
        "X-Forwarded-Port": request.host.rpartition(":")[2] if ":" in request.host else _port(request),
        "X-Forwarded-Proto": "https" if request.secure else "http",
    }
    lowered = {name.lower() for name in added}
    kept = [
        # This one is spelled so, however the client spells it; all others as he does (recorded).
        ("Authorization" if name.lower() == "authorization" else name, value)
        for name, value in request.headers
        if name.lower() not in FOR_THE_GATEWAY and name.lower() not in lowered
    ]
    return (*kept, *added.items())


def _port(request: ApiRequest) -> str:
    return "443" if request.secure else "80"


def _headers(headers: Headers) -> tuple[dict[str, str], dict[str, list[str]]]:
    single: dict[str, str] = {}
    multiple: dict[str, list[str]] = {}
    for name, value in headers:
        single[name] = value
        multiple.setdefault(name, []).append(value)
    return single, multiple


def proxy_answer(exchange: Exchange, payload: bytes) -> ApiResponse:
    """Turn a function's answer into the method response.

    Raises:
        GatewayFailure: It is not of the shape that a proxy allows (502).
        ConfigurationError: Its body says base64 and is none.
    """
    try:
        result = orjson.loads(payload)
    except ValueError:
        raise malformed() from None
    # From memory: null is an empty object.
    if result is None:
        result = {}
    if not isinstance(result, dict) or not _KEYS.issuperset(result):
        raise malformed()
    response = ApiResponse(_status(result.get("statusCode", 200)))
    _put_headers(response, result.get("headers"), result.get("multiValueHeaders"))
    body = result.get("body")
    if body is None:
        body = ""
    elif isinstance(body, dict | list):
        raise malformed()
    elif not isinstance(body, str):
        body = json.dumps(body)
    flag = result.get("isBase64Encoded")
    if flag not in (None, True, False):
        raise malformed()
    accepted = first_accepted(exchange.request.header("accept"))
    response.body = body.encode("utf-8", "surrogatepass")
    # Documented: Return binary media from a Lambda proxy integration: only to clients that accept such a
    # type first.
    if flag and exchange.api.binary.includes(accepted):
        response.body = decode_base64(body)
    if response.header("content-type") is None:
        response.headers.append(("Content-Type", JSON_TYPE))
    return response


def _status(value: Any) -> int:
    status = 200 if value is None else status_of(value)
    if status is None:
        raise malformed()
    return status


def _put_headers(response: ApiResponse, single: Any, multiple: Any) -> None:
    """Merge both maps: where a name is in both, the list of values counts."""
    listed: set[str] = set()
    if multiple is not None:
        if not isinstance(multiple, dict) or not all(isinstance(value, list) for value in multiple.values()):
            raise malformed()
        for name, values in multiple.items():
            listed.add(name.lower())
            response.headers += [(name, _value(value)) for value in values]
    if single is not None:
        if not isinstance(single, dict):
            raise malformed()
        for name, value in single.items():
            if name.lower() not in listed and value is not None:
                response.set_header(name, _value(value))


def _value(value: Any) -> str:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict | list):
        raise malformed()
    return json.dumps(value)


def malformed() -> GatewayFailure:
    """AWS's answer to a proxy result that it does not take."""
    return GatewayFailure(
        "DEFAULT_5XX",
        status=502,
        log="Execution failed due to configuration error: Malformed Lambda proxy response",
    )
