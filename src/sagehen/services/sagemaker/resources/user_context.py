"""Who made or changed something, as SageMaker tells it."""

from __future__ import annotations

from typing import Any

from sagehen.domain.identity import Principal


def user_context(principal: Principal) -> dict[str, Any]:
    """Return a UserContext, as AWS tells it outside of Studio."""
    identity = {"Arn": principal.arn, "PrincipalId": principal.user_id}
    if principal.source_identity:
        identity["SourceIdentity"] = principal.source_identity
    return {"IamIdentity": identity}
