"""Documents at the door: signed as everything else, allowed by actions of our own (`sagehen:Get…`)."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError
from sagehen.api.operation import Reply
from sagehen.console.documents.asking import Ask
from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.scope import Scope
from sagehen.gateway.operations.table import OperationTable
from sagehen.gateway.pages.operator import SIGNING_NAME
from sagehen.gateway.pages.routes import PREFIX, Page, json_response
from sagehen.gateway.requests.contexts import context_of
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.signatures.authenticate import Authenticator
from sagehen.gateway.signatures.proving import presented
from sagehen.protocol.http import HttpResponse

# (who asks and how, the query) -> a JSON object.
MakeDocument = Callable[[Ask, Mapping[str, str]], Awaitable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Document:
    """One document.

    Args:
        action: That a session must be allowed, such as `GetMachine`.
        make: Makes it.
        is_long: It takes so long that it is given up where its reader leaves.
    """

    action: str
    make: MakeDocument
    is_long: bool = False


class DocumentPages:
    """Turns documents into pages.

    Args:
        documents: By name.
        table: Where the operations are that documents ask.
        authenticator: Verifies who asks.
        authorizer: IAM's evaluator.
        clock: The platform's.
    """

    def __init__(
        self,
        documents: Mapping[str, Document],
        table: OperationTable,
        authenticator: Authenticator,
        authorizer: Authorizer,
        clock: Clock,
    ) -> None:
        self._documents = documents
        self._table = table
        self._authenticator = authenticator
        self._authorizer = authorizer
        self._clock = clock

    def pages(self) -> dict[str, Page]:
        """Return the routes."""
        return {
            f"GET {PREFIX}{name}": partial(self._answer, document)
            for name, document in self._documents.items()
        }

    async def _answer(self, document: Document, incoming: Incoming) -> HttpResponse:
        try:
            context = await self._admit(document.action, incoming)
            ask = Asking(context, self._table, self._authorizer, self._clock)
            query = dict(parse_qsl(incoming.query, keep_blank_values=True))
            making = document.make(ask, query)
            made = await (_while_read(making, incoming.departed) if document.is_long else making)
            response = json_response(HTTPStatus.OK, made)
        except AccessDenied as refused:
            response = _error(HTTPStatus.FORBIDDEN, "AccessDenied", refused.message)
        except ServiceError as error:
            response = _error(error.status or HTTPStatus.BAD_REQUEST, error.code, error.message)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def _admit(self, action: str, incoming: Incoming) -> RequestContext:
        brought = await presented(self._authenticator, incoming, SIGNING_NAME, 0)
        signature = brought.signature
        if signature is None:
            raise Refusal("MissingAuthenticationToken", "The request is not signed.", 403)
        if signature.principal is None:
            raise Refusal(signature.code, signature.message, 403)
        principal = signature.principal
        scope = Scope(principal.account_id, signature.region)
        context = context_of(incoming, "sagehen", action, scope, principal)
        self._authorizer.authorize(principal, Access(f"sagehen:{action}"), context.condition_keys())
        return context


class ReaderGone(ServiceError):
    """Nobody reads it: who asked has closed the connection."""


async def _while_read(
    making: Awaitable[Mapping[str, Any]], departed: Callable[[], Awaitable[None]]
) -> Mapping[str, Any]:
    """Return what is made, unless who asked leaves before.

    Raises:
        ReaderGone: What was made was cancelled, and has ended.
    """
    work, gone = asyncio.ensure_future(making), asyncio.ensure_future(departed())
    try:
        await asyncio.wait((work, gone), return_when=asyncio.FIRST_COMPLETED)
        if not work.done():
            raise ReaderGone("The connection was closed before this was made.")
        return work.result()
    finally:
        for task in (work, gone):
            task.cancel()
        await asyncio.gather(work, gone, return_exceptions=True)


class Asking:
    """Implements `Ask` with the operations themselves: what is allowed is what would be over the wire.

    What it is refused is no refusal that a person would look for, so none is noted.
    """

    def __init__(
        self, context: RequestContext, table: OperationTable, authorizer: Authorizer, clock: Clock
    ) -> None:
        self._context = context
        self._table = table
        self._authorizer = authorizer
        self._clock = clock

    @property
    def principal(self) -> Principal:
        return self._context.principal

    @property
    def scope(self) -> Scope:
        return self._context.scope

    @property
    def now(self) -> datetime:
        return self._clock.now()

    def allows(self, action: str, resource: str) -> bool:
        """See `Ask`."""
        keys = self._context.condition_keys()
        return self._authorizer.is_allowed(self._context.principal, Access(action, resource), keys)

    async def call(self, service: str, name: str, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """See `Ask`. Requests are ours: nothing validates them."""
        bound = await self._table.declared(service, name)
        context = replace(self._context, service=service, operation=name, received_at=self._clock.now())
        wanted = dict(request)
        environment = context.condition_keys()
        for access in bound.accesses(context, wanted):
            if not self._authorizer.is_allowed(context.principal, access, environment):
                raise AccessDenied(f"{context.principal.arn} may not {access.action}")
        answer = await bound.handler(context, wanted)
        if isinstance(answer, Reply):
            return answer.result
        return answer or {}


def _error(status: int, code: str, message: str) -> HttpResponse:
    return json_response(status, {"code": code, "message": message})
