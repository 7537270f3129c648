"""What keys do, checked with `cryptography` from outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, keywrap, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils

from tests.conformance.kms.conftest import code_of


def test_the_context_belongs_to_the_ciphertext(kms: Any, key: str) -> None:
    blob = kms.encrypt(KeyId=key, Plaintext=b"x" * 4096, EncryptionContext={"a": "1", "b": "2"})[
        "CiphertextBlob"
    ]
    opened = kms.decrypt(CiphertextBlob=blob, EncryptionContext={"b": "2", "a": "1"})
    assert (opened["Plaintext"], opened["KeyId"]) == (b"x" * 4096, key)
    assert code_of(kms.decrypt, CiphertextBlob=blob) == "InvalidCiphertextException"
    assert (
        code_of(kms.decrypt, CiphertextBlob=blob[:-1] + bytes([blob[-1] ^ 1])) == "InvalidCiphertextException"
    )
    for nonsense in (b"x", b"SK\x01" + bytes(100), b"x" * 200):
        assert code_of(kms.decrypt, CiphertextBlob=nonsense) == "InvalidCiphertextException"
    other = kms.create_key()["KeyMetadata"]["KeyId"]
    assert code_of(kms.decrypt, CiphertextBlob=blob, KeyId=other) == "IncorrectKeyException"


def test_re_encrypting(kms: Any, key: str) -> None:
    other = kms.create_key()["KeyMetadata"]["Arn"]
    blob = kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"a": "1"})["CiphertextBlob"]
    made = kms.re_encrypt(CiphertextBlob=blob, SourceEncryptionContext={"a": "1"}, DestinationKeyId=other)
    assert (made["SourceKeyId"], made["KeyId"]) == (key, other)
    assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == b"x"


def test_dry_runs_may_leave_the_ciphertext_aside(kms: Any, key: str) -> None:
    dry = {"DryRun": True, "DryRunModifiers": ["IGNORE_CIPHERTEXT"]}
    again = {"SourceKeyId": key, "DestinationKeyId": key}
    assert code_of(kms.decrypt, KeyId=key, **dry) == "DryRunOperationException"
    assert code_of(kms.re_encrypt, **again, **dry) == "DryRunOperationException"
    for incomplete in ({}, {"KeyId": key}, {"KeyId": key, "DryRun": True}, dry):
        assert code_of(kms.decrypt, **incomplete) == "ValidationException"
    for incomplete in (again, {"DestinationKeyId": key, **dry}):
        assert code_of(kms.re_encrypt, **incomplete) == "ValidationException"


def test_data_keys(kms: Any, key: str) -> None:
    for more, size in (
        ({"KeySpec": "AES_256"}, 32),
        ({"KeySpec": "AES_128"}, 16),
        ({"NumberOfBytes": 77}, 77),
    ):
        made = kms.generate_data_key(KeyId=key, **more)
        assert len(made["Plaintext"]) == size
        assert kms.decrypt(CiphertextBlob=made["CiphertextBlob"])["Plaintext"] == made["Plaintext"]
    assert "Plaintext" not in kms.generate_data_key_without_plaintext(KeyId=key, KeySpec="AES_256")
    assert code_of(kms.generate_data_key, KeyId=key) == "ValidationException"
    pair = kms.generate_data_key_pair(KeyId=key, KeyPairSpec="ECC_NIST_P256")
    assert (
        kms.decrypt(CiphertextBlob=pair["PrivateKeyCiphertextBlob"])["Plaintext"]
        == pair["PrivateKeyPlaintext"]
    )
    private = serialization.load_der_private_key(pair["PrivateKeyPlaintext"], None)
    public = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    assert public == pair["PublicKey"]
    assert len(kms.generate_random(NumberOfBytes=100)["Plaintext"]) == 100
    assert (
        code_of(kms.generate_data_key, KeyId=key, KeySpec="AES_256", DryRun=True)
        == "DryRunOperationException"
    )


def test_rsa_encrypts_for_everybody(kms: Any) -> None:
    key = kms.create_key(KeySpec="RSA_2048", KeyUsage="ENCRYPT_DECRYPT")["KeyMetadata"]["KeyId"]
    der = kms.get_public_key(KeyId=key)["PublicKey"]
    public: Any = serialization.load_der_public_key(der)
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    request = {"KeyId": key, "EncryptionAlgorithm": "RSAES_OAEP_SHA_256"}
    sealed = public.encrypt(b"from outside", oaep)
    assert kms.decrypt(CiphertextBlob=sealed, **request)["Plaintext"] == b"from outside"
    blob = kms.encrypt(Plaintext=b"inside", **request)["CiphertextBlob"]
    assert kms.decrypt(CiphertextBlob=blob, **request)["Plaintext"] == b"inside"
    assert code_of(kms.encrypt, Plaintext=b"x" * 200, **request) == "ValidationException"
    assert code_of(kms.encrypt, KeyId=key, Plaintext=b"x") == "InvalidKeyUsageException"
    assert code_of(kms.sign, KeyId=key, Message=b"x", SigningAlgorithm="RSASSA_PSS_SHA_256") == (
        "InvalidKeyUsageException"
    )


@pytest.mark.parametrize(
    ("spec", "algorithm"),
    [
        ("RSA_2048", "RSASSA_PSS_SHA_384"),
        ("RSA_2048", "RSASSA_PKCS1_V1_5_SHA_256"),
        ("ECC_NIST_P384", "ECDSA_SHA_384"),
        ("ECC_SECG_P256K1", "ECDSA_SHA_256"),
    ],
)
@pytest.mark.parametrize("kind", ["RAW", "DIGEST"])
def test_signatures(kms: Any, spec: str, algorithm: str, kind: str) -> None:
    key = kms.create_key(KeySpec=spec, KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    digest: Any = {"256": hashes.SHA256(), "384": hashes.SHA384()}[algorithm[-3:]]
    message = b"signed by a key that never leaves"
    if kind == "DIGEST":
        hasher = hashes.Hash(digest)
        hasher.update(message)
        message = hasher.finalize()
    request = {"KeyId": key, "SigningAlgorithm": algorithm, "MessageType": kind}
    signature = kms.sign(Message=message, **request)["Signature"]
    assert kms.verify(Message=message, Signature=signature, **request)["SignatureValid"] is True
    public: Any = serialization.load_der_public_key(kms.get_public_key(KeyId=key)["PublicKey"])
    chosen = utils.Prehashed(digest) if kind == "DIGEST" else digest
    if spec.startswith("ECC"):
        public.verify(signature, message, ec.ECDSA(chosen))
    else:
        pss = padding.PSS(padding.MGF1(digest), digest.digest_size)
        public.verify(signature, message, pss if "PSS" in algorithm else padding.PKCS1v15(), chosen)
    changed = bytes([message[0] ^ 1]) + message[1:]
    assert (
        code_of(kms.verify, Message=changed, Signature=signature, **request) == "KMSInvalidSignatureException"
    )


def test_codes_and_shared_secrets(kms: Any) -> None:
    key = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    request = {"KeyId": key, "MacAlgorithm": "HMAC_SHA_256", "Message": b"m"}
    mac = kms.generate_mac(**request)["Mac"]
    assert len(mac) == 32
    assert kms.verify_mac(Mac=mac, **request)["MacValid"] is True
    assert code_of(kms.verify_mac, Mac=bytes(32), **request) == "KMSInvalidMacException"
    agreeing = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="KEY_AGREEMENT")["KeyMetadata"]["KeyId"]
    mine = ec.generate_private_key(ec.SECP256R1())
    encoding = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    theirs: Any = serialization.load_der_public_key(kms.get_public_key(KeyId=agreeing)["PublicKey"])
    secret = kms.derive_shared_secret(
        KeyId=agreeing, KeyAgreementAlgorithm="ECDH", PublicKey=mine.public_key().public_bytes(*encoding)
    )["SharedSecret"]
    assert secret == mine.exchange(ec.ECDH(), theirs)


@pytest.mark.parametrize("algorithm", ["RSAES_OAEP_SHA_256", "RSA_AES_KEY_WRAP_SHA_256"])
def test_imported_material(kms: Any, algorithm: str) -> None:
    key = kms.create_key(Origin="EXTERNAL")["KeyMetadata"]
    assert key["KeyState"] == "PendingImport"
    assert code_of(kms.encrypt, KeyId=key["KeyId"], Plaintext=b"x") == "KMSInvalidStateException"
    oaep = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)

    def bring(material: bytes, **more: Any) -> dict[str, Any]:
        asked = kms.get_parameters_for_import(
            KeyId=key["KeyId"], WrappingAlgorithm=algorithm, WrappingKeySpec="RSA_2048"
        )
        public: Any = serialization.load_der_public_key(asked["PublicKey"])
        if algorithm.startswith("RSAES"):
            wrapped = public.encrypt(material, oaep)
        else:
            wrapped = public.encrypt(bytes(32), oaep) + keywrap.aes_key_wrap_with_padding(bytes(32), material)
        request = {
            "KeyId": key["KeyId"],
            "ImportToken": asked["ImportToken"],
            "EncryptedKeyMaterial": wrapped,
        }
        return request | (more or {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"})

    assert code_of(kms.import_key_material, **bring(b"short")) == "IncorrectKeyMaterialException"
    forever = {"ExpirationModel": "KEY_MATERIAL_DOES_NOT_EXPIRE"}
    for wrong in ({"KeyMaterialId": "0" * 64}, {"ImportType": "EXISTING_KEY_MATERIAL"}):
        again = bring(b"k" * 32, **wrong, **forever)
        assert code_of(kms.import_key_material, **again) == "IncorrectKeyMaterialException"
    material = kms.import_key_material(**bring(b"k" * 32))["KeyMaterialId"]
    kms.import_key_material(**bring(b"k" * 32, KeyMaterialId=material, **forever))
    blob = kms.encrypt(KeyId=key["KeyId"], Plaintext=b"x")["CiphertextBlob"]
    gone = {"KeyId": key["KeyId"], "KeyMaterialId": "0" * 64}
    assert code_of(kms.delete_imported_key_material, **gone) == "NotFoundException"
    kms.delete_imported_key_material(**gone | {"KeyMaterialId": material})
    assert code_of(kms.decrypt, CiphertextBlob=blob) == "KMSInvalidStateException"
    assert code_of(kms.import_key_material, **bring(b"o" * 32)) == "IncorrectKeyMaterialException"
    until = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    kms.import_key_material(**bring(b"k" * 32, ExpirationModel="KEY_MATERIAL_EXPIRES", ValidTo=until))
    assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"
    described = kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]
    assert (described["ValidTo"], described["ExpirationModel"]) == (until, "KEY_MATERIAL_EXPIRES")
