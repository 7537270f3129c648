"""MOCK: the request template says which integration response to give; nothing is called."""

from __future__ import annotations

import re

import orjson

from sagehen.services.apigateway.data_plane.compiled_api import CompiledIntegration
from sagehen.services.apigateway.data_plane.exchange import Exchange
from sagehen.services.apigateway.data_plane.failures import ConfigurationError
from sagehen.services.apigateway.data_plane.integrations.requests import mapped_request
from sagehen.services.apigateway.data_plane.integrations.responses import BackendAnswer, mapped_response
from sagehen.services.apigateway.data_plane.messages.message import ApiResponse, status_of

# Frameworks write `{statusCode: 200}`, and API Gateway reads it.
_LOOSE = re.compile(rb"""['"]?statusCode['"]?\s*:\s*['"]?(\d{3})\b""")


def answer_mock(exchange: Exchange, compiled: CompiledIntegration) -> ApiResponse:
    """Return the method response of a MOCK integration.

    Raises:
        GatewayFailure: UNSUPPORTED_MEDIA_TYPE.
        ConfigurationError: The template gives no statusCode.
    """
    request = mapped_request(exchange, compiled)
    status = _status(request.body) if request.templated or request.body else None
    # Recorded, words included.
    if status is None:
        raise ConfigurationError("Unable to parse statusCode. It should be an integer")
    return mapped_response(exchange, compiled, BackendAnswer(status, (), b"", str(status)))


def _status(body: bytes) -> int | None:
    try:
        document = orjson.loads(body)
    except ValueError:
        match = _LOOSE.search(body)
        return int(match.group(1)) if match else None
    return status_of(document.get("statusCode")) if isinstance(document, dict) else None
