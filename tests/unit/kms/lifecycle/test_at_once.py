"""Requests that come at once: no change is lost, and no key is checked where everybody waits for it."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa

from sagehen.api.errors import ServiceError
from tests.unit.kms.conftest import House


async def test_changes_of_one_key_at_once_all_hold(house: House) -> None:
    key = await house.made(Tags=[{"TagKey": "old", "TagValue": "1"}])
    await asyncio.gather(
        house.call("UpdateKeyDescription", KeyId=key, Description="changed"),
        house.call("TagResource", KeyId=key, Tags=[{"TagKey": "new", "TagValue": "2"}]),
        house.call("UntagResource", KeyId=key, TagKeys=["old"]),
        house.call("EnableKeyRotation", KeyId=key, RotationPeriodInDays=90),
        house.call("RotateKeyOnDemand", KeyId=key),
        house.call("DisableKey", KeyId=key),
        house.call("PutKeyPolicy", KeyId=key, Policy='{"Statement": [{}]}'),
        return_exceptions=True,
    )
    shown = (await house.call("DescribeKey", KeyId=key))["KeyMetadata"]
    assert (shown["Description"], shown["KeyState"]) == ("changed", "Disabled")
    tags = (await house.call("ListResourceTags", KeyId=key))["Tags"]
    assert tags == [{"TagKey": "new", "TagValue": "2"}]
    assert (await house.call("GetKeyPolicy", KeyId=key))["Policy"] == '{"Statement": [{}]}'
    assert (await house.call("GetKeyRotationStatus", KeyId=key))["KeyRotationEnabled"]
    [rotation] = (await house.call("ListKeyRotations", KeyId=key))["Rotations"]
    assert rotation["KeyMaterialId"] == shown["CurrentKeyMaterialId"]


async def test_a_key_that_is_about_to_go_is_not_changed_back(house: House) -> None:
    key = await house.made()
    outcomes = await asyncio.gather(
        house.call("ScheduleKeyDeletion", KeyId=key),
        house.call("EnableKey", KeyId=key),
        house.call("ScheduleKeyDeletion", KeyId=key, PendingWindowInDays=7),
        return_exceptions=True,
    )
    assert [getattr(each, "code", None) for each in outcomes] == [None, *["KMSInvalidStateException"] * 2]
    assert (await house.call("DescribeKey", KeyId=key))["KeyMetadata"]["KeyState"] == "PendingDeletion"


async def test_one_of_two_aliases_of_a_name_is_refused(house: House) -> None:
    key, other = await house.made(), await house.made()
    outcomes = await asyncio.gather(
        house.call("CreateAlias", AliasName="alias/a", TargetKeyId=key),
        house.call("CreateAlias", AliasName="alias/a", TargetKeyId=other),
        return_exceptions=True,
    )
    assert [type(each).__name__ for each in outcomes] == ["NoneType", "AlreadyExistsException"]
    [alias] = (await house.call("ListAliases"))["Aliases"]
    assert alias["TargetKeyId"] == key


async def test_no_rsa_key_is_checked_in_the_event_loop(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of 4,096 bits takes half a second, in which nobody else would be answered."""
    checked: list[bool] = []
    load = serialization.load_der_private_key

    def loaded(data: bytes, password: None, **options: Any) -> Any:
        if not options.get("unsafe_skip_rsa_key_validation"):
            checked.append(threading.current_thread() is threading.main_thread())
        return load(data, password, **options)

    monkeypatch.setattr(serialization, "load_der_private_key", loaded)
    signing = await house.made(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")
    named = {"KeyId": signing, "Message": b"x", "SigningAlgorithm": "RSASSA_PSS_SHA_256"}
    signature = (await house.call("Sign", **named))["Signature"]
    assert (await house.call("Verify", **named, Signature=signature))["SignatureValid"]
    await house.call("GetPublicKey", KeyId=signing)
    key = await house.made()
    await house.call("GenerateDataKeyPair", KeyId=key, KeyPairSpec="RSA_2048")
    assert checked == []
    secret = rsa.generate_private_key(65537, 2048)
    await _import(house, secret)
    assert checked == [False]


async def _import(house: House, secret: rsa.RSAPrivateKey) -> None:
    """Import a key, and see that only what is one can be."""
    key = await house.made(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY", Origin="EXTERNAL")
    wrapping = {"WrappingAlgorithm": "RSA_AES_KEY_WRAP_SHA_256", "WrappingKeySpec": "RSA_2048"}
    parameters = await house.call("GetParametersForImport", KeyId=key, **wrapping)
    public = serialization.load_der_public_key(parameters["PublicKey"])
    assert isinstance(public, rsa.RSAPublicKey)

    def wrapped(material: bytes) -> bytes:
        from cryptography.hazmat.primitives.keywrap import aes_key_wrap_with_padding

        oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
        return public.encrypt(b"k" * 32, oaep) + aes_key_wrap_with_padding(b"k" * 32, material)

    named = {
        "KeyId": key,
        "ImportToken": parameters["ImportToken"],
        "ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE",
    }
    with pytest.raises(ServiceError) as refused:
        await house.call("ImportKeyMaterial", **named, EncryptedKeyMaterial=b"x" * 300)
    assert refused.value.code == "InvalidCiphertextException"
    der = secret.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    await house.call("ImportKeyMaterial", **named, EncryptedKeyMaterial=wrapped(der))
    assert (await house.call("DescribeKey", KeyId=key))["KeyMetadata"]["KeyState"] == "Enabled"
