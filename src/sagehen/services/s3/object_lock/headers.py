"""The lock that an upload asks for, or that its bucket gives to what asks for none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sagehen.domain.access import ConditionValue
from sagehen.services.s3.errors.requests import InvalidArgument
from sagehen.services.s3.object_lock.errors import no_object_lock
from sagehen.services.s3.object_lock.locks import LOCK, MODES, Lock
from sagehen.services.s3.records.buckets import BucketRecords

# Kind of the bucket's configuration.
KIND = "object_lock"
_MODE, _UNTIL, _HOLD = (
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-object-lock-legal-hold",
)


def asked_lock(request: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    """Return mode, end and hold as a request names them; nearly none does, and all are asked."""
    get = request.get
    return get("ObjectLockMode"), get("ObjectLockRetainUntilDate"), get("ObjectLockLegalHoldStatus")


def lock_of_upload(
    buckets: BucketRecords, bucket: str, request: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """Return what an upload's details get: `Lock`, or nothing.

    Raises:
        InvalidRequest: The bucket has no Object Lock.
        InvalidArgument: Half a retention, one that is over, or a mode or hold that there is not.
    """
    mode, until, hold = asked_lock(request)
    if not buckets.has_configuration(bucket, KIND):
        if mode is None and until is None and hold is None:
            return {}
        raise no_object_lock()
    if (mode is None) != (until is None):
        raise InvalidArgument(
            f"{_UNTIL} and {_MODE} must both be supplied", _UNTIL if until is None else _MODE, None
        )
    # Words of other implementations of S3, which have them from AWS; not recorded.
    if mode is not None and mode not in MODES:
        raise InvalidArgument("Unknown wormMode directive.", _MODE, mode)
    if hold not in (None, "ON", "OFF"):
        raise InvalidArgument("Legal Hold must be either of 'ON' or 'OFF'", _HOLD, hold)
    if until is not None:
        until = in_utc(until)
        if until <= now:
            raise InvalidArgument("The retain until date must be in the future!", _UNTIL, shown(until))
    else:
        mode, until = _default(buckets.configuration(bucket, KIND), now)
    stored = Lock(mode or "", until, hold or "").stored()
    return {LOCK: stored} if stored else {}


def _default(configuration: Mapping[str, Any], now: datetime) -> tuple[str, datetime | None]:
    default = (configuration.get("Rule") or {}).get("DefaultRetention")
    if default is None:
        return "", None
    # A year has 365 days, from memory.
    days = default["Days"] if default.get("Days") else default["Years"] * 365
    return default["Mode"], now + timedelta(days=days)


def lock_conditions(
    mode: str | None, until: datetime | None, hold: str | None, now: datetime
) -> dict[str, ConditionValue]:
    """Return the condition keys of a request that sets a lock."""
    keys: dict[str, ConditionValue] = {}
    if mode is not None:
        keys["s3:object-lock-mode"] = mode
    if until is not None:
        keys["s3:object-lock-retain-until-date"] = f"{in_utc(until):%Y-%m-%dT%H:%M:%SZ}"
        keys["s3:object-lock-remaining-retention-days"] = str((in_utc(until) - now) // timedelta(days=1))
    if hold is not None:
        keys["s3:object-lock-legal-hold"] = hold
    return keys


def in_utc(at: datetime) -> datetime:
    """Return a moment in UTC; one without a zone is taken for UTC, as clients may send it."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def shown(at: datetime) -> str:
    """Return a moment as AWS's refusals have it: `Thu Jan 01 00:00:00 UTC 2026`."""
    return at.strftime("%a %b %d %H:%M:%S UTC %Y")
