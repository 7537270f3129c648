"""Key: one KMS key as it is stored, and what state it is in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.kms.keys.specs import SYMMETRIC

# Documented: KMS Developer Guide, Key states of AWS KMS keys; keys without replicas or stores have no others.
ENABLED, DISABLED = "Enabled", "Disabled"
PENDING_DELETION, PENDING_IMPORT = "PendingDeletion", "PendingImport"


@dataclass(frozen=True, slots=True)
class Key:
    """One key. Dates are aware, in UTC.

    Args:
        scope, id: Together the key's ARN.
        created_at: When it was made.
        spec: Such as `SYMMETRIC_DEFAULT`, `RSA_2048`.
        usage: `ENCRYPT_DECRYPT`, `SIGN_VERIFY`, `GENERATE_VERIFY_MAC` or `KEY_AGREEMENT`.
        origin: `AWS_KMS`, or `EXTERNAL` for material that its owner imports.
        policy: The key policy, bound to unique ids of users and roles.
        manager: `CUSTOMER`, or `AWS` for the keys that services make for an account.
        enabled: As EnableKey and DisableKey left it.
        material_id: Of the current material; None while there is none to use.
        deletion_at: When it will be deleted; None where that is not planned.
        rotation_days: Period of automatic rotation; None where it is off.
        rotates_from: When the current period began.
        valid_to: When imported material expires; None for never.
    """

    scope: Scope
    id: str
    created_at: datetime
    spec: str
    usage: str
    origin: str
    policy: str
    description: str = ""
    manager: str = "CUSTOMER"
    enabled: bool = True
    material_id: str | None = None
    deletion_at: datetime | None = None
    deletion_window_days: int | None = None
    rotation_days: int | None = None
    rotates_from: datetime | None = None
    valid_to: datetime | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def arn(self) -> str:
        return self.scope.arn("kms", f"key/{self.id}")

    @property
    def state(self) -> str:
        if self.deletion_at is not None:
            return PENDING_DELETION
        if self.material_id is None:
            return PENDING_IMPORT
        return ENABLED if self.enabled else DISABLED

    @property
    def rotates_at(self) -> datetime | None:
        """When the next automatic rotation is due; None where there is none."""
        if self.rotation_days is None or self.rotates_from is None or self.state != ENABLED:
            return None
        return self.rotates_from + timedelta(days=self.rotation_days)

    @property
    def may_rotate(self) -> bool:
        """AWS rotates symmetric keys of its own material alone."""
        return self.spec == SYMMETRIC and self.origin == "AWS_KMS"

    def with_(self, **changes: Any) -> Key:
        """Return the key with fields replaced."""
        return replace(self, **changes)


def to_document(key: Key) -> dict[str, Any]:
    """Return a key as JSON holds it."""
    document = asdict(key)
    for name in ("scope", "id"):
        del document[name]
    return {
        name: value.isoformat() if isinstance(value, datetime) else value for name, value in document.items()
    }


def from_document(scope: Scope, key_id: str, document: Mapping[str, Any]) -> Key:
    """Return a key of what `to_document` made; fields that came later have their defaults."""
    dates = ("created_at", "deletion_at", "rotates_from", "valid_to")
    values: dict[str, Any] = {
        name: datetime.fromisoformat(value) if name in dates and value is not None else value
        for name, value in document.items()
    }
    return Key(scope=scope, id=key_id, **values)
