"""once: what a client token is for: a request that is sent again makes nothing new.

SDKs put a token into every such request and send it again after a lost answer. Ours is valid for as long as
what was made is there; AWS's for a day at least (documented: idempotency in EC2's API).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable

from sagehen.api.operation import Request
from sagehen.services.ec2.errors import IdempotentParameterMismatch, InvalidParameterValue
from sagehen.services.ec2.resources.kinds import Kind
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.view import View

_LONGEST = 64  # documented
# Whether it is asked for in earnest changes nothing of what is asked for.
_ASIDE = ("DryRun",)


def print_of(request: Request) -> str:
    """Return what two requests have in common if they ask for the same."""
    asked = {name: value for name, value in request.items() if name not in _ASIDE}
    return hashlib.sha256(json.dumps(asked, sort_keys=True, default=str).encode()).hexdigest()


def once(view: View, kind: Kind, request: Request, make: Callable[[], Resource]) -> Resource:
    """Return what the same request made before, or else what `make` makes.

    Raises:
        IdempotentParameterMismatch: Its token came with another request.
        InvalidParameterValue: The token is too long.
    """
    token = request.get("ClientToken") or ""
    if not token:
        return make()
    if len(token) > _LONGEST:
        raise InvalidParameterValue(f"ClientToken is limited to {_LONGEST} characters")
    asked = print_of(request)
    before = view.with_token(kind, token)
    if before is not None:
        if before.body["tokenPrint"] != asked:
            # Recorded in public issues.
            raise IdempotentParameterMismatch(
                "Arguments on this idempotent request are inconsistent with arguments used in previous "
                "request(s)."
            )
        return before
    made = make()
    made.body |= {"token": token, "tokenPrint": asked}
    view.save(made)
    return made
