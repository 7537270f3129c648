"""The platform's own pages: what this is, how it is, and routes that `app` adds under `/_sagehen/`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import orjson

from sagehen.console.serving import PATH as CONSOLE
from sagehen.domain.addresses import is_loopback
from sagehen.gateway.pages import front_page
from sagehen.gateway.pages.hosts import is_console_origin, is_name_of_ours
from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.http import HttpResponse

# Keys are such as "GET /_sagehen/health". A mapping is answered as JSON with 200.
Page = Callable[[Incoming], Awaitable[HttpResponse | Mapping[str, Any]]]

PREFIX = "/_sagehen/"
RESET = "POST /_sagehen/reset"
# What servers add to requests that they pass on.
_FORWARDED = frozenset(("via", "forwarded", "x-forwarded-for", "x-amzn-apigateway-api-id"))
_STRANGE = "The Host header has a name that is none of this platform's."
_ELSEWHERE = "Only the platform's own machine may do this."


class Pages:
    """Answers what is no AWS request.

    Args:
        pages: Routes by method and path.
        version: Sagehen's.
        services: Number of operations by service, for the health page.
        allow_reset: Whether the reset route exists.
        is_relayed: Tells by a peer's address and port whether a connection is the platform's own, made
            for somebody else.
        for_browsers: Routes that look for themselves whom they let in.
        has_console: Tells whether a browser is better sent on to the console than shown the front page.
    """

    def __init__(
        self,
        pages: Mapping[str, Page],
        *,
        version: str,
        services: Mapping[str, int],
        allow_reset: bool,
        is_relayed: Callable[[str, int], bool] | None = None,
        for_browsers: Mapping[str, Page] | None = None,
        has_console: Callable[[], bool] = lambda: False,
    ) -> None:
        self._pages: dict[str, Page] = {
            "GET /_sagehen/health": self._health,
            f"GET {PREFIX}": self._front_page,
            **pages,
        }
        if not allow_reset:
            self._pages.pop(RESET, None)
        self._version = version
        self._services = dict(sorted(services.items()))
        self._is_relayed = is_relayed
        self._for_browsers = for_browsers or {}
        self._has_console = has_console

    async def answer(self, incoming: Incoming) -> HttpResponse | None:
        """Answer one of the platform's pages; None for everything else."""
        if incoming.path.startswith(PREFIX):
            if not (incoming.vouched or is_name_of_ours(incoming.host_name)):
                return json_response(403, {"message": _STRANGE})
            route = f"{incoming.method} {incoming.path}"
            if (own := self._for_browsers.get(route)) is not None:
                answer = await own(incoming)
                return answer if isinstance(answer, HttpResponse) else json_response(200, answer)
            page = self._pages.get(route)
            if page is None:
                return json_response(404, {"message": f"No page {incoming.method} {incoming.path}"})
            if refused := self._refused(incoming):
                return json_response(403, {"message": refused})
            answer = await page(incoming)
            return answer if isinstance(answer, HttpResponse) else json_response(200, answer)
        if incoming.path == "/" and incoming.method == "GET" and _is_browser(incoming):
            if self._has_console() and not incoming.from_sandbox and is_console_origin(incoming):
                return HttpResponse(307, {"Location": CONSOLE, "Cache-Control": "no-store"})
            return await self._front_page(incoming)
        return None

    def _refused(self, incoming: Incoming) -> str | None:
        """Say why a page that changes something is closed to this client."""
        if incoming.method == "GET":
            return None
        if not comes_from_this_machine(incoming):
            return _ELSEWHERE
        # An API's integration, or a web server of this machine, speaks for who knows whom.
        if self._is_relayed is not None and self._is_relayed(incoming.peer, incoming.peer_port):
            return _ELSEWHERE
        # A web page that the user happens to visit can post to loopback too; browsers then send Origin.
        if "origin" in incoming.headers or "sec-fetch-site" in incoming.headers:
            return "Not from a browser."
        return None

    async def _health(self, incoming: Incoming) -> Mapping[str, Any]:
        return {"status": "running", "version": self._version, "services": self._services}

    async def _front_page(self, incoming: Incoming) -> HttpResponse:
        facts = await self._pages["GET /_sagehen/health"](incoming)
        assert isinstance(facts, Mapping)
        url = f"{'https' if incoming.secure else 'http'}://{incoming.host}"
        return HttpResponse(200, dict(front_page.HEADERS), front_page.front_page(facts, url))


def comes_from_this_machine(incoming: Incoming) -> bool:
    """Tell whether a program of this machine, and none in a sandbox, asks for itself."""
    here = not incoming.from_sandbox and is_loopback(incoming.peer)
    return here and _FORWARDED.isdisjoint(incoming.headers)


def _is_browser(incoming: Incoming) -> bool:
    headers = incoming.headers
    signed = "authorization" in headers or "X-Amz-" in incoming.query or "AWSAccessKeyId" in incoming.query
    return not signed and ("text/html" in headers.get("accept", "") or _navigates(incoming))


def _navigates(incoming: Incoming) -> bool:
    return incoming.headers.get("sec-fetch-mode") == "navigate"


def json_response(status: int, content: Mapping[str, Any]) -> HttpResponse:
    """Return a document as the platform's own pages send it: plain JSON, no AWS protocol."""
    return HttpResponse(status, {"Content-Type": "application/json"}, orjson.dumps(content))
