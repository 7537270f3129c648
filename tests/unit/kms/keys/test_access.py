"""The condition keys that a request on a key has."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from sagehen.services.kms.keys.access import request_conditions

ACCOUNT = "123456789012"


@pytest.mark.parametrize(
    ("request_", "keys"),
    [
        ({}, {}),
        ({"EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}, {"kms:EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}),
        ({"MessageType": "DIGEST"}, {"kms:MessageType": "DIGEST"}),
        ({"RotationPeriodInDays": 90}, {"kms:RotationPeriodInDays": "90"}),
        ({"PendingWindowInDays": 7}, {"kms:ScheduleKeyDeletionPendingWindowInDays": "7"}),
        ({"KeyPairSpec": "RSA_2048"}, {"kms:DataKeyPairSpec": "RSA_2048"}),
        ({"ValidTo": datetime(2026, 1, 2, tzinfo=UTC)}, {"kms:ValidTo": "2026-01-02T00:00:00Z"}),
        (
            {"ValidTo": datetime(2026, 1, 2, 1, tzinfo=timezone(timedelta(hours=1)))},
            {"kms:ValidTo": "2026-01-02T00:00:00Z"},
        ),
        (
            {"EncryptionContext": {"a": "1", "b": "2"}},
            {
                "kms:EncryptionContextKeys": ("a", "b"),
                "kms:EncryptionContext:a": "1",
                "kms:EncryptionContext:b": "2",
            },
        ),
        (
            {"Tags": [{"TagKey": "team", "TagValue": "red"}]},
            {"aws:RequestTag/team": "red", "aws:TagKeys": ("team",)},
        ),
        ({"TagKeys": ["team", "cost"]}, {"aws:TagKeys": ("team", "cost")}),
        ({"KeyId": "alias/a", "Plaintext": b"x"}, {}),  # members that are no keys
    ],
)
def test_condition_keys(request_: dict[str, Any], keys: dict[str, Any]) -> None:
    assert request_conditions(ACCOUNT, request_) == {"kms:CallerAccount": ACCOUNT, **keys}
