"""MFA: one-time passwords are checked, count once, and are what policies may ask for."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.services.iam.credentials import totp
from sagehen.services.iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    InvalidAuthenticationCode,
    InvalidClientTokenId,
    NoSuchEntity,
    ValidationError,
)
from tests.unit.iam.conftest import ACCOUNT, Caller, allow, trust

SERIAL = f"arn:aws:iam::{ACCOUNT}:mfa/phone"
WITH_MFA = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
# RFC 6238, appendix B: the last six of its eight digits, for the secret 12345678901234567890.
RFC_SEED = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


class Phone:
    """An authenticator app; its clock is off by `steps` of 30 s."""

    def __init__(self, seed: bytes, clock: ManualClock, steps: int = 0) -> None:
        self._seed = seed.decode()
        self._clock = clock
        self._steps = steps

    def code(self, step: int = 0) -> str:
        return totp.code_at(self._seed, int(self._clock.now().timestamp()) // 30 + step + self._steps)


async def enabled(root: Caller, clock: ManualClock, user: str, steps: int = 0) -> Phone:
    made = (await root.call("CreateVirtualMFADevice", VirtualMFADeviceName="phone"))["VirtualMFADevice"]
    assert made["SerialNumber"] == SERIAL
    assert made["QRCodePNG"].startswith(b"\x89PNG")
    phone = Phone(made["Base32StringSeed"], clock, steps)
    await root.call(
        "EnableMFADevice",
        UserName=user,
        SerialNumber=SERIAL,
        AuthenticationCode1=phone.code(-1),
        AuthenticationCode2=phone.code(),
    )
    await clock.advance(60)
    return phone


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")],
)
def test_codes_are_those_of_the_rfc(seconds: int, code: str) -> None:
    assert totp.code_at(RFC_SEED, seconds // 30) == code


async def test_a_session_with_mfa_may_call_iam_and_satisfies_policies(
    root: Caller, clock: ManualClock
) -> None:
    young = {**WITH_MFA, "NumericLessThan": {"aws:MultiFactorAuthAge": "600"}}
    bob = await root.user("bob", allow("iam:ListUsers"), allow("s3:GetObject", Condition=young))
    phone = await enabled(root, clock, "bob", steps=2)
    code = phone.code()
    result = await bob.sts("GetSessionToken", SerialNumber=SERIAL, TokenCode=code)
    session = bob.signing(result["Credentials"]["AccessKeyId"])
    await session.call("ListUsers")
    read = Access("s3:GetObject", "arn:aws:s3:::b/k")
    assert root.iam.authorizer.is_allowed(session.principal, read, {})
    await clock.advance(600)
    assert not root.iam.authorizer.is_allowed(session.principal, read, {})
    with pytest.raises(AccessDenied, match="failed with invalid MFA one time pass code"):
        await bob.sts("GetSessionToken", SerialNumber=SERIAL, TokenCode=code)
    with pytest.raises(InvalidClientTokenId):
        await bob.signing((await bob.sts("GetSessionToken"))["Credentials"]["AccessKeyId"]).call("ListUsers")


async def test_a_code_counts_once_and_for_its_user_alone(root: Caller, clock: ManualClock) -> None:
    bob, eve = await root.user("bob"), await root.user("eve")
    phone = await enabled(root, clock, "bob")
    code = phone.code()
    request: dict[str, Any] = {"SerialNumber": SERIAL, "TokenCode": code}
    with pytest.raises(AccessDenied, match="unable to validate MFA code"):
        await eve.sts("GetSessionToken", **request)
    with pytest.raises(AccessDenied, match="must provide both MFA serial number and one time pass code"):
        await bob.sts("GetSessionToken", TokenCode=code)
    with pytest.raises(AccessDenied, match="invalid MFA one time pass code"):
        await bob.sts("GetSessionToken", SerialNumber=SERIAL, TokenCode=phone.code(5))
    await bob.sts("GetSessionToken", **request)
    with pytest.raises(AccessDenied, match="invalid MFA one time pass code"):
        await bob.sts("GetSessionToken", **request)


async def test_a_role_that_asks_for_mfa(root: Caller, clock: ManualClock) -> None:
    bob = await root.user("bob", allow("sts:AssumeRole"))
    phone = await enabled(root, clock, "bob")
    arn = f"arn:aws:iam::{ACCOUNT}:role/r"
    await root.call(
        "CreateRole", RoleName="r", AssumeRolePolicyDocument=trust({"AWS": ACCOUNT}, Condition=WITH_MFA)
    )
    request = {"RoleArn": arn, "RoleSessionName": "one"}
    with pytest.raises(AccessDenied):
        await bob.sts("AssumeRole", **request)
    result = await bob.sts("AssumeRole", **request, SerialNumber=SERIAL, TokenCode=phone.code())
    assert bob.signing(result["Credentials"]["AccessKeyId"]).principal.mfa_at == clock.now()


async def test_devices(root: Caller, clock: ManualClock) -> None:
    await root.user("bob")
    with pytest.raises(ValidationError, match="must begin and end with /"):
        await root.call("CreateVirtualMFADevice", VirtualMFADeviceName="x", Path="a/")
    made = await root.call("CreateVirtualMFADevice", VirtualMFADeviceName="phone")
    with pytest.raises(EntityAlreadyExists, match=r"MFA device already exists\."):
        await root.call("CreateVirtualMFADevice", VirtualMFADeviceName="phone")
    listed = await root.call("ListVirtualMFADevices", AssignmentStatus="Unassigned")
    assert listed == {"VirtualMFADevices": [{"SerialNumber": SERIAL}], "IsTruncated": False}
    phone = Phone(made["VirtualMFADevice"]["Base32StringSeed"], clock)
    enable = {"UserName": "bob", "SerialNumber": SERIAL}
    for first, second in ((0, -1), (-1, -1), (-20, -19)):
        with pytest.raises(InvalidAuthenticationCode):
            await root.call(
                "EnableMFADevice",
                **enable,
                AuthenticationCode1=phone.code(first),
                AuthenticationCode2=phone.code(second),
            )
    codes = {"AuthenticationCode1": phone.code(-1), "AuthenticationCode2": phone.code()}
    await root.call("EnableMFADevice", **enable, **codes)
    with pytest.raises(EntityAlreadyExists, match="MFA Device is already in use"):
        await root.call("EnableMFADevice", **enable, **codes)
    (device,) = (await root.call("ListMFADevices", UserName="bob"))["MFADevices"]
    assert device == {"UserName": "bob", "SerialNumber": SERIAL, "EnableDate": clock.now()}
    assert (await root.call("ListVirtualMFADevices", AssignmentStatus="Assigned"))["VirtualMFADevices"][0][
        "User"
    ]["UserName"] == "bob"
    with pytest.raises(DeleteConflict):
        await root.call("DeleteVirtualMFADevice", SerialNumber=SERIAL)
    key = (await root.call("ListAccessKeys", UserName="bob"))["AccessKeyMetadata"][0]["AccessKeyId"]
    await root.call("DeleteAccessKey", UserName="bob", AccessKeyId=key)
    with pytest.raises(DeleteConflict, match="must delete MFA device first"):
        await root.call("DeleteUser", UserName="bob")
    await root.call("DeactivateMFADevice", **enable)
    with pytest.raises(NoSuchEntity, match=f"MFA Device with serial number {SERIAL} does not exist"):
        await root.call("DeactivateMFADevice", **enable)
    await root.call("DeleteUser", UserName="bob")
    await root.call("DeleteVirtualMFADevice", SerialNumber=SERIAL)


async def test_a_device_that_went_astray_is_synced_again(root: Caller, clock: ManualClock) -> None:
    bob = await root.user("bob")
    phone = await enabled(root, clock, "bob")
    await clock.advance(timedelta(days=1).total_seconds())
    phone._steps = 20  # ten minutes fast by now
    request = {"SerialNumber": SERIAL, "TokenCode": phone.code()}
    with pytest.raises(AccessDenied):
        await bob.sts("GetSessionToken", **request)
    codes = {"AuthenticationCode1": phone.code(-1), "AuthenticationCode2": phone.code()}
    await root.call("ResyncMFADevice", UserName="bob", SerialNumber=SERIAL, **codes)
    await clock.advance(30)
    await bob.sts("GetSessionToken", SerialNumber=SERIAL, TokenCode=phone.code())


async def test_tags_that_are_given_meanwhile_stay(root: Caller, clock: ManualClock) -> None:
    await root.user("bob")
    await enabled(root, clock, "bob")
    tag = {"Key": "team", "Value": "red"}
    await asyncio.gather(
        root.call("TagMFADevice", SerialNumber=SERIAL, Tags=[tag]),
        root.call("DeactivateMFADevice", UserName="bob", SerialNumber=SERIAL),
    )
    assert (await root.call("ListMFADeviceTags", SerialNumber=SERIAL))["Tags"] == [tag]
    assert (await root.call("ListMFADevices", UserName="bob"))["MFADevices"] == []


async def test_of_two_who_come_together_one_is_served(root: Caller, clock: ManualClock) -> None:
    bob = await root.user("bob")
    phone = await enabled(root, clock, "bob")
    token = {"SerialNumber": SERIAL, "TokenCode": phone.code()}
    sessions = [bob.sts("GetSessionToken", **token) for _ in range(2)]
    (refused,) = [each for each in await asyncio.gather(*sessions, return_exceptions=True) if failed(each)]
    assert isinstance(refused, AccessDenied)
    freed = [root.call("DeactivateMFADevice", UserName="bob", SerialNumber=SERIAL) for _ in range(2)]
    (refused,) = [each for each in await asyncio.gather(*freed, return_exceptions=True) if failed(each)]
    assert isinstance(refused, NoSuchEntity)


def failed(answer: Any) -> bool:
    return isinstance(answer, BaseException)
