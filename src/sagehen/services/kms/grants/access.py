"""What the operations on grants need to be allowed, and which constraints a grant may have.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request
from sagehen.domain.access import Access, ConditionValue
from sagehen.services.kms.keys.access import Owner, context_conditions, on_found_key, on_key

_CONTEXTS = ("EncryptionContextEquals", "EncryptionContextSubset")


def on_creation(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    """The access rule of CreateGrant: to whom, what and within which contexts are keys of conditions."""
    for access in on_key()(owner, context, request):
        conditions: dict[str, ConditionValue] = {
            **access.conditions,
            "kms:GranteePrincipal": request.get("GranteePrincipal", ""),
            "kms:GrantOperations": tuple(request["Operations"]),
            "kms:GrantIsForAWSResource": "false",
        }
        if retiring := request.get("RetiringPrincipal"):
            conditions["kms:RetiringPrincipal"] = retiring
        conditions |= _constraint_conditions(request.get("Constraints") or {})
        yield Access(access.action, access.resource, conditions)


def _constraint_conditions(constraints: Mapping[str, Mapping[str, str]]) -> dict[str, ConditionValue]:
    """Return the condition keys of what a grant is constrained to."""
    kinds = {kind: context for kind, context in constraints.items() if kind in _CONTEXTS}
    if not kinds:
        return {}
    contexts = {name: value for context in kinds.values() for name, value in context.items()}
    return {"kms:GrantConstraintType": tuple(kinds), **context_conditions(contexts)}


def checked_constraints(request: Request) -> dict[str, Any]:
    """Return the constraints of a grant whose every member has its effect here.

    Raises:
        NotImplementedOperation, ValidationException.
    """
    constraints = {kind: value for kind, value in (request.get("Constraints") or {}).items() if value}
    if "SourceArn" in constraints:
        raise NotImplementedOperation("CreateGrant: constraints by SourceArn are not implemented.")
    for member in ("GranteeServicePrincipal", "RetiringServicePrincipal"):
        if request.get(member):
            raise NotImplementedOperation(f"CreateGrant: {member} is not implemented.")
    if not request.get("GranteePrincipal"):
        raise ValidationException("Must specify either GranteePrincipal or GranteeServicePrincipal.")
    return constraints


def on_grants(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    """No grant here is for a service of AWS."""
    for access in on_key()(owner, context, request):
        yield replace(access, conditions={**access.conditions, "kms:GrantIsForAWSResource": "false"})


def on_retirement(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Who is named to retire a grant needs no other right; nor has who is called as he was."""
    grant = owner.requested(context, request)
    principal = context.principal
    if {principal.arn, principal.user_id.partition(":")[0]} & set(grant.retirers):
        return
    key = owner.records.key(grant.key_id)
    access = on_found_key(owner, context, request, key, "kms:RetireGrant")
    yield replace(access, conditions={**access.conditions, **_constraint_conditions(grant.constraints)})
