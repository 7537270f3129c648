"""What keys of each spec are for, and the algorithms that they know.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html
"""

from __future__ import annotations

SYMMETRIC = "SYMMETRIC_DEFAULT"
# Sizes in bits.
RSA_BITS = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}
# The digests that each curve signs.
CURVES = {
    "ECC_NIST_P256": "ECDSA_SHA_256",
    "ECC_NIST_P384": "ECDSA_SHA_384",
    "ECC_NIST_P521": "ECDSA_SHA_512",
    "ECC_SECG_P256K1": "ECDSA_SHA_256",
}
# How long the key of a code is. Documented: KMS Developer Guide, HMAC keys in AWS KMS.
MAC_BYTES = {"HMAC_224": 28, "HMAC_256": 32, "HMAC_384": 48, "HMAC_512": 64}
_NIST = ("ECC_NIST_P256", "ECC_NIST_P384", "ECC_NIST_P521")
_RSA_ENCRYPTION = ("RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256")
# In the order in which DescribeKey answers them (from memory).
_RSA_SIGNING = tuple(
    f"RSASSA_{padding}_SHA_{bits}" for padding in ("PKCS1_V1_5", "PSS") for bits in (256, 384, 512)
)
# Curve 25519, SM2 and the post-quantum signatures are not built.
BUILT = frozenset((SYMMETRIC, *RSA_BITS, *CURVES, *MAC_BYTES))


def usages(spec: str) -> tuple[str, ...]:
    """Return what keys of this spec may be made for; the first is what a request that says nothing means."""
    if spec == SYMMETRIC:
        return ("ENCRYPT_DECRYPT",)
    if spec in MAC_BYTES:
        return ("GENERATE_VERIFY_MAC",)
    if spec in RSA_BITS:
        return ("ENCRYPT_DECRYPT", "SIGN_VERIFY")
    return ("SIGN_VERIFY", "KEY_AGREEMENT") if spec in _NIST else ("SIGN_VERIFY",)


def algorithms(spec: str, usage: str) -> tuple[str, ...]:
    """Return the algorithms that a key can be used with, in AWS's order."""
    if usage == "KEY_AGREEMENT":
        return ("ECDH",)
    if spec == SYMMETRIC:
        return (SYMMETRIC,)
    if spec in MAC_BYTES:
        return (f"HMAC_SHA_{spec.removeprefix('HMAC_')}",)
    if spec in RSA_BITS:
        return _RSA_ENCRYPTION if usage == "ENCRYPT_DECRYPT" else _RSA_SIGNING
    return (CURVES[spec],)


# The member of KeyMetadata and GetPublicKey that lists them.
MEMBERS = {
    "ENCRYPT_DECRYPT": "EncryptionAlgorithms",
    "SIGN_VERIFY": "SigningAlgorithms",
    "GENERATE_VERIFY_MAC": "MacAlgorithms",
    "KEY_AGREEMENT": "KeyAgreementAlgorithms",
}
