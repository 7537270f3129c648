"""Whose sessions the console opens, and that they end at once."""

from __future__ import annotations

import pytest

from sagehen.domain.access import AccessDenied

from ..conftest import ACCOUNT, OTHER, Caller, allow, policy, trust

ROOT = f"arn:aws:iam::{ACCOUNT}:root"


async def role(root: Caller, name: str, trusted: object) -> str:
    made = await root.call("CreateRole", RoleName=name, AssumeRolePolicyDocument=trust(trusted))
    arn: str = made["Role"]["Arn"]
    return arn


async def test_of_root(root: Caller) -> None:
    keys = root.iam.console_keys
    key = await keys.open(ACCOUNT, "", 900)
    assert (key.principal.is_root, key.principal.arn) == (True, ROOT)
    assert key.credentials.session_token and key.principal.access_key_id == key.credentials.access_key_id
    # Unlike a session token of root's: whoever opens the console administers the account.
    assert await root.as_principal(key.principal).call("ListUsers") == {"Users": [], "IsTruncated": False}
    await keys.close(key.credentials.access_key_id)
    assert root.iam.identities.signing_key(key.credentials.access_key_id) is None
    await keys.close(key.credentials.access_key_id)


async def test_of_a_role(root: Caller) -> None:
    keys = root.iam.console_keys
    arn = await role(root, "reader", {"AWS": ROOT})
    await root.call(
        "PutRolePolicy", RoleName="reader", PolicyName="p", PolicyDocument=policy(allow("iam:ListUsers"))
    )
    for named in ("reader", arn):
        key = await keys.open(ACCOUNT, named, 900)
        session = root.signing(key.credentials.access_key_id)
        assert session.principal.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/reader/console"
        await session.call("ListUsers")
        with pytest.raises(AccessDenied):
            await session.call("ListRoles")
    await keys.close(key.credentials.access_key_id)  # while the door remembers it
    assert root.iam.identities.signing_key(key.credentials.access_key_id) is None


@pytest.mark.parametrize("named", ["nobody", "for-lambda", "arn:x", f"arn:aws:iam::{OTHER}:role/x"])
async def test_of_nobody_else(root: Caller, named: str) -> None:
    await role(root, "for-lambda", {"Service": "lambda.amazonaws.com"})
    with pytest.raises(AccessDenied, match="is not authorized to perform: sts:AssumeRole"):
        root.iam.console_keys.check(ACCOUNT, named)
    with pytest.raises(AccessDenied):
        await root.iam.console_keys.open(ACCOUNT, named, 900)


async def test_of_an_accounts_own_roles_alone(root: Caller) -> None:
    arn = await role(root, "open", {"AWS": "*"})
    for account, named in ((OTHER, arn), (OTHER, "open")):
        with pytest.raises(AccessDenied):
            root.iam.console_keys.check(account, named)
    assert root.iam.console_keys.check(ACCOUNT, arn).endswith("assumed-role/open/console")
