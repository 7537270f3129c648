"""The decision: may this principal do this, given these policies? No state, no I/O, no clock.

Order, as AWS gives it: an explicit Deny anywhere ends; within an account a resource policy that
names the user or the session itself is final; else identity policy (or a resource policy that
names the role), and boundary, and session policy must allow; across accounts both sides must.
Root has every right of its own account that no Deny takes away.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

from sagehen.domain.access import Access, AclGrant
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.services.iam.evaluation.compiled import CompiledPolicy, CompiledStatement
from sagehen.services.iam.evaluation.conditions import RequestKeys
from sagehen.services.iam.evaluation.principals import Grade

# The owner of a bucket can always mend a policy that shuts out everyone. Documented: S3 API Reference,
# PutBucketPolicy, GetBucketPolicy and DeleteBucketPolicy.
_ROOT_ALWAYS = frozenset(("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy"))


class PolicySource(Enum):
    """Which kind of policy decided; the value is AWS's name for it in messages."""

    IDENTITY = "identity-based policy"
    BOUNDARY = "permissions boundary"
    SESSION = "session policy"
    RESOURCE = "resource-based policy"


@dataclass(frozen=True, slots=True)
class Policies:
    """Everything that speaks about one request.

    Args:
        identity: Policies of the user and its groups, or of the role.
        boundary: The permissions boundary, if there is one.
        session: Session policies; None means that the session is not narrowed.
        resource: The resource's own policy.
        resource_account: The account that owns the resource; '' means the caller's.
        resource_must_allow: True for trust policies: without their word nobody passes.
    """

    identity: tuple[CompiledPolicy, ...] = ()
    boundary: CompiledPolicy | None = None
    session: tuple[CompiledPolicy, ...] | None = None
    resource: CompiledPolicy | None = None
    resource_account: str = ""
    resource_must_allow: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What came out, and why.

    Args:
        allowed: The answer.
        explicit: True when a Deny statement refused it.
        source: The kind of policy that denied, or whose Allow was missing; None when allowed.
        matched: The statements that applied: the denying ones, or else the allowing ones.
        contextual: Condition keys had a part in it, so that it holds for this request only.
        boundary_allows: What the boundary alone says.
    """

    allowed: bool
    explicit: bool
    source: PolicySource | None
    matched: tuple[CompiledStatement, ...]
    contextual: bool
    boundary_allows: bool = True


# An access control list speaks like an Allow of the resource.
_GRADES = {
    AclGrant.NOTHING: Grade.NONE,
    AclGrant.TO_THE_ACCOUNT: Grade.ACCOUNT,
    AclGrant.TO_EVERYBODY: Grade.DIRECT,
}


class _Layer:
    """The statements of one kind of policy that apply."""

    __slots__ = ("allows", "contextual", "denies", "grade")

    def __init__(self) -> None:
        self.allows: list[CompiledStatement] = []
        self.denies: list[CompiledStatement] = []
        self.contextual = False
        self.grade = Grade.NONE


_NOTHING = _Layer()


def _scan(policies: Sequence[CompiledPolicy], access: Access, keys: RequestKeys) -> _Layer:
    layer = _Layer()
    for policy in policies:
        for statement in policy.for_action(access.action):
            if statement.contextual:
                layer.contextual = True
            if statement.applies(access.resource, keys):
                (layer.denies if statement.deny else layer.allows).append(statement)
    return layer


def _scan_resource(policy: CompiledPolicy, caller: Principal, access: Access, keys: RequestKeys) -> _Layer:
    layer = _Layer()
    for statement in policy.for_action(access.action):
        grade = statement.grade(caller)
        if grade is Grade.NONE:
            continue
        if statement.contextual:
            layer.contextual = True
        if not statement.applies(access.resource, keys):
            continue
        if statement.deny:
            layer.denies.append(statement)
        else:
            layer.allows.append(statement)
            layer.grade = max(layer.grade, grade)
    return layer


def evaluate(caller: Principal, access: Access, keys: RequestKeys, policies: Policies) -> Decision:
    """Decide one access.

    Args:
        caller: Who asks.
        access: The action and the resource.
        keys: The request's condition keys, the principal's own among them.
        policies: Every policy that has a say.
    """
    identity = _scan(policies.identity, access, keys) if policies.identity else _NOTHING
    boundary = _scan((policies.boundary,), access, keys) if policies.boundary else _NOTHING
    session = _scan(policies.session, access, keys) if policies.session else _NOTHING
    resource = _scan_resource(policies.resource, caller, access, keys) if policies.resource else _NOTHING
    granted = max(resource.grade, _GRADES[access.acl])
    contextual = identity.contextual or boundary.contextual or session.contextual or resource.contextual
    boundary_allows = policies.boundary is None or bool(boundary.allows and not boundary.denies)
    root = caller.kind is PrincipalKind.ROOT
    same_account = policies.resource_account in ("", caller.account_id)

    denied = _explicit_deny(identity, boundary, session, resource)
    if denied is not None and not (
        root and same_account and session is _NOTHING and access.action in _ROOT_ALWAYS
    ):
        source, statements = denied
        return Decision(False, True, source, tuple(statements), contextual, boundary_allows)

    missing = _missing_allow(
        caller,
        policies,
        granted,
        {
            PolicySource.IDENTITY: root or bool(identity.allows),
            PolicySource.BOUNDARY: boundary_allows,
            PolicySource.SESSION: policies.session is None or bool(session.allows),
        },
    )
    matched = (*identity.allows, *boundary.allows, *session.allows, *resource.allows)
    return Decision(missing is None, False, missing, matched, contextual, boundary_allows)


def _explicit_deny(
    identity: _Layer, boundary: _Layer, session: _Layer, resource: _Layer
) -> tuple[PolicySource, list[CompiledStatement]] | None:
    if identity.denies:
        return PolicySource.IDENTITY, identity.denies
    if boundary.denies:
        return PolicySource.BOUNDARY, boundary.denies
    if session.denies:
        return PolicySource.SESSION, session.denies
    if resource.denies:
        return PolicySource.RESOURCE, resource.denies
    return None


def _missing_allow(
    caller: Principal, policies: Policies, grade: Grade, allows: dict[PolicySource, bool]
) -> PolicySource | None:
    """Return the kind of policy whose Allow is missing, or None when nothing is."""
    if not caller.account_id:  # services and anonymous callers have nothing but the resource's word
        return None if grade else PolicySource.RESOURCE
    same_account = policies.resource_account in ("", caller.account_id)
    if not grade and (policies.resource_must_allow or not same_account) and allows[PolicySource.IDENTITY]:
        return PolicySource.RESOURCE
    if same_account and grade is Grade.DIRECT:
        return None
    if same_account and grade is Grade.ROLE:
        allows[PolicySource.IDENTITY] = True
    for source, allowed in allows.items():
        if not allowed:
            return source
    return None
