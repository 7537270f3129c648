"""AWS's words for a refusal.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
"""

from __future__ import annotations

from sagehen.domain.access import Access
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.services.iam.evaluation.evaluator import Decision, PolicySource

_ARTICLES = {
    PolicySource.IDENTITY: "an",
    PolicySource.BOUNDARY: "a",
    PolicySource.SESSION: "a",
    PolicySource.RESOURCE: "a",
}
# These say who may not do what, but not why: the reason would tell strangers of a trust policy.
_WITHOUT_REASON = frozenset(("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"))


def denial_text(caller: Principal, access: Access, decision: Decision) -> str:
    """Return the message of AccessDenied for a decision that refused."""
    service = access.action.partition(":")[0]
    if service == "s3" and caller.kind is PrincipalKind.ANONYMOUS:
        return "Access Denied"
    name = "anonymous" if caller.kind is PrincipalKind.ANONYMOUS else caller.arn
    text = f"User: {name} is not authorized to perform: {access.action}{_on_resource(service, access)}"
    if access.action not in _WITHOUT_REASON:
        text += f" {_reason(access, decision)}"
    # EC2 puts a sentence before it that is older than these texts.
    return f"You are not authorized to perform this operation. {text}" if service == "ec2" else text


def _on_resource(service: str, access: Access) -> str:
    if service == "s3":  # S3 quotes the ARN, and names none where there is none
        return "" if access.resource == "*" else f' on resource: "{access.resource}"'
    if service == "ec2" and access.resource == "*":
        return ""
    return f" on resource: {access.resource}"


def _reason(access: Access, decision: Decision) -> str:
    source = decision.source or PolicySource.IDENTITY
    if decision.explicit:
        return f"with an explicit deny in {_ARTICLES[source]} {source.value}"
    return f"because no {source.value} allows the {access.action} action"
