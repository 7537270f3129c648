"""Login profiles, the password policy, service-specific credentials."""

from __future__ import annotations

import asyncio

import pytest

from sagehen.domain.access import AccessDenied
from sagehen.services.iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    EntityTemporarilyUnmodifiable,
    InvalidUserType,
    LimitExceeded,
    NoSuchEntity,
    PasswordPolicyViolation,
)
from tests.unit.iam.conftest import ACCOUNT, Caller, allow


async def test_login_profiles(root: Caller) -> None:
    bob = await root.user("bob", allow("iam:ChangePassword"))
    with pytest.raises(NoSuchEntity, match=r"Login Profile for User bob cannot be found\."):
        await root.call("GetLoginProfile", UserName="bob")
    made = await root.call("CreateLoginProfile", UserName="bob", Password="Tr0ub4dor&3")
    assert made["LoginProfile"]["PasswordResetRequired"] is False
    with pytest.raises(EntityAlreadyExists, match=r"Login Profile for user bob already exists\."):
        await root.call("CreateLoginProfile", UserName="bob", Password="Tr0ub4dor&3")
    with pytest.raises(AccessDenied, match=r"The old password was incorrect\."):
        await bob.call("ChangePassword", OldPassword="wrong", NewPassword="N3w-password")
    await bob.call("ChangePassword", OldPassword="Tr0ub4dor&3", NewPassword="N3w-password")
    with pytest.raises(InvalidUserType):
        await root.call("ChangePassword", OldPassword="a", NewPassword="b")
    await root.call("UpdateUser", UserName="bob", NewUserName="rob")
    await root.call("UpdateLoginProfile", UserName="rob", PasswordResetRequired=True)
    assert (await root.call("GetLoginProfile", UserName="rob"))["LoginProfile"]["PasswordResetRequired"]
    await root.call("DeleteLoginProfile", UserName="rob")
    with pytest.raises(NoSuchEntity):
        await root.call("DeleteLoginProfile", UserName="rob")


async def test_a_user_with_a_password_is_not_deleted(root: Caller) -> None:
    await root.call("CreateUser", UserName="bob")
    await root.call("CreateLoginProfile", UserName="bob", Password="Tr0ub4dor&3")
    with pytest.raises(DeleteConflict, match=r"must delete login profile first\."):
        await root.call("DeleteUser", UserName="bob")


async def test_the_password_policy_is_enforced(root: Caller) -> None:
    missing = f"The Password Policy with domain name {ACCOUNT} cannot be found."
    with pytest.raises(NoSuchEntity, match=missing):
        await root.call("GetAccountPasswordPolicy")
    await root.call("CreateUser", UserName="bob")
    for weak in ("short1A", "onlylettersarein"):
        with pytest.raises(PasswordPolicyViolation):
            await root.call("CreateLoginProfile", UserName="bob", Password=weak)
    await root.call("UpdateAccountPasswordPolicy")
    assert await root.call("GetAccountPasswordPolicy") == {
        "PasswordPolicy": {
            "AllowUsersToChangePassword": False,
            "ExpirePasswords": False,
            "MinimumPasswordLength": 6,
            "RequireLowercaseCharacters": False,
            "RequireNumbers": False,
            "RequireSymbols": False,
            "RequireUppercaseCharacters": False,
        }
    }
    await root.call("UpdateAccountPasswordPolicy", RequireSymbols=True, PasswordReusePrevention=2)
    with pytest.raises(PasswordPolicyViolation, match="at least one symbol"):
        await root.call("CreateLoginProfile", UserName="bob", Password="abcdef")
    await root.call("CreateLoginProfile", UserName="bob", Password="first!")
    await root.call("UpdateLoginProfile", UserName="bob", Password="second!")
    with pytest.raises(PasswordPolicyViolation):
        await root.call("UpdateLoginProfile", UserName="bob", Password="first!")
    await root.call("UpdateLoginProfile", UserName="bob", Password="third!")
    await root.call("UpdateLoginProfile", UserName="bob", Password="first!")
    await root.call("DeleteAccountPasswordPolicy")
    with pytest.raises(NoSuchEntity, match=r"The account policy with name PasswordPolicy cannot be found\."):
        await root.call("DeleteAccountPasswordPolicy")


