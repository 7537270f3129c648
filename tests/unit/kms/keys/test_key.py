"""What state a key is in, what that allows, and when it rotates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.domain.scope import Scope
from sagehen.services.kms.keys.finding import require_alive, require_enabled
from sagehen.services.kms.keys.key import Key, from_document, to_document

NOW = datetime(2026, 1, 1, tzinfo=UTC)
KEY = Key(
    Scope("123456789012", "us-east-1"),
    "11111111-2222-3333-4444-555555555555",
    NOW,
    "SYMMETRIC_DEFAULT",
    "ENCRYPT_DECRYPT",
    "AWS_KMS",
    "{}",
    material_id="ab" * 32,
)


@pytest.mark.parametrize(
    ("changes", "state", "alive", "enabled"),
    [
        ({}, "Enabled", "", ""),
        ({"enabled": False}, "Disabled", "", "DisabledException"),
        ({"material_id": None}, "PendingImport", "", "KMSInvalidStateException"),
        ({"material_id": None, "enabled": False}, "PendingImport", "", "KMSInvalidStateException"),
        ({"deletion_at": NOW}, "PendingDeletion", "KMSInvalidStateException", "KMSInvalidStateException"),
        (
            {"deletion_at": NOW, "enabled": False, "material_id": None},
            "PendingDeletion",
            "KMSInvalidStateException",
            "KMSInvalidStateException",
        ),
    ],
)
def test_states(changes: dict[str, Any], state: str, alive: str, enabled: str) -> None:
    key = KEY.with_(**changes)
    assert key.state == state
    for check, refused in ((require_alive, alive), (require_enabled, enabled)):
        if not refused:
            check(key)
            continue
        with pytest.raises(ServiceError) as caught:
            check(key)
        assert caught.value.code == refused


@pytest.mark.parametrize(
    ("changes", "due"),
    [
        ({}, None),
        ({"rotation_days": 90, "rotates_from": NOW}, NOW + timedelta(days=90)),
        ({"rotation_days": 2560, "rotates_from": NOW}, NOW + timedelta(days=2560)),
        ({"rotation_days": 90, "rotates_from": NOW, "enabled": False}, None),
        ({"rotation_days": 90, "rotates_from": NOW, "deletion_at": NOW}, None),
    ],
)
def test_when_it_rotates(changes: dict[str, Any], due: datetime | None) -> None:
    assert KEY.with_(**changes).rotates_at == due


@pytest.mark.parametrize(
    ("spec", "origin", "may"),
    [
        ("SYMMETRIC_DEFAULT", "AWS_KMS", True),
        ("SYMMETRIC_DEFAULT", "EXTERNAL", False),
        ("RSA_2048", "AWS_KMS", False),
        ("HMAC_256", "AWS_KMS", False),
    ],
)
def test_which_keys_may_rotate(spec: str, origin: str, may: bool) -> None:
    assert KEY.with_(spec=spec, origin=origin).may_rotate is may


def test_a_key_comes_back_as_it_was_stored() -> None:
    key = KEY.with_(tags={"a": "b"}, valid_to=NOW, rotation_days=90, rotates_from=NOW, deletion_at=NOW)
    assert from_document(key.scope, key.id, to_document(key)) == key
