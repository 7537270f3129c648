"""The policy statements that a grant amounts to."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.kms.grants.grant import statements

WHO = "arn:aws:iam::123456789012:user/bob"
EQUALS = {
    "ForAnyValue:StringEquals": {"kms:EncryptionContext:a": "1"},
    "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["a"]},
}
SUBSET = {"StringEquals": {"kms:EncryptionContext:b": "2"}}


@pytest.mark.parametrize(
    ("operations", "constraints", "made"),
    [
        (["Encrypt", "Decrypt"], {}, [(["kms:Encrypt", "kms:Decrypt"], None)]),
        (["RetireGrant"], {}, []),  # a right on the grant, not on the key
        (["Decrypt", "RetireGrant"], {}, [(["kms:Decrypt"], None)]),
        (["Decrypt"], {"EncryptionContextEquals": {"a": "1"}}, [(["kms:Decrypt"], EQUALS)]),
        (["Decrypt"], {"EncryptionContextSubset": {"b": "2"}}, [(["kms:Decrypt"], SUBSET)]),
        (
            ["Decrypt"],
            {"EncryptionContextEquals": {"a": "1"}, "EncryptionContextSubset": {"b": "2"}},
            [(["kms:Decrypt"], SUBSET | EQUALS)],
        ),
        (  # no context goes with a signature: the constraint does not bind it
            ["Decrypt", "Sign", "CreateGrant"],
            {"EncryptionContextSubset": {"b": "2"}},
            [(["kms:Decrypt"], SUBSET), (["kms:Sign", "kms:CreateGrant"], None)],
        ),
        (["Sign"], {"EncryptionContextSubset": {"b": "2"}}, [(["kms:Sign"], None)]),
    ],
)
def test_statements(
    operations: list[str],
    constraints: dict[str, dict[str, str]],
    made: list[tuple[list[str], dict[str, Any] | None]],
) -> None:
    expected = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": WHO},
            "Action": actions,
            "Resource": "*",
            **({} if condition is None else {"Condition": condition}),
        }
        for actions, condition in made
    ]
    assert statements(WHO, operations, constraints) == expected
