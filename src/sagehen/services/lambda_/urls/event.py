"""The event that a request becomes: payload format 2.0, with the members that AWS sends and no others. Pure.

Source: https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-request-payload; what that page
has as null or empty AWS leaves out (public recordings of events).
"""

from __future__ import annotations

import base64
from typing import Any
from urllib.parse import parse_qsl

from sagehen.domain.clock import epoch_ms
from sagehen.services.lambda_.urls.messages import UrlRequest
from sagehen.services.lambda_.urls.records import UrlConfig

# About a connection, which is not the function's; the signature was for Lambda's front (from memory).
_HOP = frozenset(("connection", "expect", "keep-alive", "proxy-connection", "te", "trailer",
                  "transfer-encoding", "upgrade"))  # fmt: skip
_TEXT = ("application/json", "application/javascript", "application/xml")


def event_of(config: UrlConfig, request: UrlRequest, trace: str) -> dict[str, Any]:
    """Return the event.

    Args:
        trace: The X-Ray header that the request came with, or got.
    """
    aws_domain = f"{config.url_id}.lambda-url.{config.reference.scope.region}.on.aws"
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": request.path,
        "rawQueryString": request.query,
    }
    if cookies := _cookies(request):
        event["cookies"] = cookies
    event["headers"] = _headers(config, request, trace)
    if request.query:
        event["queryStringParameters"] = _parameters(request.query)
    event["requestContext"] = {
        "accountId": "anonymous" if config.auth_type == "NONE" else config.reference.scope.account_id,
        "apiId": config.url_id,
        **_authorizer(config, request),
        "domainName": request.domain or aws_domain,
        "domainPrefix": config.url_id,
        "http": {
            "method": request.method,
            "path": request.path,
            "protocol": "HTTP/1.1",
            "sourceIp": request.source_ip,
            "userAgent": request.header("user-agent") or "",
        },
        "requestId": request.request_id,
        "routeKey": "$default",
        "stage": "$default",
        "time": f"{request.received_at:%d/%b/%Y:%H:%M:%S +0000}",
        "timeEpoch": epoch_ms(request.received_at),
    }
    return event | _body(request)


def _headers(config: UrlConfig, request: UrlRequest, trace: str) -> dict[str, str]:
    dropped = _HOP if config.auth_type == "NONE" else _HOP | {"authorization"}
    headers: dict[str, str] = {}
    for name, value in request.headers:
        if name not in dropped:
            headers[name] = f"{headers[name]},{value}" if name in headers else value
    given = headers.get("x-forwarded-for")
    return headers | {
        "x-forwarded-for": f"{given}, {request.source_ip}" if given else request.source_ip,
        "x-forwarded-proto": "https" if request.secure else "http",
        "x-forwarded-port": request.port,
        "x-amzn-trace-id": trace,
    }


def _cookies(request: UrlRequest) -> list[str]:
    sent = (value for name, value in request.headers if name == "cookie")
    return [cookie for value in sent for part in value.split(";") if (cookie := part.strip())]


def _parameters(query: str) -> dict[str, str]:
    """Return the parameters, decoded; values of one name joined by commas."""
    parameters: dict[str, str] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        parameters[name] = f"{parameters[name]},{value}" if name in parameters else value
    return parameters


def _authorizer(config: UrlConfig, request: UrlRequest) -> dict[str, Any]:
    principal = request.signature.principal if request.signature else None
    if config.auth_type == "NONE" or principal is None:
        return {}
    return {
        "authorizer": {
            "iam": {
                "accessKey": principal.access_key_id,
                "accountId": principal.account_id,
                "callerId": principal.user_id,
                "cognitoIdentity": None,
                "principalOrgId": None,
                "userArn": principal.arn,
                "userId": principal.user_id,
            }
        }
    }


def _body(request: UrlRequest) -> dict[str, Any]:
    if not request.body:
        return {"isBase64Encoded": False}
    if _is_text(request.header("content-type") or ""):
        try:
            return {"body": request.body.decode(), "isBase64Encoded": False}
        except UnicodeDecodeError:
            pass
    return {"body": base64.b64encode(request.body).decode(), "isBase64Encoded": True}


def _is_text(content_type: str) -> bool:
    """Tell text from what comes in base64: forms and whatever has no type are of the latter (from memory)."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind.startswith("text/") or kind in _TEXT or kind.endswith(("+json", "+xml"))
