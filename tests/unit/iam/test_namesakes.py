"""Who is found by name where AWS knows the unique id: a namesake inherits nothing, and gives nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Principal, canonical_id
from sagehen.domain.policies import FaultReason, PolicyFault, PolicyKind
from sagehen.services.apigateway.data_plane.integrations.credentials import IntegrationCredentials
from sagehen.services.iam.errors import MalformedPolicyDocument
from sagehen.services.lambda_.functions.roles import FunctionRoles
from tests.unit.iam.conftest import ACCOUNT, OTHER, Caller, allow, policy, trust

READ = Access("s3:GetObject", "arn:aws:s3:::b/k")
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
WORKER = f"arn:aws:iam::{ACCOUNT}:role/worker"


async def replace_user(root: Caller, bob: Caller) -> Caller:
    """Delete a user, and make another of that name who may do everything."""
    await root.call("DeleteAccessKey", UserName="bob", AccessKeyId=bob.principal.access_key_id)
    for name in (await root.call("ListUserPolicies", UserName="bob"))["PolicyNames"]:
        await root.call("DeleteUserPolicy", UserName="bob", PolicyName=name)
    await root.call("DeleteUser", UserName="bob")
    return await root.user("bob", allow("*"))


async def replace_role(root: Caller) -> None:
    for name in (await root.call("ListRolePolicies", RoleName="worker"))["PolicyNames"]:
        await root.call("DeleteRolePolicy", RoleName="worker", PolicyName=name)
    await root.call("DeleteRole", RoleName="worker")
    await make_worker(root)


async def make_worker(root: Caller) -> None:
    services = ["lambda.amazonaws.com", "apigateway.amazonaws.com"]
    document = trust({"AWS": ACCOUNT, "Service": services})
    await root.call("CreateRole", RoleName="worker", AssumeRolePolicyDocument=document)
    await root.call("PutRolePolicy", RoleName="worker", PolicyName="own", PolicyDocument=policy(allow("*")))


def is_over(root: Caller, principal: Principal) -> bool:
    """Tell whether a session's key is unknown, and the session without rights where it still runs."""
    unknown = root.iam.identities.signing_key(principal.access_key_id) is None
    return unknown and not root.iam.authorizer.is_allowed(principal, READ, {})


@pytest.mark.parametrize("operation", ["GetFederationToken", "GetSessionToken"])
async def test_a_users_sessions_end_with_the_user(root: Caller, operation: str) -> None:
    bob = await root.user("bob", allow("*"))
    request = {} if operation == "GetSessionToken" else {"Name": "guest", "Policy": policy(allow("*"))}
    key = (await bob.sts(operation, **request))["Credentials"]["AccessKeyId"]
    session = root.signing(key).principal
    assert root.iam.authorizer.is_allowed(session, READ, {})
    await replace_user(root, bob)
    assert is_over(root, session)


async def test_a_federated_session_that_knows_its_user_by_name_only_is_over(root: Caller) -> None:
    """Such were stored before the id was kept: whose they are cannot be told any more."""
    bob = await root.user("bob", allow("*"))
    request = {"Name": "guest", "Policy": policy(allow("*"))}
    key = (await bob.sts("GetFederationToken", **request))["Credentials"]["AccessKeyId"]
    session = root.signing(key).principal
    old = replace(session, issuer_id="")
    assert root.iam.authorizer.is_allowed(session, READ, {})
    assert not root.iam.authorizer.is_allowed(replace(old, access_key_id="ASIAOLD"), READ, {})


async def test_a_roles_sessions_end_with_the_role(root: Caller) -> None:
    await make_worker(root)
    result = await root.sts("AssumeRole", RoleArn=WORKER, RoleSessionName="one")
    session = root.signing(result["Credentials"]["AccessKeyId"]).principal
    assert root.iam.authorizer.is_allowed(session, READ, {})
    await replace_role(root)
    assert is_over(root, session)


async def test_services_do_not_go_on_with_a_session_of_a_role_that_is_gone(
    root: Caller, clock: ManualClock
) -> None:
    functions = FunctionRoles(root.iam.roles, clock)
    integrations = IntegrationCredentials(root.iam.roles, clock)

    async def principals() -> list[Principal]:
        return [await functions.principal(WORKER, "f"), (await integrations.session(WORKER)).principal]

    await make_worker(root)
    first = await principals()
    assert await principals() == first
    assert all(root.iam.authorizer.is_allowed(principal, READ, {}) for principal in first)
    await replace_role(root)
    assert not any(root.iam.authorizer.is_allowed(principal, READ, {}) for principal in first)
    assert all(root.iam.authorizer.is_allowed(principal, READ, {}) for principal in await principals())


async def test_a_renamed_users_session_stays_the_users(root: Caller) -> None:
    bob = await root.user("bob", allow("*"))
    key = (await bob.sts("GetSessionToken"))["Credentials"]["AccessKeyId"]
    await root.call("UpdateUser", UserName="bob", NewUserName="rob")
    await root.user("bob")
    session = root.signing(key)
    assert session.principal.user_id == bob.principal.user_id
    assert (await session.sts("GetCallerIdentity"))["Arn"] == f"arn:aws:iam::{ACCOUNT}:user/rob"
    assert root.iam.authorizer.is_allowed(session.principal, READ, {})


def statement(principal: Any) -> str:
    return policy({"Effect": "Allow", "Principal": principal, "Action": "s3:*", "Resource": "*"})


