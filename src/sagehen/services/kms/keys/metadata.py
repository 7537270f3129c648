"""A key as DescribeKey and CreateKey answer it."""

from __future__ import annotations

from typing import Any

from sagehen.services.kms.keys.key import Key
from sagehen.services.kms.keys.specs import MEMBERS, SYMMETRIC, algorithms


def metadata(key: Key) -> dict[str, Any]:
    """Return the KeyMetadata structure."""
    shown: dict[str, Any] = {
        "AWSAccountId": key.scope.account_id,
        "KeyId": key.id,
        "Arn": key.arn,
        "CreationDate": key.created_at,
        "Enabled": key.state == "Enabled",
        "Description": key.description,
        "KeyUsage": key.usage,
        "KeyState": key.state,
        "DeletionDate": key.deletion_at,
        "ValidTo": key.valid_to,
        "Origin": key.origin,
        "KeyManager": key.manager,
        "CustomerMasterKeySpec": key.spec,
        "KeySpec": key.spec,
        MEMBERS[key.usage]: list(algorithms(key.spec, key.usage)),
        "MultiRegion": False,
    }
    # Recorded: there is no expiration before there is material.
    if key.origin == "EXTERNAL" and key.material_id is not None:
        expires = key.valid_to is not None
        shown["ExpirationModel"] = "KEY_MATERIAL_EXPIRES" if expires else "KEY_MATERIAL_DOES_NOT_EXPIRE"
    if key.spec == SYMMETRIC and key.material_id is not None:
        shown["CurrentKeyMaterialId"] = key.material_id
    return shown
