"""What the clock does to keys: deletions, rotations, the end of imported material."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from sagehen.domain.encryption_keys import KeyUse
from sagehen.services.kms.errors import (
    InvalidCiphertextException,
    KMSInvalidStateException,
    NotFoundException,
)
from tests.unit.kms.conftest import ROOT, SCOPE, House


async def test_a_key_is_deleted_when_its_window_is_over(house: House) -> None:
    key, kept = await house.made(), await house.made()
    blob = (await house.call("Encrypt", KeyId=key, Plaintext=b"x"))["CiphertextBlob"]
    await house.call("CreateAlias", AliasName="alias/doomed", TargetKeyId=key)
    await house.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    await house.clock.advance(timedelta(days=6, hours=23).total_seconds())
    await house.kms.due.do_what_is_due()
    assert (await house.call("DescribeKey", KeyId=key))["KeyMetadata"]["KeyState"] == "PendingDeletion"
    await house.clock.advance(3600)
    await house.kms.due.do_what_is_due()
    with pytest.raises(NotFoundException):
        await house.call("DescribeKey", KeyId=key)
    assert (await house.call("ListAliases"))["Aliases"] == []
    with pytest.raises(InvalidCiphertextException):
        await house.call("Decrypt", CiphertextBlob=blob)
    assert (await house.call("DescribeKey", KeyId=kept))["KeyMetadata"]["Enabled"]


async def test_rotation_comes_once_a_period_and_not_while_disabled(house: House) -> None:
    key = await house.made()
    await house.call("EnableKeyRotation", KeyId=key, RotationPeriodInDays=90)
    old = (await house.call("Encrypt", KeyId=key, Plaintext=b"x"))["CiphertextBlob"]

    async def rotations() -> int:
        await house.kms.due.do_what_is_due()
        return len((await house.call("ListKeyRotations", KeyId=key))["Rotations"])

    await house.clock.advance(timedelta(days=89).total_seconds())
    assert await rotations() == 0
    await house.clock.advance(timedelta(days=1).total_seconds())
    assert await rotations() == 1
    assert await rotations() == 1
    await house.call("DisableKey", KeyId=key)
    await house.clock.advance(timedelta(days=91).total_seconds())
    assert await rotations() == 1
    await house.call("EnableKey", KeyId=key)
    assert await rotations() == 2
    assert (await house.call("Decrypt", CiphertextBlob=old))["Plaintext"] == b"x"


async def test_services_get_data_keys_and_managed_keys(house: House) -> None:
    keys = house.kms.keys
    arn = await keys.managed_key(SCOPE, "s3")
    assert arn == await keys.managed_key(SCOPE, "s3")
    use = KeyUse(ROOT, SCOPE, "s3", {"aws:s3:arn": "b/k"}, {})
    made = keys.new_data_key(use, "alias/aws/s3")
    assert (made.key_arn, len(made.plaintext)) == (arn, 32)
    assert keys.open_data_key(use, arn, made.ciphertext) == made.plaintext
    with pytest.raises(InvalidCiphertextException):
        keys.open_data_key(replace(use, context={"aws:s3:arn": "b/other"}), arn, made.ciphertext)
    own = await house.made()
    made = keys.new_data_key(use, own)
    await house.call("ScheduleKeyDeletion", KeyId=own)
    with pytest.raises(KMSInvalidStateException):
        keys.new_data_key(use, own)
    with pytest.raises(KMSInvalidStateException):
        keys.open_data_key(use, made.key_arn, made.ciphertext)
    await house.clock.advance(timedelta(days=30).total_seconds())
    await house.kms.due.do_what_is_due()
    with pytest.raises(NotFoundException, match=f"Key '{made.key_arn}' does not exist"):
        keys.open_data_key(use, made.key_arn, made.ciphertext)
