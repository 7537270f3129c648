"""The console at the door: which requests are for it, and which of them are let in.

`/console/…` may also be a key in a bucket of that name. A signature makes the difference: who signs wants S3.
"""

from __future__ import annotations

from sagehen.console.serving import PATH, Serving
from sagehen.gateway.pages.hosts import is_console_origin
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.signatures.claim import read_claim
from sagehen.protocol.http import HttpResponse

_NO_WORKER = b"No script of this host becomes a service worker: its pages share an origin with the console.\n"


class ConsolePages:
    """Answers what is for the console.

    Args:
        serving: The application's files.
    """

    def __init__(self, serving: Serving) -> None:
        self._serving = serving

    @property
    def is_built(self) -> bool:
        """Whether a browser that comes to `/` is sent on."""
        return self._serving.is_built

    async def answer(self, incoming: Incoming) -> HttpResponse | None:
        """Answer a request; None for everything that is not the console's."""
        path = incoming.path
        if not (path.startswith(PATH) or path + "/" == PATH):
            return None
        if incoming.method not in ("GET", "HEAD") or incoming.proxied or incoming.from_sandbox:
            return None
        if not is_console_origin(incoming) or read_claim(incoming) is not None:
            return None
        return await self._serving.answer(path, incoming.headers)


def refuses_worker(incoming: Incoming) -> HttpResponse | None:
    """Refuse a script that shall become a service worker at an origin that is the console's, too.

    One that a user's API answers, or an object in a bucket `console`, would stand between the console and the
    platform, and read the next token. Browsers set this header, and no page can leave it out.

    Source: Service Workers (W3C), 4.3, Service-Worker.
    """
    if incoming.headers.get("service-worker") is None or not is_console_origin(incoming):
        return None
    return HttpResponse(403, {"Content-Type": "text/plain", "X-Content-Type-Options": "nosniff"}, _NO_WORKER)
