"""What sessions may not do, whatever their policies say.

A session of GetSessionToken calls IAM only with MFA, and of STS nothing but AssumeRole and
GetCallerIdentity; a federated session calls no IAM, and of STS nothing but GetCallerIdentity.
AWS answers IAM calls of such sessions as if the token were unknown (seen by everybody who tried
`aws iam list-users` with it). GetSessionToken and GetFederationToken refuse sessions themselves.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_sts-comparison.html
"""

from __future__ import annotations

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.services.iam.errors import InvalidClientTokenId

# No calls of IAM: other services ask for these on behalf of the session.
_NOT_CALLS = frozenset(("iam:PassRole",))
# These two refuse sessions in their handlers, with a sentence of their own.
_OWN_WORDS = frozenset(("sts:GetSessionToken", "sts:GetFederationToken"))
# What AssumeRole asks for: a session of GetSessionToken may assume roles, a federated one may not.
_ASSUMING = frozenset(("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"))


def is_bound(principal: Principal) -> bool:
    """Tell whether the principal's rights are those of a user or role that must still exist."""
    if principal.kind is PrincipalKind.FEDERATED_USER:
        # Sessions stored before the id was kept know their user by name only: they are over.
        return bool(principal.issuer_id or principal.name)
    return principal.kind in (PrincipalKind.USER, PrincipalKind.ASSUMED_ROLE)


def refusal(principal: Principal, action: str) -> ServiceError | AccessDenied | None:
    """Return the error for an action that this kind of session never may do, or None."""
    if principal.by_console:
        return None
    federated = principal.kind is PrincipalKind.FEDERATED_USER
    if not federated:
        if principal.issued_at is None or principal.kind is PrincipalKind.ASSUMED_ROLE:
            return None
        if principal.mfa_at is not None and action.startswith("iam:"):
            return None
    service = action.partition(":")[0]
    if service == "iam" and action not in _NOT_CALLS:
        return InvalidClientTokenId("The security token included in the request is invalid.")
    if service == "sts" and action not in _OWN_WORDS and (federated or action not in _ASSUMING):
        return AccessDenied(f"User: {principal.arn} is not authorized to perform: {action}")
    return None
