"""The operator's door: acts that AWS's API does not have, such as taking a spot job's instances away.

An act is `POST /_sagehen/operator/<act>` with a JSON object, signed (Signature Version 4, as `sagehen`) by
the root user of an account: its keys are in the data folder's credentials.json, which nobody but who runs the
platform can read. As with every page that changes something, only a program of this machine may ask, and
none in a sandbox, whatever keys it has (`routes.py`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.errors import ServiceError, ValidationException
from sagehen.domain.ports.calls.operator_acts import OperatorAct
from sagehen.domain.scope import Scope
from sagehen.gateway.pages.routes import PREFIX, Page, json_response
from sagehen.gateway.requests.incoming import Incoming
from sagehen.gateway.requests.refusals import Refusal
from sagehen.gateway.signatures.authenticate import Authenticator
from sagehen.gateway.signatures.proving import presented
from sagehen.protocol.http import HttpResponse

# What signatures name as their service.
SIGNING_NAME = "sagehen"
# An act's input names a thing and says a number.
_MOST_BYTES = 16 * 1024


class OperatorDoor:
    """Turns acts into pages.

    Args:
        acts: By name.
        authenticator: Verifies who asks.
    """

    def __init__(self, acts: Mapping[str, OperatorAct], authenticator: Authenticator) -> None:
        self._acts = acts
        self._authenticator = authenticator

    def pages(self) -> dict[str, Page]:
        """Return the routes."""
        return {
            f"POST {PREFIX}operator/{name}": partial(self._answer, act) for name, act in self._acts.items()
        }

    async def _answer(self, act: OperatorAct, incoming: Incoming) -> HttpResponse:
        try:
            scope, document = await self._admit(incoming)
            return json_response(200, await act(scope, document))
        except ServiceError as error:
            status = error.status or (400 if error.fault == "client" else 500)
            return json_response(status, {"code": error.code, "message": error.message})

    async def _admit(self, incoming: Incoming) -> tuple[Scope, Mapping[str, Any]]:
        brought = await presented(self._authenticator, incoming, SIGNING_NAME, _MOST_BYTES)
        signature = brought.signature
        if brought.oversized:
            raise Refusal("RequestEntityTooLarge", f"The request has more than {_MOST_BYTES} bytes.", 413)
        if signature is None:
            raise Refusal("AccessDenied", "The request is not signed.", 403)
        if signature.principal is None:
            raise Refusal(signature.code, signature.message, 403)
        if not signature.principal.is_root:
            text = f"{signature.principal.arn} is not the root user of its account."
            raise Refusal("AccessDenied", text, 403)
        try:
            document = read_json(brought.body or b"{}")
        except NotJson as error:
            raise ValidationException(f"The request is no JSON: {error}") from None
        if not isinstance(document, dict):
            raise ValidationException("The request is no JSON object.")
        return Scope(signature.principal.account_id, signature.region), document
