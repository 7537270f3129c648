"""The console's sessions at the door: opened, renewed and ended by the console's own page, and by no other.

Unlike all else below `/_sagehen/` these are for a browser. What a page of another origin can send to them
lacks the header of our own (a form cannot send it, and `fetch` asks first, to be refused), says another
Origin, and has no token.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.errors import ServiceError
from sagehen.console.sessions.errors import BadRequest, NotTheConsole, TooLarge
from sagehen.console.sessions.sessions import CREDENTIALS_LIFETIME_S, ConsoleSessions, Opened
from sagehen.console.sessions.tokens import TOKEN_LIFETIME_S, Wanted
from sagehen.domain.scope import Scope
from sagehen.gateway.pages.console.own_page import IsRelayed, is_own_page
from sagehen.gateway.pages.routes import PREFIX, Page, json_response
from sagehen.gateway.requests.body import RequestEntityTooLarge
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.signatures.payload import read_content
from sagehen.protocol.http import HttpResponse

_HEADER = "x-sagehen-console"
_MOST_BYTES = 4096
# No token of ours is as long.
_LONGEST = 256
# A role's name or ARN, or none (documented: STS API Reference, AssumeRole: 2,048 characters).
_ROLE = re.compile(r"[!-~]{0,2048}")


class ConsoleSessionPages:
    """Turns sessions into pages.

    Args:
        sessions: All of them.
        is_relayed: See `own_page`.
    """

    def __init__(self, sessions: ConsoleSessions, is_relayed: IsRelayed | None = None) -> None:
        self._sessions = sessions
        self._is_relayed = is_relayed

    def pages(self) -> dict[str, Page]:
        """Return the routes. They look after themselves: browsers may call them."""
        acts: dict[str, tuple[str, Callable[[str], Awaitable[Mapping[str, Any]]]]] = {
            "session": ("token", self._open),
            "renewal": ("renewal", self._renew),
            "sign-out": ("renewal", self._end),
        }
        return {
            f"POST {PREFIX}console/{name}": partial(self._answer, member, act)
            for name, (member, act) in acts.items()
        }

    async def token(self, scope: Scope, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return a one-time token: the operator's act `console`.

        Raises:
            BadRequest, NotAllowed
        """
        role = document.get("role") or ""
        if not isinstance(role, str) or not _ROLE.fullmatch(role):
            raise BadRequest("role is the name or ARN of a role.")
        token = self._sessions.token(Wanted(scope.account_id, scope.region, role))
        return {"token": token, "expiresInS": TOKEN_LIFETIME_S}

    async def _answer(
        self, member: str, act: Callable[[str], Awaitable[Mapping[str, Any]]], incoming: Incoming
    ) -> HttpResponse:
        try:
            self._admit(incoming)
            response = json_response(HTTPStatus.OK, await act(await _text(incoming, member)))
        except ServiceError as error:
            content = {"code": error.code, "message": error.message}
            response = json_response(error.status or HTTPStatus.BAD_REQUEST, content)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _admit(self, incoming: Incoming) -> None:
        if not is_own_page(incoming, self._is_relayed) or incoming.headers.get(_HEADER) != "1":
            raise NotTheConsole("Only the console's own page may ask this.")

    async def _open(self, token: str) -> Mapping[str, Any]:
        return _told(await self._sessions.open(token))

    async def _renew(self, renewal: str) -> Mapping[str, Any]:
        return _told(await self._sessions.renew(renewal))

    async def _end(self, renewal: str) -> Mapping[str, Any]:
        await self._sessions.end(renewal)
        return {}


async def _text(incoming: Incoming, member: str) -> str:
    """Return the one member of the request's JSON object.

    Raises:
        BadRequest, TooLarge
    """
    try:
        content = await read_content(incoming.body, _MOST_BYTES)
        document = read_json(content.body)
    except RequestEntityTooLarge:
        raise TooLarge(f"The request has more than {_MOST_BYTES} bytes.") from None
    except NotJson as error:
        raise BadRequest(f"The request is no JSON: {error}") from None
    text = document.get(member) if isinstance(document, dict) else None
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST:
        raise BadRequest(f"The request is no JSON object with a text {member}.")
    return text


def _told(opened: Opened) -> Mapping[str, Any]:
    credentials, principal = opened.key.credentials, opened.key.principal
    assert isinstance(credentials.expiration, datetime)
    return {
        "credentials": {
            "accessKeyId": credentials.access_key_id,
            "secretAccessKey": credentials.secret_access_key,
            "sessionToken": credentials.session_token,
            "expiration": f"{credentials.expiration:%Y-%m-%dT%H:%M:%SZ}",
        },
        # Of the browser's clock: the platform's, which `expiration` is of, may run faster.
        "expiresInS": CREDENTIALS_LIFETIME_S,
        "renewal": opened.renewal,
        "arn": principal.arn,
        "account": principal.account_id,
        "region": opened.region,
    }
