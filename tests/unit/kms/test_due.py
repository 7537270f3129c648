"""What the clock does to keys: deletions, rotations, the end of imported material."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.kms.errors import (
    InvalidCiphertextException,
    KMSInvalidStateException,
    NotFoundException,
)
from sagehen.services.kms.service import KmsService
from sagehen.store.database import Database

SCOPE = Scope("123456789012", "us-east-1")
ROOT = Principal(PrincipalKind.ROOT, "arn:aws:iam::123456789012:root", SCOPE.account_id)


class Everything:
    """Takes every policy and allows everything."""

    def stored(self, document: str, kind: Any) -> str:
        return document

    def shown(self, document: str) -> str:
        return document

    def authorize(self, principal: Any, access: Any, environment: Any) -> None:
        return None

    def is_allowed(self, principal: Any, access: Any, environment: Any) -> bool:
        return True


class House:
    def __init__(self, database: Database, clock: ManualClock, ids: Ids) -> None:
        self.clock = clock
        self.kms = KmsService(
            database=database, clock=clock, ids=ids, documents=Everything(), authorizer=Everything()
        )
        [service] = self.kms.services
        self._operations = {bound.name: bound for bound in service.operations()}

    async def call(self, operation: str, **request: Any) -> Any:
        context = RequestContext("r", "kms", operation, SCOPE, ROOT, self.clock.now())
        return await self._operations[operation].handler(context, request)

    async def made(self, **request: Any) -> str:
        return str((await self.call("CreateKey", **request))["KeyMetadata"]["KeyId"])


@pytest.fixture
def house(database: Database, clock: ManualClock, ids: Ids) -> House:
    return House(database, clock, ids)


async def test_a_key_is_deleted_when_its_window_is_over(house: House) -> None:
    key, kept = await house.made(), await house.made()
    blob = (await house.call("Encrypt", KeyId=key, Plaintext=b"x"))["CiphertextBlob"]
    await house.call("CreateAlias", AliasName="alias/doomed", TargetKeyId=key)
    await house.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7)
    await house.clock.advance(timedelta(days=6, hours=23).total_seconds())
    await house.kms.do_what_is_due()
    assert (await house.call("DescribeKey", KeyId=key))["KeyMetadata"]["KeyState"] == "PendingDeletion"
    await house.clock.advance(3600)
    await house.kms.do_what_is_due()
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
        await house.kms.do_what_is_due()
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
    said: dict[str, Any] = {"via": "s3", "context": {"aws:s3:arn": "b/k"}, "environment": {}}
    made = keys.new_data_key(ROOT, SCOPE, "alias/aws/s3", **said)
    assert (made.key_arn, len(made.plaintext)) == (arn, 32)
    assert keys.open_data_key(ROOT, SCOPE, made.ciphertext, **said) == made.plaintext
    own = await house.made()
    await house.call("ScheduleKeyDeletion", KeyId=own)
    with pytest.raises(KMSInvalidStateException):
        keys.key_arn(SCOPE, own)
