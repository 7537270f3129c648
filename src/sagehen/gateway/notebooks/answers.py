"""The door of notebook instances: every request, from its first look to the server's answer."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from urllib.parse import parse_qs

from sagehen.api.errors import ServiceError
from sagehen.domain.timeouts import timeout
from sagehen.gateway.notebooks import cookies, page, passing
from sagehen.gateway.notebooks.address import NotebookCall
from sagehen.gateway.notebooks.origin import is_own
from sagehen.gateway.notebooks.sockets import Sockets
from sagehen.gateway.outside.reading import BadAnswer, Reading
from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.http import HttpResponse
from sagehen.protocol.identification.host_names import notebook_labels
from sagehen.services.sagemaker.notebooks.addresses import BY_PATH, address
from sagehen.services.sagemaker.notebooks.entrance import (
    Admitted,
    NotebookEntrance,
    Opened,
    Place,
    Refused,
    Visitor,
)

logger = logging.getLogger("sagehen.gateway")

# Of one request to JupyterLab: what its own server takes (tornado, `max_body_size` of jupyter_server).
_MOST_BODY_BYTES = 512 * 1024 * 1024
# Of one notebook instance: its server may take none of them, and others' have their own. A browser makes six.
_MOST_CONNECTING = 16
_CONNECT_S = 20.0
_LONGEST_TOKEN = 256
_NOT_OWN = "This request comes from another page than the notebook's own."
_NO_NAME = (
    "A notebook instance is opened by a name of its own, so that no other page of this address can use it. "
    "On this machine it is http://{label}.notebook.{region}.localhost:PORT/; from another one, forward the "
    "port (ssh -L PORT:127.0.0.1:PORT) and use that name, or use the platform as the browser's proxy."
)


class Notebooks:
    """Takes requests to notebook instances out of the AWS chain.

    Args:
        entrance: Lets people in.
    """

    def __init__(self, entrance: NotebookEntrance) -> None:
        self._entrance = entrance
        self._sockets = Sockets()
        self._connecting: Counter[Place] = Counter()

    async def answer(self, incoming: Incoming, call: NotebookCall) -> HttpResponse:
        """Answer a request to a notebook instance. Raises nothing."""
        try:
            return await self._answer(incoming, call)
        except ServiceError as error:  # the client broke off
            return page.told(error.status or 400, error.message)
        except (BadAnswer, OSError, TimeoutError) as error:
            logger.info("notebook %s: %s", call.place.label, error)
            return page.told(502, "The notebook's server does not answer.")
        except Exception:
            logger.exception("request %s: %s %s failed", incoming.request_id, incoming.method, incoming.path)
            return page.told(500, f"The request has failed. Its id: {incoming.request_id}")

    def close(self) -> None:
        """Break off what is open for good."""
        self._sockets.close()

    async def _answer(self, incoming: Incoming, call: NotebookCall) -> HttpResponse:
        if not call.by_name:
            return self._by_path(incoming, call)
        if (token := _token_of(incoming)) is not None:
            return await self._open(incoming, call, token)
        if not is_own(incoming.method, incoming.headers, secure=incoming.secure):
            return page.told(403, _NOT_OWN)
        admitted, session = await self._admitted(incoming, call)
        if isinstance(admitted, Refused):
            return page.told(admitted.status, admitted.reason)
        if not incoming.path.startswith(admitted.base_path):
            below = incoming.path.lstrip("/") or "lab"
            return page.sent_on(admitted.base_path + below + (f"?{incoming.query}" if incoming.query else ""))
        if incoming.headers.get("upgrade", "").lower() == "websocket" and incoming.method == "GET":
            return await self._socket(incoming, call, admitted, session)
        return await self._pass_on(incoming, call.place, admitted)

    def _by_path(self, incoming: Incoming, call: NotebookCall) -> HttpResponse:
        """Send who comes by path on to the notebook's own name.

        All paths of one host are one origin, and some show what others put there: objects, functions'
        answers. A script in these could use a notebook that is there, too.
        """
        place = call.place
        named = address(
            place.label, place.region, host=incoming.host, secure=incoming.secure,
            from_sandbox=incoming.from_sandbox,
        )  # fmt: skip
        is_name = notebook_labels(f"{place.label}.notebook.{place.region}.localhost") is not None
        if not is_name or BY_PATH in named or incoming.method not in ("GET", "HEAD"):
            return page.told(403, _NO_NAME.format(label=place.label, region=place.region))
        query = f"?{incoming.query}" if incoming.query else ""
        return page.sent_on(named + query)

    async def _open(self, incoming: Incoming, call: NotebookCall, token: str) -> HttpResponse:
        """Take a presigned URL for a session, and lead away from it: it holds a secret."""
        opened = await self._entrance.open(call.place, token, _visitor(incoming))
        if isinstance(opened, Opened):
            cookie = cookies.set_cookie(opened.session, opened.seconds, secure=incoming.secure)
            return page.sent_on("/lab", cookie)
        return page.told(opened.status, opened.reason)

    async def _admitted(self, incoming: Incoming, call: NotebookCall) -> tuple[Admitted | Refused, str]:
        """Return what the entrance says of the first of the sessions that it knows."""
        sessions = cookies.sessions(passing.cookie_headers(incoming)) or [""]
        for session in sessions:
            admitted = await self._entrance.admit(call.place, session, _visitor(incoming))
            if not (isinstance(admitted, Refused) and admitted.status == 403):
                break
        return admitted, session

    async def _socket(
        self, incoming: Incoming, call: NotebookCall, admitted: Admitted, session: str
    ) -> HttpResponse:
        async def may_stay() -> bool:
            found = await self._entrance.admit(call.place, session, _visitor(incoming))
            return isinstance(found, Admitted) and found.server is admitted.server

        head = passing.upgrade_head(incoming, _target(incoming), admitted.server.token)
        return await self._sockets.open(call.place, admitted.server, head, admitted.seconds_left, may_stay)

    async def _pass_on(self, incoming: Incoming, place: Place, admitted: Admitted) -> HttpResponse:
        body = incoming.body
        if body.length is not None and body.length > _MOST_BODY_BYTES:
            return page.told(413, f"A request may bring {_MOST_BODY_BYTES} bytes.")
        if self._connecting[place] >= _MOST_CONNECTING:
            return page.told(502, "The notebook's server does not take its connections.")
        self._connecting[place] += 1
        try:
            async with timeout(_CONNECT_S):
                reader, writer = await asyncio.open_connection(sock=await admitted.server.connect())
        finally:
            self._connecting[place] -= 1
            if not self._connecting[place]:
                del self._connecting[place]
        headers = passing.passed_headers(incoming, admitted.server.token)
        return await Reading(reader, writer).send(
            incoming.method, _target(incoming), incoming.host, headers, None if body.length == 0 else body
        )


def _visitor(incoming: Incoming) -> Visitor:
    return Visitor(incoming.peer, incoming.secure)


def _target(incoming: Incoming) -> str:
    return incoming.path + (f"?{incoming.query}" if incoming.query else "")


def _token_of(incoming: Incoming) -> str | None:
    """Return the `authToken` of a presigned URL, or None for every other request."""
    if incoming.path != "/" or incoming.method not in ("GET", "HEAD") or "authToken=" not in incoming.query:
        return None
    values = parse_qs(incoming.query, max_num_fields=16).get("authToken", [""])
    return values[0] if len(values) == 1 and len(values[0]) <= _LONGEST_TOKEN else ""
