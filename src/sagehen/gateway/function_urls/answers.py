"""The door to function URLs: what their requests look like without sockets, and what goes back."""

from __future__ import annotations

import logging
from typing import Protocol

from sagehen.api.errors import ServiceError
from sagehen.gateway.function_urls.address import UrlCall
from sagehen.gateway.operations.dress import undressed
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.signatures.authenticate import Authenticator
from sagehen.gateway.signatures.proving import presented
from sagehen.protocol.http import HttpResponse, response_of
from sagehen.services.lambda_.urls.messages import (
    MAX_BODY_BYTES,
    UrlAnswer,
    UrlRequest,
    failed,
)

logger = logging.getLogger("sagehen.gateway")


class FunctionUrlAnswers(Protocol):
    """The data plane of function URLs."""

    async def answer(self, request: UrlRequest) -> UrlAnswer:
        """Answer a request."""
        ...


class FunctionUrls:
    """Takes requests to function URLs out of the AWS chain.

    Args:
        urls: Answers them.
        authenticator: Verifies signatures for `lambda`.
    """

    def __init__(self, urls: FunctionUrlAnswers, authenticator: Authenticator) -> None:
        self._urls = urls
        self._authenticator = authenticator

    async def answer(self, incoming: Incoming, call: UrlCall) -> HttpResponse:
        """Answer a request to a function URL."""
        try:
            brought = await presented(self._authenticator, incoming, "lambda", MAX_BODY_BYTES)
        except ServiceError as error:  # the client broke off
            return undressed(incoming, error)
        port = incoming.host.rpartition(":")[2]
        request = UrlRequest(
            request_id=incoming.request_id,
            url_id=call.url_id,
            region=call.region,
            domain=call.domain,
            method=incoming.method,
            path=call.path,
            query=incoming.query,
            headers=_headers(incoming),
            body=brought.body,
            source_ip=incoming.peer,
            port=port if port.isdigit() else ("443" if incoming.secure else "80"),
            received_at=incoming.received_at,
            secure=incoming.secure,
            signature=brought.signature,
            oversized=brought.oversized,
            departed=incoming.departed,
        )
        try:
            answer = await self._urls.answer(request)
        except Exception:
            logger.exception("request %s: %s %s failed", incoming.request_id, incoming.method, incoming.path)
            answer = failed()
        return response_of(answer.status, answer.headers, answer.body)


def _headers(incoming: Incoming) -> tuple[tuple[str, str], ...]:
    if incoming.raw_headers:
        return tuple(
            (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in incoming.raw_headers
        )
    return tuple(incoming.headers.items())
