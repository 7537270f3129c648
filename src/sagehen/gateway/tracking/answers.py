"""The door of tracking servers: every request, from its first look to the server's answer."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from sagehen.api.errors import ServiceError
from sagehen.api.streams import BodyStream, Streamed
from sagehen.domain.timeouts import timeout
from sagehen.gateway.notebooks import cookies, page, passing
from sagehen.gateway.notebooks.origin import is_own
from sagehen.gateway.outside.reading import BadAnswer, Reading
from sagehen.gateway.requests.body import BufferedBody
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.signatures.authenticate import Authenticator
from sagehen.gateway.signatures.proving import presented
from sagehen.gateway.tracking.address import TrackingCall
from sagehen.protocol.http import HttpResponse
from sagehen.services.sagemaker.tracking_servers.visits import Asked, Opened, Refused

if TYPE_CHECKING:
    from sagehen.services.sagemaker.tracking_servers.entrance import Admitted, Entrance

logger = logging.getLogger("sagehen.gateway")

# Recorded: the plug-in signs for it.
_SIGNING_NAME = "sagemaker-mlflow"
# MLflow's own batches have a megabyte; artifacts do not come this way.
_MOST_BODY_BYTES = 16 * 1024 * 1024
_CONNECT_S = 20.0
_LONGEST_TOKEN = 256
_NOT_OWN = "This request comes from another page than the tracking server's own."
# Who comes from where was judged here; the server behind would judge by names that it does not know.
_HOST = "localhost"
_KEPT_BACK = ("origin", "authorization", "referer")


class Tracking:
    """Takes requests to tracking servers out of the AWS chain.

    Args:
        entrance: Returns who judges them.
        authenticator: Verifies signatures.
    """

    def __init__(self, entrance: Callable[[], Awaitable[Entrance]], authenticator: Authenticator) -> None:
        self._entrance = entrance
        self._authenticator = authenticator

    async def answer(self, incoming: Incoming, call: TrackingCall) -> HttpResponse:
        """Answer a request to a tracking server. Raises nothing."""
        try:
            return await (self._page(incoming, call) if call.label else self._signed(incoming, call))
        except ServiceError as error:  # the client broke off, or brings too much
            return _told(error.status or 400, "BAD_REQUEST", error.message)
        except (BadAnswer, OSError, TimeoutError) as error:
            logger.info("tracking server %s: %s", call.label or call.arn, error)
            return _told(502, "INTERNAL_ERROR", "MLflow's server does not answer.")
        except Exception:
            logger.exception("request %s: %s %s failed", incoming.request_id, incoming.method, incoming.path)
            return _told(500, "INTERNAL_ERROR", f"The request has failed. Its id: {incoming.request_id}")

    async def _signed(self, incoming: Incoming, call: TrackingCall) -> HttpResponse:
        brought = await presented(self._authenticator, incoming, _SIGNING_NAME, _MOST_BODY_BYTES)
        if brought.oversized:
            return _told(413, "INVALID_PARAMETER_VALUE", f"A request may bring {_MOST_BODY_BYTES} bytes.")
        signature = brought.signature
        if signature is None or signature.principal is None:
            code, message = ("MissingAuthenticationToken", "The request is not signed.")
            if signature is not None:
                code, message = signature.code, signature.message
            return _told(403, "PERMISSION_DENIED", f"{code}: {message}")
        admitted = (await self._entrance()).admit(call.arn, signature.principal, _asked(incoming))
        if isinstance(admitted, Refused):
            return _told(admitted.status, admitted.code, admitted.reason)
        return await self._pass_on(incoming, admitted, BufferedBody(brought.body))

    async def _page(self, incoming: Incoming, call: TrackingCall) -> HttpResponse:
        if (token := _token_of(incoming)) is not None:
            opened = await (await self._entrance()).open(call.region, call.label, token, _asked(incoming))
            if isinstance(opened, Opened):
                cookie = cookies.set_cookie(opened.session, opened.seconds, secure=incoming.secure)
                return page.sent_on("/", cookie)
            return page.told(opened.status, opened.reason)
        if not is_own(incoming.method, incoming.headers, secure=incoming.secure):
            return page.told(403, _NOT_OWN)
        admitted = self._admitted(await self._entrance(), incoming, call)
        if isinstance(admitted, Refused):
            if "/api/" in incoming.path or "/ajax-api/" in incoming.path:
                return _told(admitted.status, admitted.code, admitted.reason)
            return page.told(admitted.status, admitted.reason)
        if incoming.body.length is not None and incoming.body.length > _MOST_BODY_BYTES:
            return page.told(413, f"A request may bring {_MOST_BODY_BYTES} bytes.")
        body: BodyStream = incoming.body
        if body.length is None or admitted.registering is not None:
            # MLflow's server is WSGI behind: it takes a body that comes in chunks for an empty one.
            body = BufferedBody(await incoming.body.read(_MOST_BODY_BYTES))
        return await self._pass_on(incoming, admitted, body)

    @staticmethod
    def _admitted(entrance: Entrance, incoming: Incoming, call: TrackingCall) -> Admitted | Refused:
        """Return what the entrance says of the first of the sessions that it knows."""
        sessions = cookies.sessions(passing.cookie_headers(incoming)) or [""]
        for session in sessions:
            admitted = entrance.admit_session(call.region, call.label, session, _asked(incoming))
            if not (isinstance(admitted, Refused) and admitted.status == 403):
                break
        return admitted

    async def _pass_on(self, incoming: Incoming, admitted: Admitted, body: BodyStream) -> HttpResponse:
        registering = admitted.registering
        if registering is not None:
            why = await registering.refusal(await body.read(_MOST_BODY_BYTES))
            if why is not None:
                return _told(403, "PERMISSION_DENIED", why)
        answer = await self._answer_of(incoming, admitted, body)
        if registering is not None and answer.status == 200:
            try:
                await registering.follow()
            except BaseException:  # who asked has left: nobody comes to read it
                if isinstance(answer.body, Streamed):
                    await answer.body.aclose()
                raise
        return answer

    async def _answer_of(self, incoming: Incoming, admitted: Admitted, body: BodyStream) -> HttpResponse:
        async with timeout(_CONNECT_S):
            reader, writer = await asyncio.open_connection(sock=await admitted.running.connect())
        headers = [
            (name, value) for name, value in passing.passed_headers(incoming, "") if name not in _KEPT_BACK
        ]
        target = incoming.path + (f"?{incoming.query}" if incoming.query else "")
        sent = None if body.length == 0 else body
        return await Reading(reader, writer).send(incoming.method, target, _HOST, headers, sent)


def _asked(incoming: Incoming) -> Asked:
    return Asked(
        incoming.method, incoming.path, incoming.peer, incoming.secure, incoming.headers.get("user-agent")
    )


def _told(status: int, code: str, message: str) -> HttpResponse:
    """Return an error as MLflow's clients read it."""
    body = json.dumps({"error_code": code, "message": message}).encode()
    return HttpResponse(status, {"Content-Type": "application/json", "Cache-Control": "no-store"}, body)


def _token_of(incoming: Incoming) -> str | None:
    """Return the `authToken` of a presigned URL, or None for every other request."""
    if incoming.path != "/auth" or incoming.method not in ("GET", "HEAD"):
        return None
    values = parse_qs(incoming.query, max_num_fields=16).get("authToken", [""])
    return values[0] if len(values) == 1 and len(values[0]) <= _LONGEST_TOKEN else ""
