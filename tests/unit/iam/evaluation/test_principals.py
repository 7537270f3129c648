"""How directly a Principal element names a caller, and whom NotPrincipal spares."""

from __future__ import annotations

import pytest

from sagehen.domain.identity import ANONYMOUS, Principal, PrincipalKind, service_principal
from sagehen.services.iam.evaluation.principals import Grade, matches

ACCOUNT = "123456789012"
ROOT_ARN = f"arn:aws:iam::{ACCOUNT}:root"
ROOT = Principal(PrincipalKind.ROOT, ROOT_ARN, ACCOUNT, ACCOUNT)
BOB = Principal(PrincipalKind.USER, f"arn:aws:iam::{ACCOUNT}:user/bob", ACCOUNT, "AIDABOB", "bob")
WORKER = Principal(
    PrincipalKind.ASSUMED_ROLE,
    f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/s",
    ACCOUNT,
    "AROAWORKER:s",
    "worker",
    role_arn=f"arn:aws:iam::{ACCOUNT}:role/worker",
)
SERVICE = service_principal("sagemaker.amazonaws.com")
WEB = Principal(PrincipalKind.WEB_IDENTITY, "arn:oidc", "", name="arn:oidc")


@pytest.mark.parametrize(
    ("kind", "name", "caller", "grade"),
    [
        ("AWS", "*", ANONYMOUS, Grade.DIRECT),
        ("AWS", "*", BOB, Grade.DIRECT),
        ("AWS", ACCOUNT, BOB, Grade.ACCOUNT),
        ("AWS", ROOT_ARN, BOB, Grade.ACCOUNT),
        ("AWS", ROOT_ARN, ROOT, Grade.ACCOUNT),
        ("AWS", ROOT_ARN, ANONYMOUS, Grade.NONE),
        ("AWS", "210987654321", BOB, Grade.NONE),
        ("AWS", BOB.arn, BOB, Grade.DIRECT),
        ("AWS", "AIDABOB", BOB, Grade.DIRECT),
        ("AWS", "AIDAOTHER", BOB, Grade.NONE),
        ("AWS", WORKER.arn, WORKER, Grade.DIRECT),
        ("AWS", WORKER.role_arn, WORKER, Grade.ROLE),
        ("AWS", "AROAWORKER", WORKER, Grade.ROLE),
        ("AWS", "AROAOTHER", WORKER, Grade.NONE),
        ("AWS", SERVICE.name, SERVICE, Grade.NONE),
        ("Service", SERVICE.name, SERVICE, Grade.DIRECT),
        ("Service", "ec2.amazonaws.com", SERVICE, Grade.NONE),
        ("Service", SERVICE.name, BOB, Grade.NONE),
        ("Federated", "arn:oidc", WEB, Grade.DIRECT),
        ("Federated", "arn:other", WEB, Grade.NONE),
        ("CanonicalUser", "abc", BOB, Grade.NONE),
    ],
)
def test_how_directly_a_caller_is_named(kind: str, name: str, caller: Principal, grade: Grade) -> None:
    assert matches([(kind, name)], False, caller) is grade
    # The strongest of several counts.
    assert matches([("AWS", "210987654321"), (kind, name)], False, caller) is grade


@pytest.mark.parametrize(
    ("name", "caller", "spared"),
    [
        (BOB.arn, BOB, True),
        (WORKER.role_arn, WORKER, True),
        (WORKER.arn, WORKER, True),
        (ROOT_ARN, ROOT, True),
        (ROOT_ARN, BOB, False),  # users have to be named beside the account's root
        (BOB.arn, WORKER, False),
        (BOB.arn, ANONYMOUS, False),
    ],
)
def test_whom_not_principal_spares(name: str, caller: Principal, spared: bool) -> None:
    assert matches([("AWS", name)], True, caller) is (Grade.NONE if spared else Grade.DIRECT)
