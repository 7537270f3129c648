"""What kinds of sessions never may do, whatever their policies say; and who must still exist."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import ANONYMOUS, Principal, PrincipalKind, service_principal
from sagehen.services.iam.errors import InvalidClientTokenId
from sagehen.services.iam.evaluation.session_limits import is_bound, refusal

NOW = datetime(2026, 1, 1, tzinfo=UTC)
USER = Principal(PrincipalKind.USER, "arn:aws:iam::123456789012:user/bob", "123456789012", "AIDABOB", "bob")
USER_SESSION = Principal(PrincipalKind.USER, USER.arn, USER.account_id, "AIDABOB", "bob", issued_at=NOW)
MFA_SESSION = Principal(
    PrincipalKind.USER, USER.arn, USER.account_id, "AIDABOB", "bob", issued_at=NOW, mfa_at=NOW
)
ROLE_SESSION = Principal(
    PrincipalKind.ASSUMED_ROLE,
    "arn:aws:sts::123456789012:assumed-role/worker/s",
    "123456789012",
    "AROAWORKER:s",
    "worker",
    issued_at=NOW,
)
FEDERATED = Principal(
    PrincipalKind.FEDERATED_USER,
    "arn:aws:sts::123456789012:federated-user/eve",
    "123456789012",
    "123456789012:eve",
    "bob",
    issuer_id="AIDABOB",
    issued_at=NOW,
)
BY_ROOT = Principal(PrincipalKind.FEDERATED_USER, FEDERATED.arn, "123456789012", "123456789012:eve")


@pytest.mark.parametrize(
    ("principal", "action", "refused"),
    [
        (USER, "iam:ListUsers", None),
        (USER, "sts:GetCallerIdentity", None),
        (USER_SESSION, "iam:ListUsers", InvalidClientTokenId),
        (USER_SESSION, "iam:PassRole", None),
        (USER_SESSION, "s3:GetObject", None),
        (USER_SESSION, "sts:AssumeRole", None),
        (USER_SESSION, "sts:TagSession", None),
        (USER_SESSION, "sts:SetSourceIdentity", None),
        (USER_SESSION, "sts:GetAccessKeyInfo", AccessDenied),
        (USER_SESSION, "sts:GetSessionToken", None),  # in words of its own
        (USER_SESSION, "sts:GetFederationToken", None),
        (MFA_SESSION, "iam:ListUsers", None),
        (MFA_SESSION, "sts:GetAccessKeyInfo", AccessDenied),
        (ROLE_SESSION, "iam:ListUsers", None),
        (ROLE_SESSION, "sts:GetAccessKeyInfo", None),
        (FEDERATED, "iam:ListUsers", InvalidClientTokenId),
        (FEDERATED, "iam:PassRole", None),
        (FEDERATED, "s3:GetObject", None),
        (FEDERATED, "sts:AssumeRole", AccessDenied),
        (FEDERATED, "sts:GetSessionToken", None),
    ],
)
def test_what_a_kind_of_session_never_may(
    principal: Principal, action: str, refused: type[Exception] | None
) -> None:
    error = refusal(principal, action)
    assert (None if error is None else type(error)) is refused


def test_the_words_for_the_rest_of_sts() -> None:
    error = refusal(FEDERATED, "sts:AssumeRole")
    assert error is not None
    assert str(error) == f"User: {FEDERATED.arn} is not authorized to perform: sts:AssumeRole"


@pytest.mark.parametrize(
    ("principal", "bound"),
    [
        (USER, True),
        (USER_SESSION, True),
        (ROLE_SESSION, True),
        (FEDERATED, True),
        (BY_ROOT, False),
        (Principal(PrincipalKind.ROOT, "arn:aws:iam::123456789012:root", "123456789012"), False),
        (service_principal("sagemaker.amazonaws.com"), False),
        (ANONYMOUS, False),
    ],
)
def test_whose_user_or_role_must_still_exist(principal: Principal, bound: bool) -> None:
    assert is_bound(principal) is bound
