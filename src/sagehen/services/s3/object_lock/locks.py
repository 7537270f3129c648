"""What protects a version, and who may change that: pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sagehen.services.s3.errors.requests import AccessDenied

GOVERNANCE, COMPLIANCE = "GOVERNANCE", "COMPLIANCE"
MODES = (GOVERNANCE, COMPLIANCE)
# In a version's details.
LOCK = "Lock"


class ObjectLocked(AccessDenied):
    """A version that is protected. The words are those of AWS since 2024; before it said `Access Denied`."""

    code = "AccessDenied"

    def __init__(self) -> None:
        super().__init__("Access Denied because object protected by object lock.")


@dataclass(frozen=True, slots=True)
class Lock:
    """A version's protection.

    Args:
        mode: GOVERNANCE or COMPLIANCE; empty: no retention.
        until: When the retention ends.
        hold: ON or OFF; empty: never set.
    """

    mode: str = ""
    until: datetime | None = None
    hold: str = ""

    @classmethod
    def of(cls, details: Mapping[str, Any]) -> Lock:
        """Read the lock of a version's or an upload's details; an empty one where there is none."""
        stored = details.get(LOCK) or {}
        until = stored.get("Until")
        return cls(
            stored.get("Mode", ""),
            None if until is None else datetime.fromisoformat(until),
            stored.get("Hold", ""),
        )

    def stored(self) -> dict[str, str]:
        """Return it as details keep it."""
        kept = {"Mode": self.mode, "Until": "" if self.until is None else self.until.isoformat()}
        return {name: value for name, value in {**kept, "Hold": self.hold}.items() if value}

    def is_retained(self, now: datetime) -> bool:
        """Tell whether the retention has not ended; a legal hold is not asked."""
        return self.until is not None and now < self.until


def relocked(change: Callable[[Lock], Lock]) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return what changes a version's details as `change` changes its lock.

    Args:
        change: Sees the present lock and may raise: then the lock stays as it is.
    """

    def changed(details: Mapping[str, Any]) -> dict[str, Any]:
        return {**details, LOCK: change(Lock.of(details)).stored()}

    return changed


def check_deletion(details: Mapping[str, Any], now: datetime, bypass: bool) -> None:
    """Refuse the deletion of a protected version.

    Args:
        bypass: The caller asks to pass over governance, and may.

    Raises:
        AccessDenied: It is held, or retained.
    """
    lock = Lock.of(details)
    # A legal hold cannot be passed over, nor can compliance (documented: Object Lock, retention modes).
    passed_over = lock.mode == GOVERNANCE and bypass
    if lock.hold == "ON" or (lock.is_retained(now) and not passed_over):
        raise ObjectLocked()


def check_retention(lock: Lock, mode: str, until: datetime | None, now: datetime, bypass: bool) -> None:
    """Refuse a retention that would weaken the one that holds: longer in the same mode is always allowed.

    Raises:
        AccessDenied: And governance is not passed over, or it is compliance.
    """
    if not lock.is_retained(now):
        return
    assert lock.until is not None
    # Documented: Object Lock, retention periods: longer ones need no right to bypass.
    longer = mode == lock.mode and until is not None and until >= lock.until
    if not longer and not (lock.mode == GOVERNANCE and bypass):
        raise ObjectLocked()
