"""What keys of each spec are for, and which algorithms they know: AWS's tables."""

from __future__ import annotations

import pytest

from sagehen.services.kms.keys.specs import BUILT, MEMBERS, algorithms, usages

PKCS1 = [f"RSASSA_PKCS1_V1_5_SHA_{bits}" for bits in (256, 384, 512)]
PSS = [f"RSASSA_PSS_SHA_{bits}" for bits in (256, 384, 512)]
OAEP = ["RSAES_OAEP_SHA_1", "RSAES_OAEP_SHA_256"]
TABLE = {
    "SYMMETRIC_DEFAULT": {"ENCRYPT_DECRYPT": ["SYMMETRIC_DEFAULT"]},
    **{
        f"RSA_{bits}": {"ENCRYPT_DECRYPT": OAEP, "SIGN_VERIFY": [*PKCS1, *PSS]} for bits in (2048, 3072, 4096)
    },
    "ECC_NIST_P256": {"SIGN_VERIFY": ["ECDSA_SHA_256"], "KEY_AGREEMENT": ["ECDH"]},
    "ECC_NIST_P384": {"SIGN_VERIFY": ["ECDSA_SHA_384"], "KEY_AGREEMENT": ["ECDH"]},
    "ECC_NIST_P521": {"SIGN_VERIFY": ["ECDSA_SHA_512"], "KEY_AGREEMENT": ["ECDH"]},
    "ECC_SECG_P256K1": {"SIGN_VERIFY": ["ECDSA_SHA_256"]},
    **{f"HMAC_{bits}": {"GENERATE_VERIFY_MAC": [f"HMAC_SHA_{bits}"]} for bits in (224, 256, 384, 512)},
}


def test_no_spec_is_left_out() -> None:
    assert set(TABLE) == BUILT
    assert {usage for row in TABLE.values() for usage in row} == set(MEMBERS)


@pytest.mark.parametrize("spec", TABLE)
def test_usages_and_algorithms(spec: str) -> None:
    assert {usage: list(algorithms(spec, usage)) for usage in usages(spec)} == TABLE[spec]
