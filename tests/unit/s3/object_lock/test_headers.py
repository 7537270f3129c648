"""The lock that an upload gets: its own, its bucket's default, or none."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.services.s3.object_lock.headers import lock_conditions, lock_of_upload, shown
from tests.unit.s3.conftest import Configured

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
PLAIN = {"ObjectLockEnabled": "Enabled"}


def by_default(**period: int) -> dict[str, Any]:
    return {**PLAIN, "Rule": {"DefaultRetention": {"Mode": "GOVERNANCE", **period}}}


def retained(mode: str, days: int) -> dict[str, str]:
    return {"Mode": mode, "Until": (NOW + timedelta(days=days)).isoformat()}


HELD = retained("GOVERNANCE", 3) | {"Hold": "OFF"}
ASKED = {"ObjectLockMode": "COMPLIANCE", "ObjectLockRetainUntilDate": TOMORROW}


@pytest.mark.parametrize(
    ("stored", "asked", "lock"),
    [
        (None, {}, None),
        (PLAIN, {}, None),
        (PLAIN, ASKED, retained("COMPLIANCE", 1)),
        (PLAIN, {"ObjectLockLegalHoldStatus": "ON"}, {"Hold": "ON"}),
        (by_default(Days=3), {}, retained("GOVERNANCE", 3)),
        (by_default(Years=2), {}, retained("GOVERNANCE", 730)),  # a year has 365 days
        (by_default(Days=3), ASKED, retained("COMPLIANCE", 1)),
        (by_default(Days=3), {"ObjectLockLegalHoldStatus": "OFF"}, HELD),
    ],
)  # fmt: skip
async def test_which_one(configured: Configured, stored: Any, asked: dict[str, Any], lock: Any) -> None:
    buckets, bucket = await configured(object_lock=stored)
    assert lock_of_upload(buckets, bucket.name, asked, NOW).get("Lock") == lock


@pytest.mark.parametrize(
    ("stored", "asked", "code"),
    [
        (None, ASKED, "InvalidRequest"),
        (None, {"ObjectLockLegalHoldStatus": "OFF"}, "InvalidRequest"),
        (PLAIN, {"ObjectLockMode": "COMPLIANCE"}, "InvalidArgument"),
        (PLAIN, {"ObjectLockRetainUntilDate": TOMORROW}, "InvalidArgument"),
        (PLAIN, {**ASKED, "ObjectLockMode": "LATER"}, "InvalidArgument"),
        (PLAIN, {**ASKED, "ObjectLockRetainUntilDate": NOW}, "InvalidArgument"),
        (PLAIN, {"ObjectLockLegalHoldStatus": "MAYBE"}, "InvalidArgument"),
    ],
)
async def test_what_is_none(configured: Configured, stored: Any, asked: dict[str, Any], code: str) -> None:
    buckets, bucket = await configured(object_lock=stored)
    with pytest.raises(ServiceError) as refused:
        lock_of_upload(buckets, bucket.name, asked, NOW)
    assert refused.value.code == code


def test_condition_keys() -> None:
    assert lock_conditions(None, None, None, NOW) == {}
    assert lock_conditions("GOVERNANCE", TOMORROW + timedelta(hours=23), "ON", NOW) == {
        "s3:object-lock-mode": "GOVERNANCE",
        "s3:object-lock-retain-until-date": "2026-03-03T11:00:00Z",
        "s3:object-lock-remaining-retention-days": "1",  # whole ones
        "s3:object-lock-legal-hold": "ON",
    }
    assert shown(NOW) == "Sun Mar 01 12:00:00 UTC 2026"
