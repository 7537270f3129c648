"""Why a request was refused, and the smallest policy that would let it pass."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.console.documents.asking import Ask
from sagehen.console.documents.times import iso
from sagehen.domain.access import Access
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ports.identity.access_journal import AccessJournal, RefusedAccess

_VERSION = "2012-10-17"
_BY_RESOURCE = "resource-based policy"
_BOUNDARY = "permissions boundary"
_SESSION = "session policy"


class Refusals:
    """Makes the document.

    Args:
        journal: What was refused.
    """

    def __init__(self, journal: AccessJournal) -> None:
        self._journal = journal

    async def __call__(self, ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
        """Return the refusals of the caller's account in the last hour, the latest first."""
        refusals = [entry(refused) for refused in self._journal.refusals(ask.scope.account_id)]
        return {"since": iso(self._journal.began), "now": iso(ask.now), "refusals": refusals}


def entry(refused: RefusedAccess) -> Mapping[str, Any]:
    """Return one refusal with its cure."""
    principal, access = refused.principal, refused.access
    return {
        "at": iso(refused.last),
        "first": iso(refused.first),
        "times": refused.times,
        "principal": {"arn": principal.arn, "kind": principal.kind.value, "name": principal.name},
        "action": access.action,
        "resource": access.resource,
        "message": refused.message,
        "explicit": refused.denied,
        "policyKind": refused.source,
        "statements": [*refused.statements],
        "cure": cure(refused),
    }


def cure(refused: RefusedAccess) -> Mapping[str, Any]:
    """Return what to do about a refusal: `advice` in a sentence, and `policy` where one more would help.

    A Deny is not outvoted by any Allow: then there is no such policy. `attachTo` says where it belongs.
    """
    principal, access = refused.principal, refused.access
    if refused.denied:
        text = f"A Deny in a {refused.source} refuses it: take {access.action} out of that statement"
        return {"advice": f"{text}, or narrow it by a condition. No Allow outvotes a Deny."}
    if principal.kind is PrincipalKind.ROOT or refused.source == _BY_RESOURCE:
        statement = {**_statement(access), "Principal": {"AWS": principal.role_arn or principal.arn}}
        if principal.kind is PrincipalKind.ANONYMOUS:
            statement["Principal"] = "*"
        return {
            "advice": "The resource's own policy must allow it: add this statement there.",
            "attachTo": {"kind": "resource", "name": access.resource},
            "policy": _document(statement),
        }
    if refused.source == _BOUNDARY:
        advice = "The permissions boundary must allow it, too: add this to the policy that is the boundary."
        return {"advice": advice, "attachTo": _owner(principal), "policy": _document(_statement(access))}
    if refused.source == _SESSION:
        advice = "The session's own policy does not allow it: begin one whose policy has this, or none."
        return {"advice": advice, "policy": _document(_statement(access))}
    owner = _owner(principal)
    if owner is None:
        return {"advice": "This identity has no policies of its own; ask as a role that may."}
    return {
        "advice": f"Put this policy on the {owner['kind']} {owner['name']}.",
        "attachTo": owner,
        "policy": _document(_statement(access)),
    }


def _owner(principal: Principal) -> Mapping[str, str] | None:
    if principal.kind is PrincipalKind.USER:
        return {"kind": "user", "name": principal.name}
    if principal.kind is PrincipalKind.ASSUMED_ROLE:
        return {"kind": "role", "name": principal.name}
    return None


def _statement(access: Access) -> dict[str, Any]:
    statement: dict[str, Any] = {"Effect": "Allow", "Action": access.action, "Resource": access.resource}
    # Whoever may pass a role to any service may become whatever that service makes of it.
    service = access.conditions.get("iam:PassedToService")
    if access.action == "iam:PassRole" and service:
        statement["Condition"] = {"StringEquals": {"iam:PassedToService": service}}
    return statement


def _document(statement: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"Version": _VERSION, "Statement": [statement]}
