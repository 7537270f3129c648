"""Principal elements: how directly a resource's policy names the caller.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum

from sagehen.domain.identity import Principal, PrincipalKind


class Grade(IntEnum):
    """How far an Allow reaches, in rising order.

    ACCOUNT leaves the decision to the account's own policies; ROLE replaces an identity policy,
    but boundaries and session policies still narrow it; DIRECT is final within the account.
    """

    NONE = 0
    ACCOUNT = 1
    ROLE = 2
    DIRECT = 3


def grade(principals: Sequence[tuple[str, str]], caller: Principal) -> Grade:
    """Return the strongest way in which (type, name) pairs name the caller."""
    best = Grade.NONE
    for kind, name in principals:
        best = max(best, _grade_one(kind, name, caller))
    return best


def _grade_one(kind: str, name: str, caller: Principal) -> Grade:
    if kind == "Service":
        is_it = caller.kind is PrincipalKind.SERVICE and name == caller.name
        return Grade.DIRECT if is_it else Grade.NONE
    if kind == "Federated":
        is_it = caller.kind is PrincipalKind.WEB_IDENTITY and name == caller.name
        return Grade.DIRECT if is_it else Grade.NONE
    if kind != "AWS":
        return Grade.NONE
    if name == "*":
        return Grade.DIRECT
    if not caller.account_id:
        return Grade.NONE
    if caller.kind is not PrincipalKind.ROOT and name == caller.arn:
        return Grade.DIRECT
    if name == caller.account_id or name == f"arn:aws:iam::{caller.account_id}:root":
        return Grade.ACCOUNT
    if caller.kind is PrincipalKind.ASSUMED_ROLE:
        # Trust policies hold the role's unique id in place of its ARN.
        return Grade.ROLE if name in (caller.role_arn, caller.user_id.partition(":")[0]) else Grade.NONE
    return Grade.DIRECT if name == caller.user_id else Grade.NONE


def matches(principals: Sequence[tuple[str, str]], negated: bool, caller: Principal) -> Grade:
    """Grade a Principal or, when `negated`, a NotPrincipal element."""
    found = grade(principals, caller)
    if not negated:
        return found
    # NotPrincipal with an account spares its root, not its users: these are named beside it.
    spared = found > Grade.ACCOUNT or (found is Grade.ACCOUNT and caller.kind is PrincipalKind.ROOT)
    return Grade.NONE if spared else Grade.DIRECT
