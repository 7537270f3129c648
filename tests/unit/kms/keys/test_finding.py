"""Which key an identifier stands for, and AWS's words where it stands for none."""

from __future__ import annotations

import pytest

from sagehen.api.errors import ServiceError
from sagehen.domain.scope import Scope
from sagehen.services.kms.errors import NotFoundException
from sagehen.services.kms.keys.finding import KeyFinder
from sagehen.services.kms.keys.records import KeyRecords
from sagehen.store.database import Database
from tests.unit.kms.conftest import SCOPE, House

OTHER_ID = "11111111-2222-3333-4444-555555555555"


@pytest.mark.parametrize(
    "identifier",
    [
        "{id}",
        "arn:aws:kms:us-east-1:{account}:key/{id}",
        "alias/mine",
        "arn:aws:kms:us-east-1:{account}:alias/mine",
    ],
)
async def test_four_ways_to_one_key(house: House, database: Database, identifier: str) -> None:
    key = (await house.call("CreateKey"))["KeyMetadata"]
    await house.call("CreateAlias", AliasName="alias/mine", TargetKeyId=key["KeyId"])
    named = identifier.format(id=key["KeyId"], account=SCOPE.account_id)
    assert KeyFinder(KeyRecords(database)).find(SCOPE, named).arn == key["Arn"]


@pytest.mark.parametrize(
    ("identifier", "text"),
    [
        ("nonsense", "Invalid keyId 'nonsense'"),
        (OTHER_ID, f"Key 'arn:aws:kms:us-east-1:{SCOPE.account_id}:key/{OTHER_ID}' does not exist"),
        ("alias/none", f"Alias arn:aws:kms:us-east-1:{SCOPE.account_id}:alias/none is not found."),
        (f"arn:aws:kms:eu-west-1:{SCOPE.account_id}:key/{OTHER_ID}", "Invalid arn eu-west-1"),
        (f"arn:aws:s3:us-east-1:{SCOPE.account_id}:key/{OTHER_ID}", "Invalid arn us-east-1"),
        ("arn:aws:kms", "Invalid arn arn:aws:kms"),
        (
            f"arn:aws:kms:us-east-1:999999999999:key/{OTHER_ID}",
            f"Key 'arn:aws:kms:us-east-1:999999999999:key/{OTHER_ID}' does not exist",
        ),
    ],
)
async def test_what_is_no_key(house: House, database: Database, identifier: str, text: str) -> None:
    with pytest.raises(ServiceError) as caught:
        KeyFinder(KeyRecords(database)).find(SCOPE, identifier)
    assert (caught.value.code, caught.value.message) == ("NotFoundException", text)


async def test_a_key_is_of_one_account_and_one_region(house: House, database: Database) -> None:
    key_id, finder = await house.made(), KeyFinder(KeyRecords(database))
    for account_id, region in (("999999999999", "us-east-1"), (SCOPE.account_id, "eu-west-1")):
        with pytest.raises(NotFoundException, match=f"{region}:{account_id}:key/{key_id}' does not exist"):
            finder.find(Scope(account_id, region), key_id)
    assert finder.find(SCOPE, key_id).id == key_id
