"""Sessions: who gets one, what it may do, how long it lives."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import PrincipalKind, SigningKey, root_principal, service_principal
from sagehen.domain.ids import Ids
from sagehen.services.iam.errors import InvalidClientTokenId, MalformedPolicyDocument, ValidationError
from sagehen.services.iam.service import IamService
from sagehen.services.iam.sessions import records as session_records
from sagehen.services.iam.sessions.records import SessionRecords
from sagehen.store.database import Database
from tests.unit.iam.conftest import ACCOUNT, OTHER, ROOT_KEYS, Caller, allow, deny, policy, trust

WORKER = f"arn:aws:iam::{ACCOUNT}:role/jobs/worker"


async def make_role(root: Caller, document: str, *statements: Any, name: str = "worker") -> str:
    made = await root.call("CreateRole", RoleName=name, Path="/jobs/", AssumeRolePolicyDocument=document)
    if statements:
        await root.call("PutRolePolicy", RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
    arn: str = made["Role"]["Arn"]
    return arn


async def assume(caller: Caller, arn: str = WORKER, **request: Any) -> Caller:
    result = await caller.sts("AssumeRole", RoleArn=arn, RoleSessionName="one", **request)
    return caller.signing(result["Credentials"]["AccessKeyId"])


async def test_everyone_may_ask_who_they_are(root: Caller) -> None:
    bob = await root.user("bob", deny("*"))
    assert await bob.sts("GetCallerIdentity") == {
        "UserId": bob.principal.user_id,
        "Account": ACCOUNT,
        "Arn": f"arn:aws:iam::{ACCOUNT}:user/bob",
    }
    assert (await root.sts("GetCallerIdentity"))["Arn"] == f"arn:aws:iam::{ACCOUNT}:root"


async def test_a_session_has_the_rights_of_its_role_and_no_others(root: Caller) -> None:
    await make_role(root, trust({"AWS": ACCOUNT}), allow("iam:ListUsers"))
    bob = await root.user("bob", allow("sts:AssumeRole", WORKER), allow("iam:ListRoles"))
    result = await bob.sts("AssumeRole", RoleArn=WORKER, RoleSessionName="one")
    assert result["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/worker/one"
    session = bob.signing(result["Credentials"]["AccessKeyId"])
    assert (await session.sts("GetCallerIdentity"))["UserId"].endswith(":one")
    await session.call("ListUsers")
    with pytest.raises(AccessDenied) as caught:
        await session.call("ListRoles")
    assert caught.value.message == (
        f"User: arn:aws:sts::{ACCOUNT}:assumed-role/worker/one is not authorized to perform: iam:ListRoles"
        f" on resource: arn:aws:iam::{ACCOUNT}:role/ because no identity-based policy allows the"
        " iam:ListRoles action"
    )


@pytest.mark.parametrize(
    ("trusted", "identity", "allowed"),
    [
        ({"AWS": ACCOUNT}, True, True),
        ({"AWS": ACCOUNT}, False, False),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"}, False, True),
        ({"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"}, True, True),
        ({"Service": "lambda.amazonaws.com"}, True, False),
        ({"AWS": OTHER}, True, False),
    ],
)
async def test_trust_and_permission(root: Caller, trusted: Any, identity: bool, allowed: bool) -> None:
    bob = await root.user("bob", *([allow("sts:AssumeRole")] if identity else []))
    await make_role(root, trust(trusted))
    if allowed:
        await assume(bob)
        return
    with pytest.raises(AccessDenied) as caught:
        await assume(bob)
    assert caught.value.message == (
        f"User: arn:aws:iam::{ACCOUNT}:user/bob is not authorized to perform: sts:AssumeRole"
        f" on resource: {WORKER}"
    )


async def test_another_account_needs_both_sides(root: Caller, other_root: Caller) -> None:
    await make_role(root, trust({"AWS": OTHER}), allow("iam:ListUsers"))
    trusted = await other_root.user("ann", allow("sts:AssumeRole"))
    session = await assume(trusted)
    assert session.principal.account_id == ACCOUNT
    await session.call("ListUsers")
    with pytest.raises(AccessDenied):
        await assume(await other_root.user("eve"))


async def test_external_id(root: Caller, other_root: Caller) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "secret"}}
    await make_role(root, trust({"AWS": OTHER}, Condition=condition))
    ann = await other_root.user("ann", allow("sts:AssumeRole"))
    await assume(ann, ExternalId="secret")
    for wrong in ({}, {"ExternalId": "guess"}):
        with pytest.raises(AccessDenied):
            await assume(ann, **wrong)


async def test_trust_is_in_the_user_and_not_in_the_name(root: Caller) -> None:
    bob = await root.user("bob")
    await make_role(root, trust({"AWS": f"arn:aws:iam::{ACCOUNT}:user/bob"}))
    await assume(bob)
    await root.call("DeleteAccessKey", UserName="bob", AccessKeyId=bob.principal.access_key_id)
    await root.call("DeleteUser", UserName="bob")
    namesake = await root.user("bob")
    with pytest.raises(AccessDenied):
        await assume(namesake)
    shown = (await root.call("GetRole", RoleName="worker"))["Role"]["AssumeRolePolicyDocument"]
    assert bob.principal.user_id in shown


async def test_trust_names_only_who_exists(root: Caller) -> None:
    nobody = f"arn:aws:iam::{ACCOUNT}:user/nobody"
    with pytest.raises(MalformedPolicyDocument) as caught:
        await make_role(root, trust({"AWS": nobody}))
    assert caught.value.message == f'Invalid principal in policy: "AWS":"{nobody}"'


async def test_a_session_dies_with_its_role(root: Caller) -> None:
    await make_role(root, trust({"AWS": ACCOUNT}), allow("*"))
    session = await assume(root)
    await session.call("ListUsers")
    await root.call("DeleteRolePolicy", RoleName="worker", PolicyName="own")
    await root.call("DeleteRole", RoleName="worker")
    await make_role(root, trust({"AWS": ACCOUNT}), allow("*"))
    with pytest.raises(AccessDenied):
        await session.call("ListUsers")


async def test_session_policies_narrow(root: Caller) -> None:
    await make_role(root, trust({"AWS": ACCOUNT}), allow("iam:*"))
    result = await root.sts(
        "AssumeRole", RoleArn=WORKER, RoleSessionName="one", Policy=policy(allow("iam:ListUsers"))
    )
    assert 0 < result["PackedPolicySize"] < 100
    session = root.signing(result["Credentials"]["AccessKeyId"])
    await session.call("ListUsers")
    with pytest.raises(AccessDenied, match="because no session policy allows the iam:ListRoles action"):
        await session.call("ListRoles")
    with pytest.raises(MalformedPolicyDocument):
        await assume(root, Policy="{}")


async def test_session_policies_have_a_bound(root: Caller) -> None:
    """A repetitive text packs well, and costs half a second to compile."""
    await make_role(root, trust({"AWS": ACCOUNT}))
    actions = [f"s3:Get{number}" for number in range(10_000)]
    with pytest.raises(ValidationError, match=r"at 'policy' .* less than or equal to 2048"):
        await assume(root, Policy=policy(allow(actions)))
    arns = [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    await assume(root, PolicyArns=arns * 10)
    with pytest.raises(ValidationError, match=r"at 'policyArns' .* less than or equal to 10"):
        await assume(root, PolicyArns=arns * 11)


async def test_session_tags_are_principal_tags_and_travel_if_they_should(root: Caller) -> None:
    who = allow("iam:ListUsers", Condition={"StringEquals": {"aws:PrincipalTag/team": "red"}})
    document = policy(
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": ["sts:AssumeRole", "sts:TagSession"]}
    )
    first = await make_role(root, document, who, allow("sts:*"), name="first")
    second = await make_role(root, document, who, name="second")
    tags = [{"Key": "team", "Value": "red"}]
    await (await assume(root, first, Tags=tags)).call("ListUsers")
    with pytest.raises(AccessDenied):
        await (await assume(root, first)).call("ListUsers")
    travelling = await assume(root, first, Tags=tags, TransitiveTagKeys=["team"])
    await (await assume(travelling, second)).call("ListUsers")
    staying = await assume(root, first, Tags=tags)
    with pytest.raises(AccessDenied):
        await (await assume(staying, second)).call("ListUsers")


async def test_durations(root: Caller, clock: ManualClock) -> None:
    await make_role(root, trust({"AWS": ACCOUNT}), allow("sts:AssumeRole"))
    with pytest.raises(ValidationError, match="exceeds the MaxSessionDuration set for this role"):
        await assume(root, DurationSeconds=3601)
    await root.call("UpdateRole", RoleName="worker", MaxSessionDuration=43200)
    session = await assume(root, DurationSeconds=43200)
    key = root.iam.identities.signing_key(session.principal.access_key_id)
    assert key is not None
    assert key.credentials.expiration is not None
    assert (key.credentials.expiration - clock.now()).total_seconds() == 43200
    with pytest.raises(ValidationError, match="1 hour session limit for roles assumed by role chaining"):
        await assume(session, DurationSeconds=3601)


async def test_session_tokens_of_users(root: Caller) -> None:
    bob = await root.user("bob", allow("*"))
    result = await bob.sts("GetSessionToken")
    session = bob.signing(result["Credentials"]["AccessKeyId"])
    assert session.principal.kind is PrincipalKind.USER
    access = Access("s3:GetObject", "arn:aws:s3:::b/k")
    assert root.iam.authorizer.is_allowed(session.principal, access, {})
    for name, request in (("ListUsers", {}), ("GetUser", {"UserName": "bob"})):
        with pytest.raises(InvalidClientTokenId):
            await session.call(name, **request)
    # Passing a role is no call of IAM, and assuming one is what such a session is for.
    await make_role(root, trust({"AWS": ACCOUNT}))
    root.iam.roles.require_pass_role(session.principal, WORKER, "lambda.amazonaws.com", {})
    await assume(session)
    with pytest.raises(AccessDenied, match="not authorized to perform: sts:GetAccessKeyInfo"):
        await session.sts("GetAccessKeyInfo", AccessKeyId=bob.principal.access_key_id)
    with pytest.raises(AccessDenied, match="Cannot call GetFederationToken with session credentials"):
        await session.sts("GetFederationToken", Name="guest")
    with pytest.raises(AccessDenied, match="Cannot call GetSessionToken with session credentials"):
        await session.sts("GetSessionToken")


async def test_federated_users(root: Caller) -> None:
    bob = await root.user("bob", allow("*"))
    result = await bob.sts("GetFederationToken", Name="guest", Policy=policy(allow("s3:GetObject")))
    session = bob.signing(result["Credentials"]["AccessKeyId"]).principal
    assert session.arn == f"arn:aws:sts::{ACCOUNT}:federated-user/guest"
    authorizer = root.iam.authorizer
    assert authorizer.is_allowed(session, Access("s3:GetObject", "arn:aws:s3:::b/k"), {})
    assert not authorizer.is_allowed(session, Access("s3:PutObject", "arn:aws:s3:::b/k"), {})
    guest = bob.as_principal(session)
    assert (await guest.sts("GetCallerIdentity"))["Arn"] == session.arn
    await make_role(root, trust({"AWS": "*"}))
    with pytest.raises(AccessDenied, match="not authorized to perform: sts:AssumeRole"):
        await assume(guest)
    everything = await bob.sts("GetFederationToken", Name="guest", Policy=policy(allow("*")))
    with pytest.raises(InvalidClientTokenId):
        await bob.signing(everything["Credentials"]["AccessKeyId"]).call("ListUsers")
    # Root has every right: the session's policy alone bounds whom it federates.
    of_root = await root.sts("GetFederationToken", Name="guest", Policy=policy(allow("s3:GetObject")))
    made = root.signing(of_root["Credentials"]["AccessKeyId"]).principal
    assert authorizer.is_allowed(made, Access("s3:GetObject", "arn:aws:s3:::b/k"), {})
    assert not authorizer.is_allowed(made, Access("s3:PutObject", "arn:aws:s3:::b/k"), {})
    bare = await bob.sts("GetFederationToken", Name="guest")
    nobody = bob.signing(bare["Credentials"]["AccessKeyId"]).principal
    assert not authorizer.is_allowed(nobody, Access("s3:GetObject", "arn:aws:s3:::b/k"), {})


def comparable(key: SigningKey | None) -> SigningKey | None:
    return key and replace(key, principal=replace(key.principal, session_tags={}))


async def test_sessions_outlive_a_restart_and_are_swept(
    root: Caller, database: Database, clock: ManualClock, ids: Ids
) -> None:
    await make_role(root, trust({"AWS": ACCOUNT}), allow("*"))
    session = (await assume(root)).principal.access_key_id
    again = IamService(database=database, clock=clock, ids=ids, root_accounts=ROOT_KEYS)
    known = again.identities.signing_key(session)
    assert known is not None
    assert comparable(known) == comparable(root.iam.identities.signing_key(session))
    sessions = SessionRecords(database, clock, ids)
    await sessions.sweep(clock.now() + timedelta(hours=24))
    assert sessions.find(session) is not None  # so that it is answered with ExpiredToken
    await sessions.sweep(clock.now() + timedelta(hours=26))
    assert sessions.find(session) is None


async def test_expired_sessions_have_a_bound(
    database: Database, clock: ManualClock, ids: Ids, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_records, "_EXPIRED_KEPT", 3)
    monkeypatch.setattr(session_records, "_SLICE", 2)
    iam = IamService(database=database, clock=clock, ids=ids, root_accounts=ROOT_KEYS)
    root = Caller(iam, clock, root_principal(ACCOUNT))
    await iam.start()
    keys = []
    for _ in range(8):
        keys.append((await root.sts("GetSessionToken", DurationSeconds=900))["Credentials"]["AccessKeyId"])
        await clock.advance(1)
    await clock.advance(899)  # all but the last are over; three of them are kept
    sessions = SessionRecords(database, clock, ids)
    await sessions.sweep(clock.now())
    assert [sessions.find(key) is not None for key in keys] == [False] * 4 + [True] * 4
    await clock.advance(86_401)
    await sessions.sweep(clock.now())
    await iam.stop()
    assert database.all("SELECT * FROM iam_sessions") == []


async def test_the_execution_role_is_there_and_comes_back(root: Caller, database: Database) -> None:
    iam = root.iam
    await iam.start()
    name = "SagehenSageMakerExecutionRole"
    role = (await root.call("GetRole", RoleName=name))["Role"]
    assert role["Arn"] == f"arn:aws:iam::{ACCOUNT}:role/service-role/{name}"
    assert iam.roles.can_be_assumed_by(role["Arn"], "sagemaker.amazonaws.com")
    session = await assume(root, role["Arn"])
    environment = {"aws:RequestedRegion": "us-east-1"}
    create = Access("sagemaker:CreateTrainingJob", f"arn:aws:sagemaker:us-east-1:{ACCOUNT}:training-job/a")
    assert iam.authorizer.is_allowed(session.principal, create, environment)
    iam.roles.require_pass_role(session.principal, role["Arn"], "sagemaker.amazonaws.com", environment)
    with pytest.raises(AccessDenied):
        iam.roles.require_pass_role(session.principal, role["Arn"], "ec2.amazonaws.com", environment)
    assert not iam.authorizer.is_allowed(session.principal, Access("iam:CreateUser", "*"), environment)
    await session.call("GetRole", RoleName=name)  # the SDK's get_execution_role() does

    await database.clear()
    await iam.reset()
    assert iam.identities.signing_key(session.principal.access_key_id) is None
    await root.call("GetRole", RoleName=name)
    # Deleted by its owner it stays deleted, also over a restart.
    for arn in ("AmazonSageMakerFullAccess", "AmazonS3FullAccess"):
        await root.call("DetachRolePolicy", RoleName=name, PolicyArn=f"arn:aws:iam::aws:policy/{arn}")
    await root.call("DeleteRolePolicy", RoleName=name, PolicyName="OwnRole")
    await root.call("DeleteRole", RoleName=name)
    await iam.stop()
    await iam.start()
    with pytest.raises(ServiceError):
        await root.call("GetRole", RoleName=name)
    await iam.stop()


async def test_services_assume_whom_they_are_trusted_by(root: Caller) -> None:
    roles = root.iam.roles
    condition = {"ArnLike": {"aws:SourceArn": f"arn:aws:lambda:*:{ACCOUNT}:function:*"}}
    arn = await make_role(root, trust({"Service": "lambda.amazonaws.com"}, Condition=condition))
    source = {"aws:SourceArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:f"}
    session = await roles.assume_for_service(arn, "lambda.amazonaws.com", "f", environment=source)
    assert root.iam.identities.signing_key(session.credentials.access_key_id) is not None
    assert session.principal.role_arn == arn
    for service, environment in (("lambda.amazonaws.com", {}), ("ec2.amazonaws.com", source)):
        assert not roles.can_be_assumed_by(arn, service, environment)
        with pytest.raises(AccessDenied):
            await roles.assume_for_service(arn, service, "f", environment=environment)
    with pytest.raises(AccessDenied, match="Cross-account pass role is not allowed"):
        roles.require_pass_role(root.principal, f"arn:aws:iam::{OTHER}:role/x", "lambda.amazonaws.com", {})


class Buckets:
    """Resource policies of a service, as S3 would give them."""

    def __init__(self) -> None:
        self.document: str | None = None
        self.owner = ACCOUNT

    def resource_policy(self, resource_arn: str) -> str | None:
        return self.document

    def resource_owner(self, resource_arn: str) -> str | None:
        return self.owner


async def test_resource_policies_have_their_say(root: Caller, other_root: Caller) -> None:
    buckets = Buckets()
    authorizer = root.iam.authorizer
    authorizer.resource_policies["s3"] = buckets
    bob = (await root.user("bob")).principal
    ann = (await other_root.user("ann", allow("s3:*"))).principal
    access = Access("s3:GetObject", "arn:aws:s3:::b/k")
    assert not authorizer.is_allowed(bob, access, {})
    assert not authorizer.is_allowed(ann, access, {})
    buckets.document = policy(
        {"Effect": "Allow", "Principal": {"AWS": [bob.arn, ann.arn]}, "Action": "s3:*", "Resource": "*"},
        {
            "Effect": "Allow",
            "Principal": {"Service": "logs.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:SourceAccount": ACCOUNT}},
        },
    )
    assert authorizer.is_allowed(bob, access, {})
    assert authorizer.is_allowed(ann, access, {})
    put = Access("s3:PutObject", "arn:aws:s3:::b/k")
    logs = service_principal("logs.amazonaws.com")
    assert authorizer.is_allowed(logs, put, {"aws:SourceAccount": ACCOUNT})
    assert not authorizer.is_allowed(logs, put, {"aws:SourceAccount": OTHER})
    buckets.document = None
    assert not authorizer.is_allowed(bob, access, {})


async def test_a_bucket_that_passed_to_another_account_is_decided_anew(root: Caller) -> None:
    buckets = Buckets()
    root.iam.authorizer.resource_policies["s3"] = buckets
    bob = (await root.user("bob", allow("s3:*"))).principal
    access = Access("s3:GetObject", "arn:aws:s3:::b/k")
    assert root.iam.authorizer.is_allowed(bob, access, {})
    buckets.owner = OTHER
    assert not root.iam.authorizer.is_allowed(bob, access, {})