class Buckets:
    def __init__(self, document: str) -> None:
        self.document = document

    def resource_policy(self, resource_arn: str) -> str | None:
        return self.document

    def resource_owner(self, resource_arn: str) -> str | None:
        return ACCOUNT


async def test_a_resources_policy_names_the_user_and_not_the_name(root: Caller) -> None:
    documents, authorizer = root.iam.resource_documents, root.iam.authorizer
    bob = await root.user("bob")
    written = statement({"AWS": [BOB, OTHER]})
    stored = documents.stored(written, PolicyKind.BUCKET)
    assert BOB not in stored
    assert json.loads(documents.shown(stored)) == json.loads(written)
    authorizer.resource_policies["s3"] = Buckets(stored)
    assert authorizer.is_allowed(bob.principal, READ, {})
    await root.call("UpdateUser", UserName="bob", NewPath="/moved/")
    moved = BOB.replace("user/", "user/moved/")
    assert json.loads(documents.shown(stored))["Statement"][0]["Principal"]["AWS"] == [moved, OTHER]
    await root.call("UpdateUser", UserName="bob", NewPath="/")
    await root.call("DeleteAccessKey", UserName="bob", AccessKeyId=bob.principal.access_key_id)
    await root.call("DeleteUser", UserName="bob")
    namesake = await root.user("bob")
    assert not authorizer.is_allowed(namesake.principal, READ, {})
    gone = documents.shown(stored)
    assert json.loads(gone)["Statement"][0]["Principal"]["AWS"] == [bob.principal.user_id, OTHER]
    with pytest.raises(PolicyFault) as caught:  # AWS does not take back what it shows then
        documents.stored(gone, PolicyKind.BUCKET)
    assert caught.value.reason is FaultReason.PRINCIPAL


async def test_a_resources_policy_names_the_role_and_not_the_name(root: Caller) -> None:
    documents, authorizer = root.iam.resource_documents, root.iam.authorizer
    await root.call("CreateRole", RoleName="worker", AssumeRolePolicyDocument=trust({"AWS": ACCOUNT}))
    authorizer.resource_policies["s3"] = Buckets(
        documents.stored(statement({"AWS": WORKER}), PolicyKind.BUCKET)
    )

    async def may_read() -> bool:
        result = await root.sts("AssumeRole", RoleArn=WORKER, RoleSessionName="one")
        return authorizer.is_allowed(root.signing(result["Credentials"]["AccessKeyId"]).principal, READ, {})

    assert await may_read()
    await root.call("DeleteRole", RoleName="worker")
    await root.call("CreateRole", RoleName="worker", AssumeRolePolicyDocument=trust({"AWS": ACCOUNT}))
    assert not await may_read()


async def test_a_canonical_user_is_an_account(root: Caller) -> None:
    documents = root.iam.resource_documents
    stored = documents.stored(statement({"CanonicalUser": canonical_id(OTHER)}), PolicyKind.BUCKET)
    assert json.loads(stored)["Statement"][0]["Principal"] == {"AWS": f"arn:aws:iam::{OTHER}:root"}
    for nobody in ({"CanonicalUser": "f" * 64}, {"AWS": f"arn:aws:iam::{OTHER}:user/nobody"}):
        with pytest.raises(PolicyFault):
            documents.stored(statement(nobody), PolicyKind.BUCKET)


async def test_a_trust_policy_takes_no_id_of_the_dead(root: Caller) -> None:
    with pytest.raises(MalformedPolicyDocument, match="Invalid principal in policy"):
        await root.call(
            "CreateRole", RoleName="r", AssumeRolePolicyDocument=trust({"AWS": "AIDAABCDEFGHIJKLMNOP"})
        )


async def test_a_document_that_cannot_be_read_locks_out_all_but_the_owners_root(
    root: Caller, other_root: Caller, clock: ManualClock
) -> None:
    authorizer = root.iam.authorizer
    authorizer.resource_policies["s3"] = Buckets('{"Statement": [{"Effect": "Allow", "Principal": "*"}]}')
    bob = (await root.user("bob", allow("s3:*"))).principal
    bucket = "arn:aws:s3:::b"
    for action in ("GetBucketPolicy", "PutBucketPolicy", "DeleteBucketPolicy"):
        access = Access(f"s3:{action}", bucket)
        authorizer.authorize(root.principal, access, {})
        assert not authorizer.is_allowed(bob, access, {})
        assert not authorizer.is_allowed(other_root.principal, access, {})
    with pytest.raises(AccessDenied, match="explicit deny in a resource-based policy"):
        authorizer.authorize(root.principal, READ, {})


async def test_another_accounts_root_is_not_spared_a_deny(root: Caller, other_root: Caller) -> None:
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}
    but_them = {**everyone, "Effect": "Deny", "Principal": {"AWS": OTHER}}
    root.iam.authorizer.resource_policies["s3"] = Buckets(policy(everyone, but_them))
    access = Access("s3:PutBucketPolicy", "arn:aws:s3:::b")
    assert root.iam.authorizer.is_allowed(root.principal, access, {})
    assert not root.iam.authorizer.is_allowed(other_root.principal, access, {})


async def test_a_key_that_looks_like_a_role_is_judged_by_the_buckets_policy(root: Caller) -> None:
    bob = (await root.user("bob")).principal
    root.iam.authorizer.resource_policies["s3"] = Buckets(statement({"AWS": ACCOUNT}))
    access = Access("s3:GetObject", "arn:aws:s3:::b/x:role/y")
    assert root.iam.authorizer.is_allowed(root.principal, access, {})
    assert not root.iam.authorizer.is_allowed(bob, access, {})
