"""What functions and machines send to stacks: to a URL whose key is all the right that it takes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from sagehen.gateway.pages.routes import PREFIX, Page, json_response
from sagehen.gateway.requests.body import RequestEntityTooLarge
from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.http import HttpResponse

# Documented: of a custom resource's response.
_MOST_BYTES = 4096
PATH = f"{PREFIX}stack-signals"
# Ours, below AWS's domain, for which alone the local CA can vouch; no bucket's name, as AWS's own is: the
# platform's pages are not below those.
HOST = "cloudformation-custom-resource-response.amazonaws.com"
# Takes what came to a key's URL; False where nobody gave out that key. ValueError where it is no signal.
Receive = Callable[[str, bytes], Awaitable[bool]]


def signal_pages(receive: Receive) -> dict[str, Page]:
    """Return the route. It looks after itself: sandboxes send to it, and what is sent changes one stack."""

    async def answer(incoming: Incoming) -> HttpResponse:
        keys = parse_qs(incoming.query).get("key", ())
        try:
            body = await incoming.body.read(_MOST_BYTES + 1)
        except RequestEntityTooLarge:
            body = b" " * (_MOST_BYTES + 1)  # whoever waits is told that it is too long
        try:
            taken = len(keys) == 1 and await receive(keys[0], body)
        except ValueError as error:
            return json_response(400, {"message": str(error)})
        if not taken:
            return json_response(403, {"message": "Nobody waits for this: the key is none, or was used."})
        return HttpResponse(200)

    return {f"PUT {PATH}": answer}