async def test_users_may_change_their_password_where_the_account_says_so(root: Caller) -> None:
    bob = await root.user("bob")
    await root.call("CreateLoginProfile", UserName="bob", Password="Tr0ub4dor&3")
    change = {"OldPassword": "Tr0ub4dor&3", "NewPassword": "N3w-password"}
    for may in (False, True, False):
        await root.call("UpdateAccountPasswordPolicy", AllowUsersToChangePassword=may)
        if may:
            await bob.call("ChangePassword", **change)
            await bob.call("GetAccountPasswordPolicy")
        for name in () if may else ("ChangePassword", "GetAccountPasswordPolicy"):
            with pytest.raises(AccessDenied):
                await bob.call(name, **(change if name == "ChangePassword" else {}))
    with pytest.raises(AccessDenied):
        await bob.call("GetUser")


async def test_one_old_password_changes_one_password(root: Caller) -> None:
    bob = await root.user("bob", allow("iam:ChangePassword"))
    await root.call("CreateLoginProfile", UserName="bob", Password="Tr0ub4dor&3")
    answers = await asyncio.gather(
        *(
            bob.call("ChangePassword", OldPassword="Tr0ub4dor&3", NewPassword=f"N3w-password-{number}")
            for number in range(2)
        ),
        return_exceptions=True,
    )
    refused = [each for each in answers if isinstance(each, Exception)]
    assert [type(each) for each in refused] == [EntityTemporarilyUnmodifiable]


async def test_a_credentials_service_is_known_by_its_id(root: Caller) -> None:
    key = "iam:ServiceSpecificCredentialServiceName"
    condition = {"StringEquals": {key: "codecommit.amazonaws.com"}}
    bob = await root.user("bob", allow("iam:*ServiceSpecificCredential", Condition=condition))
    for service, allowed in (("codecommit.amazonaws.com", True), ("cassandra.amazonaws.com", False)):
        made = await root.call("CreateServiceSpecificCredential", UserName="bob", ServiceName=service)
        which = made["ServiceSpecificCredential"]["ServiceSpecificCredentialId"]
        if allowed:
            await bob.call("DeleteServiceSpecificCredential", ServiceSpecificCredentialId=which)
            continue
        with pytest.raises(AccessDenied):
            await bob.call("DeleteServiceSpecificCredential", ServiceSpecificCredentialId=which)


async def test_service_specific_credentials(root: Caller) -> None:
    bob, service = {"UserName": "bob"}, "codecommit.amazonaws.com"
    with pytest.raises(NoSuchEntity, match=r"The user with name bob cannot be found\."):
        await root.call("CreateServiceSpecificCredential", **bob, ServiceName="nosuch.amazonaws.com")
    await root.call("CreateUser", **bob)
    words = "No such service lambda.amazonaws.com is supported for Service Specific Credentials"
    for name in ("CreateServiceSpecificCredential", "ListServiceSpecificCredentials"):
        with pytest.raises(NoSuchEntity, match=words):
            await root.call(name, **bob, ServiceName="lambda.amazonaws.com")
    made = (await root.call("CreateServiceSpecificCredential", **bob, ServiceName=service))[
        "ServiceSpecificCredential"
    ]
    assert made["ServiceUserName"] == f"bob-at-{ACCOUNT}"
    assert made["ServiceSpecificCredentialId"].startswith("ACCA")
    which = {**bob, "ServiceSpecificCredentialId": made["ServiceSpecificCredentialId"]}
    await root.call("UpdateServiceSpecificCredential", **which, Status="Inactive")
    shown = {name: value for name, value in made.items() if name != "ServicePassword"} | {
        "Status": "Inactive"
    }
    listed = await root.call("ListServiceSpecificCredentials", **bob, ServiceName=service)
    assert listed == {"ServiceSpecificCredentials": [shown], "IsTruncated": False}
    again = (await root.call("ResetServiceSpecificCredential", **which))["ServiceSpecificCredential"]
    assert again["ServicePassword"] != made["ServicePassword"]
    other = await root.call("ListServiceSpecificCredentials", **bob, ServiceName="cassandra.amazonaws.com")
    assert other["ServiceSpecificCredentials"] == []
    with pytest.raises(NoSuchEntity, match="No such credential wrong exists"):
        await root.call("ResetServiceSpecificCredential", **bob, ServiceSpecificCredentialId="wrong")
    await root.call("CreateServiceSpecificCredential", **bob, ServiceName=service)
    with pytest.raises(LimitExceeded):
        await root.call("CreateServiceSpecificCredential", **bob, ServiceName=service)
    with pytest.raises(DeleteConflict, match=r"must remove referenced objects first\."):
        await root.call("DeleteUser", **bob)
    await root.call("DeleteServiceSpecificCredential", **which)
