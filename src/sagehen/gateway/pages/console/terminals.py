"""Terminals at the door: a signed request gets a ticket, the ticket opens a WebSocket, once.

A browser's WebSocket carries no signature: the ticket stands for one. The WebSocket's own handshake is judged
by where it comes from, as any page may make one to any host.

    POST /_sagehen/terminal/tickets    {"InstanceId": "i-…", "User": "ubuntu"}   ssm:StartSession
    GET  /_sagehen/terminal?ticket=…   101; bytes are the terminal's; texts are JSON: {"resize": [80, 24]} and
                                       {"shown": bytes} to here, {"closed": why} from here
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.errors import ServiceError
from sagehen.console.sessions.errors import NotTheConsole, TooLarge
from sagehen.console.terminals.errors import BadRequest
from sagehen.console.terminals.terminals import TICKET_LIFETIME_S, Terminals, Wanted
from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.scope import Scope
from sagehen.gateway.connections.connection import Connection
from sagehen.gateway.connections.upgraded import Upgraded
from sagehen.gateway.pages.console.own_page import IsRelayed, is_own_page, own_origin
from sagehen.gateway.pages.operator import SIGNING_NAME
from sagehen.gateway.pages.routes import PREFIX, Page, json_response
from sagehen.gateway.requests.contexts import context_of
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.signatures.authenticate import Authenticator
from sagehen.gateway.signatures.proving import presented
from sagehen.gateway.websockets import handshake
from sagehen.gateway.websockets.websocket import WebSocket
from sagehen.protocol.http import HttpResponse

logger = logging.getLogger("sagehen.gateway")

_ACTION = "ssm:StartSession"
_MOST_BYTES = 4096
_LONGEST = 256
_INSTANCE = re.compile(r"i-[0-9a-f]{8}(?:[0-9a-f]{9})?")
_ONLY = "Only the console's own page may ask this."
_STOPS = "The platform stops."


class TerminalPages:
    """Turns terminals into pages.

    Args:
        terminals: All of them.
        authenticator: Verifies who asks.
        authorizer: IAM's evaluator.
        is_relayed: See `own_page`.
    """

    def __init__(
        self,
        terminals: Terminals,
        authenticator: Authenticator,
        authorizer: Authorizer,
        is_relayed: IsRelayed | None = None,
    ) -> None:
        self._terminals = terminals
        self._authenticator = authenticator
        self._authorizer = authorizer
        self._is_relayed = is_relayed
        self._serving: set[asyncio.Task[None]] = set()

    def pages(self) -> dict[str, Page]:
        """Return the routes. They look after themselves: browsers may call them."""
        return {f"POST {PREFIX}terminal/tickets": self._ticket, f"GET {PREFIX}terminal": self._open}

    async def close(self) -> None:
        """End all of them."""
        for task in self._serving:
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)

    async def _ticket(self, incoming: Incoming) -> HttpResponse:
        try:
            if not is_own_page(incoming, self._is_relayed):
                raise NotTheConsole(_ONLY)
            response = json_response(200, await self._issue(incoming))
        except AccessDenied as refused:
            response = _error(403, "AccessDenied", refused.message)
        except ServiceError as error:
            response = _error(error.status or 400, error.code, error.message)
        response.headers["Cache-Control"] = "no-store"
        return response

    async def _issue(self, incoming: Incoming) -> Mapping[str, Any]:
        brought = await presented(self._authenticator, incoming, SIGNING_NAME, _MOST_BYTES)
        signature = brought.signature
        if brought.oversized:
            raise TooLarge(f"The request has more than {_MOST_BYTES} bytes.")
        if signature is None:
            raise Refusal("MissingAuthenticationToken", "The request is not signed.", 403)
        if signature.principal is None:
            raise Refusal(signature.code, signature.message, 403)
        instance_id, user = _asked(brought.body)
        principal = signature.principal
        scope = Scope(principal.account_id, signature.region)
        context = context_of(incoming, "ssm", "StartSession", scope, principal)
        host = self._terminals.find(scope, instance_id)
        tags = {f"ssm:resourceTag/{key}": value for key, value in (host.tags if host else {}).items()}
        access = Access(_ACTION, scope.arn("ec2", f"instance/{instance_id}"), tags)
        self._authorizer.authorize(principal, access, context.condition_keys())
        ticket, wanted = self._terminals.ticket(scope, instance_id, user, own_origin(incoming))
        return {"Ticket": ticket, "User": wanted.user, "ExpiresInS": TICKET_LIFETIME_S}

    async def _open(self, incoming: Incoming) -> HttpResponse:
        if not is_own_page(incoming, self._is_relayed):
            return _error(403, NotTheConsole.code, _ONLY)
        if (refused := handshake.refusal(incoming)) is not None:
            return refused
        try:
            wanted = self._terminals.redeem(_ticket_of(incoming), own_origin(incoming))
        except ServiceError as error:
            return _error(error.status or 403, error.code, error.message)
        head = handshake.acceptance(incoming)
        return Upgraded(101, take=lambda connection: self._take(connection, head, wanted))

    def _take(self, connection: Connection, head: bytes, wanted: Wanted) -> None:
        seat = connection.seat
        if connection.closing:
            if seat is not None:
                seat.leave()
            return
        line = WebSocket(seat.leave if seat is not None else lambda: None)
        line.begin(connection.transport, head)
        task = asyncio.create_task(self._serve(line, wanted), name=f"terminal of {wanted.instance_id}")
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, line: WebSocket, wanted: Wanted) -> None:
        why = _STOPS
        try:
            why = await self._terminals.serve(wanted, line)
        except Exception:
            logger.exception("a terminal of %s", wanted.instance_id)
            why = "The terminal has failed; the platform's log tells why."
        finally:
            await line.end(json.dumps({"closed": why}))


def _asked(body: bytes) -> tuple[str, str]:
    """Return the instance and the user, '' for none, of a request's JSON object.

    Raises:
        BadRequest
    """
    try:
        document = read_json(body)
    except NotJson as error:
        raise BadRequest(f"The request is no JSON: {error}") from None
    match document:
        case {"InstanceId": str(instance_id)} if _INSTANCE.fullmatch(instance_id):
            user = document.get("User") or ""
            if isinstance(user, str):
                return instance_id, user
    raise BadRequest("The request is a JSON object with an InstanceId, and a User where it is another one.")


def _ticket_of(incoming: Incoming) -> str:
    values = parse_qs(incoming.query, max_num_fields=16).get("ticket", [""])
    return values[0] if len(values) == 1 and len(values[0]) <= _LONGEST else ""


def _error(status: int, code: str, message: str) -> HttpResponse:
    return json_response(status, {"code": code, "message": message})
