"""The user that an operation is about: the one named, or else the one who calls."""

from __future__ import annotations

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.identity import PrincipalKind
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import NoSuchEntity, ValidationError


def named_or_calling_user(records: Records, context: RequestContext, request: Request) -> Entity:
    """Return the user that `UserName` names; without one, the caller by its unique id.

    Raises:
        NoSuchEntity, ValidationError: Root and roles have to name somebody: root's own keys are the
            platform's start-up settings, not records.
    """
    if (name := request.get("UserName")) is not None:
        return records.get(context.scope.account_id, Kind.USER, name)
    if context.principal.kind is not PrincipalKind.USER:
        raise ValidationError("Must specify userName when calling with non-User credentials")
    user = records.by_id(context.principal.owner_id)
    if user is None:
        raise NoSuchEntity(f"The user with name {context.principal.name} cannot be found.")
    return user
