"""The condition keys that a principal itself determines: `aws:username`, `aws:PrincipalTag/…`."""

from __future__ import annotations

from datetime import datetime

from sagehen.domain.access import ConditionValue
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.services.iam.entities.entity import Entity

# Documented: IAM User Guide, AWS global condition context keys, aws:PrincipalType; from memory for services
# and for nobody.
_TYPES = {
    PrincipalKind.ROOT: "Account",
    PrincipalKind.USER: "User",
    PrincipalKind.ASSUMED_ROLE: "AssumedRole",
    PrincipalKind.FEDERATED_USER: "FederatedUser",
    PrincipalKind.WEB_IDENTITY: "FederatedUser",
    PrincipalKind.SERVICE: "Service",
    PrincipalKind.ANONYMOUS: "Anonymous",
}


def principal_keys(principal: Principal, entity: Entity | None) -> dict[str, ConditionValue]:
    """Return the condition keys that the principal itself determines.

    Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
    """
    keys: dict[str, ConditionValue] = {"aws:PrincipalType": _TYPES[principal.kind]}
    if principal.kind is PrincipalKind.ANONYMOUS:
        return keys
    if principal.kind is PrincipalKind.WEB_IDENTITY:
        return keys | {"aws:FederatedProvider": principal.name}
    if principal.kind is PrincipalKind.SERVICE:
        return keys | {"aws:PrincipalIsAWSService": "true", "aws:PrincipalServiceName": principal.name}
    keys["aws:PrincipalIsAWSService"] = "false"
    keys["aws:PrincipalArn"] = principal.role_arn or principal.arn
    keys["aws:PrincipalAccount"] = principal.account_id
    keys["aws:userid"] = principal.user_id or principal.account_id
    if principal.kind is PrincipalKind.USER:
        keys["aws:username"] = principal.name
    tags = {**(entity.tags if entity else {}), **principal.session_tags}
    for name, value in tags.items():
        keys[f"aws:PrincipalTag/{name}"] = value
    if principal.issued_at is not None:
        keys["aws:TokenIssueTime"] = principal.issued_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        # Only temporary credentials say anything about MFA.
        keys["aws:MultiFactorAuthPresent"] = "true" if principal.mfa_at else "false"
    if principal.federated_provider:
        keys["aws:FederatedProvider"] = principal.federated_provider
    if principal.source_identity:
        keys["aws:SourceIdentity"] = principal.source_identity
    return keys


def mfa_keys(principal: Principal, now: datetime) -> dict[str, ConditionValue]:
    """Return the key that changes with every second: for how long (s) the session has had its MFA."""
    if principal.mfa_at is None:
        return {}
    return {"aws:MultiFactorAuthAge": str(int((now - principal.mfa_at).total_seconds()))}
