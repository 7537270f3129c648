"""Whether a request comes from the console's own page: what a page of another origin cannot say."""

from __future__ import annotations

from collections.abc import Callable

from sagehen.gateway.pages.hosts import is_console_origin
from sagehen.gateway.requests.incoming import Incoming

# Tells by a peer's address and port whether a connection is the platform's own, made for somebody else.
IsRelayed = Callable[[str, int], bool]


def is_own_page(incoming: Incoming, is_relayed: IsRelayed | None) -> bool:
    """Tell whether a request is one of the console's page, as far as its origin tells."""
    relayed = is_relayed is not None and is_relayed(incoming.peer, incoming.peer_port)
    if incoming.from_sandbox or incoming.proxied or relayed or not is_console_origin(incoming):
        return False
    if incoming.headers.get("origin", "").lower() != own_origin(incoming):
        return False
    return incoming.headers.get("sec-fetch-site", "same-origin") == "same-origin"


def own_origin(incoming: Incoming) -> str:
    """Return the origin of pages of the host that a request names."""
    return f"{'https' if incoming.secure else 'http'}://{incoming.host.lower()}"
