"""The door to registries: their requests without sockets, and what goes back."""

from __future__ import annotations

import logging
from typing import Protocol

from sagehen.gateway.registry.address import RegistryCall
from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.http import HttpResponse
from sagehen.services.ecr.distribution.messages import RegistryAnswer, RegistryRequest

logger = logging.getLogger("sagehen.gateway")


class RegistryAnswers(Protocol):
    """The registry's own protocol."""

    async def answer(self, request: RegistryRequest) -> RegistryAnswer:
        """Answer a request."""
        ...


class Registries:
    """Takes requests to registries out of the AWS chain.

    Args:
        registry: Answers them.
    """

    def __init__(self, registry: RegistryAnswers) -> None:
        self._registry = registry

    async def answer(self, incoming: Incoming, call: RegistryCall) -> HttpResponse:
        """Answer a request; its body is read as it comes."""
        request = RegistryRequest(
            method=incoming.method,
            path=incoming.path,
            query=incoming.query,
            headers=incoming.headers,
            body=incoming.body,
            registry=call.registry,
            url=f"{'https' if incoming.secure else 'http'}://{incoming.host}",
            source_ip=incoming.peer,
            secure=incoming.secure,
            received_at=incoming.received_at,
        )
        try:
            answer = await self._registry.answer(request)
        except Exception:
            logger.exception("request %s: %s %s failed", incoming.request_id, incoming.method, incoming.path)
            return HttpResponse(
                500,
                {"Content-Type": "application/json"},
                b'{"errors":[{"code":"UNKNOWN","message":"An internal error occurred."}]}',
            )
        return HttpResponse(answer.status, answer.headers, answer.body)
