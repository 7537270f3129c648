"""The door to users' own REST APIs: what their requests look like without sockets, and what goes back."""

from __future__ import annotations

import logging
from typing import Protocol

from sagehen.api.errors import ServiceError
from sagehen.gateway.execute_api.address import ApiCall
from sagehen.gateway.operations.dress import undressed
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.signatures.authenticate import Authenticator
from sagehen.gateway.signatures.proving import presented
from sagehen.protocol.http import HttpResponse, response_of
from sagehen.services.apigateway.data_plane.messages.message import (
    MAX_BODY_BYTES,
    ApiRequest,
    ApiResponse,
    Headers,
)

logger = logging.getLogger("sagehen.gateway")

# Recorded: what API Gateway says of a failure of its own.
_UNFORESEEN = b'{"message": "Internal server error"}'


class RestApiAnswers(Protocol):
    """The data plane of API Gateway."""

    async def answer(self, request: ApiRequest) -> ApiResponse:
        """Answer a request; raises nothing."""
        ...

    def is_own_connection(self, peer: str, port: int) -> bool:
        """Tell whether a connection that arrived from there is an API's own, to its backend."""
        ...


class ExecuteApi:
    """Takes requests to REST APIs out of the AWS chain.

    Args:
        apis: Answers them.
        authenticator: Verifies signatures for `execute-api`.
    """

    def __init__(self, apis: RestApiAnswers, authenticator: Authenticator) -> None:
        self._apis = apis
        self._authenticator = authenticator

    async def answer(self, incoming: Incoming, call: ApiCall) -> HttpResponse:
        """Answer a request to an API."""
        try:
            brought = await presented(self._authenticator, incoming, "execute-api", MAX_BODY_BYTES)
        except ServiceError as error:  # the client broke off
            return undressed(incoming, error)
        request = ApiRequest(
            request_id=incoming.request_id,
            api_id=call.api_id,
            stage=call.stage,
            method=incoming.method,
            path=call.path,
            query=incoming.query,
            headers=_headers(incoming),
            body=brought.body,
            source_ip=incoming.peer,
            host=incoming.host,
            received_at=incoming.received_at,
            secure=incoming.secure,
            signature=brought.signature,
            from_sandbox=incoming.from_sandbox,
            oversized=brought.oversized,
            departed=incoming.departed,
        )
        try:
            response = await self._apis.answer(request)
        except Exception:
            logger.exception("request %s: %s %s failed", incoming.request_id, incoming.method, incoming.path)
            response = ApiResponse(500, [("Content-Type", "application/json")], _UNFORESEEN)
        return response_of(response.status, response.headers, response.body)


def _headers(incoming: Incoming) -> Headers:
    raw = incoming.raw_headers
    if len(incoming.spelled) == len(raw):
        pairs = zip(incoming.spelled, raw, strict=True)
        return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, (_, value) in pairs)
    return tuple(incoming.headers.items())
