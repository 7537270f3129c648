"""A virtual MFA device over the wire, with an authenticator app of our own."""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
import time
import uuid

import pytest
from botocore.exceptions import ClientError

from tests.conformance.conftest import ClientFactory


def code(seed: bytes, step: int) -> str:
    """RFC 6238 once more: the platform's own is what is tested."""
    digest = hmac.digest(base64.b32decode(seed), struct.pack(">Q", step), hashlib.sha1)
    offset = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[offset : offset + 4])[0] & 0x7FFFFFFF) % 10**6:06d}"


def test_a_name_that_is_too_long(client: ClientFactory) -> None:
    """Its ARN is the serial number, which has 256 characters at the most wherever it is named."""
    iam = client("iam")
    with pytest.raises(ClientError) as refused:
        iam.create_virtual_mfa_device(VirtualMFADeviceName="m" * 227)
    assert refused.value.response["Error"]["Code"] == "ValidationError"
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="m" * 226)["VirtualMFADevice"]
    assert device["QRCodePNG"].startswith(b"\x89PNG")
    iam.delete_virtual_mfa_device(SerialNumber=device["SerialNumber"])


def test_a_session_with_mfa(client: ClientFactory) -> None:
    iam, name = client("iam"), f"mfa-{uuid.uuid4().hex[:8]}"
    iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]
    serial, seed = device["SerialNumber"], device["Base32StringSeed"]
    assert device["QRCodePNG"].startswith(b"\x89PNG")
    step = int(time.time()) // 30
    iam.enable_mfa_device(
        UserName=name,
        SerialNumber=serial,
        AuthenticationCode1=code(seed, step - 1),
        AuthenticationCode2=code(seed, step),
    )
    statement = '{"Effect":"Allow","Action":"iam:ListUsers","Resource":"*"}'
    document = f'{{"Version":"2012-10-17","Statement":[{statement}]}}'
    iam.put_user_policy(UserName=name, PolicyName="p", PolicyDocument=document)
    user = client("sts", credentials=key)
    # A code counts once: the next one is taken a little early.
    session = user.get_session_token(SerialNumber=serial, TokenCode=code(seed, step + 1))["Credentials"]
    client("iam", credentials=session).list_users()
    bare = user.get_session_token()["Credentials"]
    with pytest.raises(ClientError) as caught:
        client("iam", credentials=bare).list_users()
    assert caught.value.response["Error"]["Code"] == "InvalidClientTokenId"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403
    iam.deactivate_mfa_device(UserName=name, SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    iam.delete_user_policy(UserName=name, PolicyName="p")
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)
