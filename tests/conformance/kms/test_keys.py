"""Keys, aliases and tags: what they are, and what happens to them."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from tests.conformance.kms.conftest import code_of


def test_a_new_key_is_described(kms: Any) -> None:
    tags = [{"TagKey": "team", "TagValue": "dogs"}]
    made = kms.create_key(Description="d", Tags=tags)["KeyMetadata"]
    assert made["Arn"] == f"arn:aws:kms:us-east-1:123456789012:key/{made['KeyId']}"
    assert (made["KeyState"], made["Enabled"], made["KeyManager"]) == ("Enabled", True, "CUSTOMER")
    assert (made["KeySpec"], made["KeyUsage"], made["Origin"]) == (
        "SYMMETRIC_DEFAULT",
        "ENCRYPT_DECRYPT",
        "AWS_KMS",
    )
    assert kms.describe_key(KeyId=made["KeyId"])["KeyMetadata"] == made
    assert kms.list_resource_tags(KeyId=made["Arn"])["Tags"] == tags
    kms.untag_resource(KeyId=made["KeyId"], TagKeys=["team"])
    assert kms.list_resource_tags(KeyId=made["KeyId"])["Tags"] == []
    listed = [key for page in kms.get_paginator("list_keys").paginate() for key in page["Keys"]]
    assert {"KeyId": made["KeyId"], "KeyArn": made["Arn"]} in listed


@pytest.mark.parametrize(
    ("identifier", "words"),
    [
        ("00000000-0000-0000-0000-000000000000", "Key 'arn:aws:kms:us-east-1:123456789012:key/00000000"),
        ("alias/none", "Alias arn:aws:kms:us-east-1:123456789012:alias/none is not found."),
        ("nonsense", "Invalid keyId 'nonsense'"),
        (
            "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-0000-0000-000000000000",
            "Invalid arn eu-west-1",
        ),
    ],
)
def test_keys_that_are_not_there(kms: Any, identifier: str, words: str) -> None:
    with pytest.raises(kms.exceptions.NotFoundException, match=words.replace("(", r"\(")):
        kms.describe_key(KeyId=identifier)


def test_aliases(kms: Any, key: str) -> None:
    name = f"alias/{uuid.uuid4().hex}"
    kms.create_alias(AliasName=name, TargetKeyId=key)
    assert code_of(kms.create_alias, AliasName=name, TargetKeyId=key) == "AlreadyExistsException"
    [alias] = kms.list_aliases(KeyId=key)["Aliases"]
    assert (alias["AliasName"], alias["TargetKeyId"]) == (name, key.rpartition("/")[2])
    assert kms.describe_key(KeyId=alias["AliasArn"])["KeyMetadata"]["Arn"] == key
    other = kms.create_key()["KeyMetadata"]["Arn"]
    kms.update_alias(AliasName=name, TargetKeyId=other)
    assert kms.describe_key(KeyId=name)["KeyMetadata"]["Arn"] == other
    kms.delete_alias(AliasName=name)
    assert code_of(kms.describe_key, KeyId=name) == "NotFoundException"
    assert code_of(kms.create_alias, AliasName="alias/aws/mine", TargetKeyId=key) == "ValidationException"
    assert code_of(kms.create_alias, AliasName="mine", TargetKeyId=key) == "ValidationException"


def test_keys_of_aws_are_there_when_somebody_asks(kms: Any) -> None:
    made = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
    assert made["KeyManager"] == "AWS"
    assert kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["KeyId"] == made["KeyId"]
    assert code_of(kms.describe_key, KeyId="alias/aws/no-service") == "NotFoundException"
    # It serves S3 alone, root's own requests too.
    assert code_of(kms.encrypt, KeyId="alias/aws/s3", Plaintext=b"x") == "AccessDeniedException"


def test_states(kms: Any, key: str) -> None:
    blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
    kms.disable_key(KeyId=key)
    assert code_of(kms.encrypt, KeyId=key, Plaintext=b"x") == "DisabledException"
    assert code_of(kms.decrypt, CiphertextBlob=blob) == "DisabledException"
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    assert code_of(kms.schedule_key_deletion, KeyId=key, PendingWindowInDays=3) == "ValidationException"
    planned = kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    assert planned["KeyState"] == "PendingDeletion"
    described = kms.describe_key(KeyId=key)["KeyMetadata"]
    assert described["DeletionDate"] == planned["DeletionDate"]
    for call, more in ((kms.decrypt, {"CiphertextBlob": blob}), (kms.enable_key, {"KeyId": key})):
        assert code_of(call, **more) == "KMSInvalidStateException"
    kms.cancel_key_deletion(KeyId=key)
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Disabled"


def test_rotation_keeps_what_was_encrypted_readable(kms: Any, key: str) -> None:
    assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is False
    kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=100)
    status = kms.get_key_rotation_status(KeyId=key)
    assert (status["KeyRotationEnabled"], status["RotationPeriodInDays"]) == (True, 100)
    old = kms.encrypt(KeyId=key, Plaintext=b"before")["CiphertextBlob"]
    before = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    kms.rotate_key_on_demand(KeyId=key)
    after = kms.describe_key(KeyId=key)["KeyMetadata"]["CurrentKeyMaterialId"]
    assert after != before
    assert kms.decrypt(CiphertextBlob=old)["KeyMaterialId"] == before
    new = kms.encrypt(KeyId=key, Plaintext=b"after")["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=new)["KeyMaterialId"] == after
    [rotation] = kms.list_key_rotations(KeyId=key)["Rotations"]
    assert (rotation["RotationType"], rotation["KeyMaterialId"]) == ("ON_DEMAND", after)
    signing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    assert code_of(kms.enable_key_rotation, KeyId=signing) == "UnsupportedOperationException"


@pytest.mark.parametrize(
    "more",
    [
        {"KeySpec": "ML_DSA_44", "KeyUsage": "SIGN_VERIFY"},
        {"MultiRegion": True},
        {"Origin": "AWS_CLOUDHSM"},
    ],
)
def test_what_is_not_built_says_so(kms: Any, more: dict[str, Any]) -> None:
    assert code_of(kms.create_key, **more) == "NotImplemented"
