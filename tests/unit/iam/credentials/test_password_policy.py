"""Which passwords an account's policy takes, and AWS's own rule where there is none."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.iam.credentials.password_policy import check_password
from sagehen.services.iam.errors import PasswordPolicyViolation

WEAKEST: dict[str, Any] = {
    "MinimumPasswordLength": 6,
    "RequireSymbols": False,
    "RequireNumbers": False,
    "RequireUppercaseCharacters": False,
    "RequireLowercaseCharacters": False,
}
NO_POLICY = "does not conform to the account password policy"


@pytest.mark.parametrize(
    ("rules", "password", "refused"),
    [
        (None, "Abcdef12", ""),
        (None, "abcdef1!", ""),
        (None, "Abcde12", NO_POLICY),  # seven characters
        (None, "abcdefg1", NO_POLICY),  # two of the four sorts
        (None, "Abcdefgh", NO_POLICY),
        ({}, "abcdef", ""),
        ({}, "abcde", "minimum length of 6"),
        ({"MinimumPasswordLength": 14}, "abcdefghijklm", "minimum length of 14"),
        ({"MinimumPasswordLength": 14}, "abcdefghijklmn", ""),
        ({"RequireUppercaseCharacters": True}, "abcdef1!", "uppercase character"),
        ({"RequireLowercaseCharacters": True}, "ABCDEF1!", "lowercase character"),
        ({"RequireNumbers": True}, "Abcdef!", "one number"),
        ({"RequireSymbols": True}, "Abcdef1", "one symbol"),
        ({"RequireSymbols": True}, "Abcdef1?", "one symbol"),  # not one of AWS's list
        ({"RequireSymbols": True}, "Abcdef1|", ""),
        ({"RequireSymbols": True, "RequireNumbers": True}, "abcdef", "one number"),  # in AWS's order
    ],
)
def test_passwords(rules: dict[str, Any] | None, password: str, refused: str) -> None:
    policy = None if rules is None else {**WEAKEST, **rules}
    if not refused:
        check_password(policy, password)
        return
    with pytest.raises(PasswordPolicyViolation) as caught:
        check_password(policy, password)
    assert refused in caught.value.message
