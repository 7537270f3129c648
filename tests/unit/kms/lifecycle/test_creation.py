"""Which keys CreateKey makes, and which it refuses in which words."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.kms.lifecycle.creation import checked_spec, checked_usage


@pytest.mark.parametrize(
    ("request_", "spec"),
    [
        ({}, "SYMMETRIC_DEFAULT"),
        ({"KeySpec": "RSA_2048"}, "RSA_2048"),
        ({"CustomerMasterKeySpec": "RSA_2048"}, "RSA_2048"),
        ({"Origin": "EXTERNAL"}, "SYMMETRIC_DEFAULT"),
        ({"MultiRegion": False}, "SYMMETRIC_DEFAULT"),
    ],
)
def test_specs(request_: dict[str, Any], spec: str) -> None:
    assert checked_spec(request_) == spec


@pytest.mark.parametrize(
    ("request_", "error"),
    [
        ({"KeySpec": "RSA_2048", "CustomerMasterKeySpec": "RSA_2048"}, ValidationException),
        ({"KeySpec": "SM2"}, NotImplementedOperation),
        ({"KeySpec": "ML_DSA_44"}, NotImplementedOperation),
        ({"MultiRegion": True}, NotImplementedOperation),
        ({"CustomKeyStoreId": "cks-1"}, NotImplementedOperation),
        ({"XksKeyId": "x"}, NotImplementedOperation),
        ({"Origin": "AWS_CLOUDHSM"}, NotImplementedOperation),
    ],
)
def test_what_is_refused(request_: dict[str, Any], error: type[Exception]) -> None:
    with pytest.raises(error):
        checked_spec(request_)


@pytest.mark.parametrize(
    ("usage", "spec", "answer"),
    [
        (None, "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        ("ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT"),
        ("SIGN_VERIFY", "RSA_2048", "SIGN_VERIFY"),
        ("KEY_AGREEMENT", "ECC_NIST_P256", "KEY_AGREEMENT"),
        ("GENERATE_VERIFY_MAC", "HMAC_256", "GENERATE_VERIFY_MAC"),
        # One usage is all that these have, and still it must be said (recorded).
        (None, "HMAC_256", "You must specify a KeyUsage value"),
        (None, "ECC_SECG_P256K1", "You must specify a KeyUsage value"),
        (None, "RSA_2048", "You must specify a KeyUsage value"),
        ("SIGN_VERIFY", "SYMMETRIC_DEFAULT", "KeyUsage SIGN_VERIFY is not compatible"),
        ("KEY_AGREEMENT", "ECC_SECG_P256K1", "KeyUsage KEY_AGREEMENT is not compatible"),
        ("ENCRYPT_DECRYPT", "HMAC_256", "KeyUsage ENCRYPT_DECRYPT is not compatible"),
    ],
)
def test_usages(usage: str | None, spec: str, answer: str) -> None:
    request = {} if usage is None else {"KeyUsage": usage}
    if " " not in answer:
        assert checked_usage(request, spec) == answer
        return
    with pytest.raises(ValidationException, match=answer):
        checked_usage(request, spec)
