"""What the evaluator notes of refusals and calls."""

from __future__ import annotations

import json
from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import AsyncMock

import pytest

from sagehen.domain.access import Access, AccessDenied
from sagehen.domain.clock import ManualClock
from sagehen.services.iam.authorization.calls import Calls

from ..conftest import ACCOUNT, OTHER, Caller, allow, deny, policy, trust


async def reader(root: Caller, *statements: dict[str, object]) -> Caller:
    trusted = trust({"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
    await root.call("CreateRole", RoleName="reader", AssumeRolePolicyDocument=trusted)
    document = policy(*statements)
    await root.call("PutRolePolicy", RoleName="reader", PolicyName="p", PolicyDocument=document)
    key = await root.iam.console_keys.open(ACCOUNT, "reader", 900)
    return root.as_principal(key.principal)


def ask(caller: Caller, action: str, resource: str = "*") -> None:
    caller.iam.authorizer.authorize(caller.principal, Access(action, resource), {})


def refuse(caller: Caller, action: str, resource: str = "*") -> None:
    with pytest.raises(AccessDenied):
        ask(caller, action, resource)


async def test_refusals(root: Caller, clock: ManualClock) -> None:
    caller = await reader(root, allow("s3:*"), deny("s3:PutObject", "arn:aws:s3:::kept/*"))
    refuse(caller, "sagemaker:InvokeEndpoint", "arn:x")
    await clock.advance(60)
    refuse(caller, "s3:PutObject", "arn:aws:s3:::kept/a")
    refuse(caller, "s3:PutObject", "arn:aws:s3:::kept/a")
    latest, older = root.iam.access_journal.refusals(ACCOUNT)
    assert (latest.times, latest.denied, latest.source) == (2, True, "identity-based policy")
    assert [*latest.statements] == [
        {"Effect": "Deny", "Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::kept/*"]}
    ]
    assert (older.access.action, older.denied, [*older.statements]) == ("sagemaker:InvokeEndpoint", False, [])
    assert "is not authorized to perform: sagemaker:InvokeEndpoint" in older.message
    assert latest.last - older.first == timedelta(seconds=60)
    assert not root.iam.access_journal.refusals(OTHER)
    await clock.advance(3541)
    assert [one.access.action for one in root.iam.access_journal.refusals(ACCOUNT)] == ["s3:PutObject"]


async def test_refusals_are_bounded(root: Caller) -> None:
    caller = await reader(root, allow("s3:*"))
    for number in range(510):
        refuse(caller, "logs:GetLogEvents", f"arn:{number}")
    refuse(caller, "logs:GetLogEvents", "x" * 100_000)
    refuse(caller, "logs:GetLogEvents", "x" * 100_001)  # too long to be told apart
    kept = root.iam.access_journal.refusals(ACCOUNT)
    assert len(kept) == 500 and kept[0].times == 2 and kept[-1].access.resource == "arn:11"


async def test_what_roles_may_do(root: Caller) -> None:
    caller = await reader(root, allow("s3:*"), deny("s3:PutObject"))
    may, arn = root.iam.role_rights.may, f"arn:aws:iam::{ACCOUNT}:role/reader"
    assert may(arn, Access("s3:GetObject", "arn:aws:s3:::b/k")) is True
    assert may(arn, Access("s3:PutObject", "arn:aws:s3:::b/k")) is False
    assert may(f"{arn}s", Access("s3:GetObject", "arn:aws:s3:::b/k")) is None
    assert may("nonsense", Access("s3:GetObject")) is None
    assert not root.iam.access_journal.refusals(ACCOUNT) and caller


async def test_calls(root: Caller, clock: ManualClock) -> None:
    caller = await reader(root, allow(["s3:*", "iam:ListUsers"]))
    for _ in range(3):
        ask(caller, "s3:GetObject", "arn:aws:s3:::b/k")
    await clock.advance(5)
    ask(caller, "iam:ListUsers")
    journal = root.iam.access_journal
    called = journal.called(ACCOUNT, "role", "reader") or ()
    assert [(one.action, one.times) for one in called] == [("iam:ListUsers", 1), ("s3:GetObject", 3)]
    assert called[0].last - called[1].last == timedelta(seconds=5)
    # What is only asked whether it may be is no call.
    assert caller.iam.authorizer.is_allowed(caller.principal, Access("s3:PutObject", "arn:aws:s3:::b/k"), {})
    assert len(journal.called(ACCOUNT, "role", "reader") or ()) == 2
    for number in range(1000):
        ask(caller, f"s3:Action{number}")
    assert len(journal.called(ACCOUNT, "role", "reader") or ()) == 800
    assert journal.called(ACCOUNT, "user", "reader") is None
    assert journal.called(OTHER, "role", "reader") is None
    await root.iam.reset()
    assert not journal.refusals(ACCOUNT)


async def test_calls_outlive_the_platform(root: Caller, clock: ManualClock) -> None:
    caller = await reader(root, allow("s3:*"))
    ask(caller, "s3:GetObject", "arn:aws:s3:::b/k")
    ask(caller, "s3:ListBucket", "arn:aws:s3:::\udcff")
    calls, records = root.iam.authorizer.journal.calls, root.iam._records.database
    began = calls.began
    await calls.store(records)
    await clock.advance(60)
    later = Calls(clock.now())
    later.load(records)
    owner = caller.principal.owner_id
    assert later.began == began
    assert later.of(owner)["s3:GetObject"].resources.patterns() == ["arn:aws:s3:::b/k"]
    assert later.of(owner)["s3:GetObject"].times == 1
    ask(caller, "s3:PutObject", "arn:aws:s3:::b/k")
    await root.call("DeleteRolePolicy", RoleName="reader", PolicyName="p")
    await root.call("DeleteRole", RoleName="reader")
    await calls.store(records)
    gone = Calls(clock.now())
    gone.load(records)
    assert gone.of(owner) == {}


async def test_calls_that_could_not_be_stored_are_stored_the_next_time(
    root: Caller, clock: ManualClock
) -> None:
    caller = await reader(root, allow("s3:*"))
    ask(caller, "s3:GetObject", "arn:aws:s3:::b/k")
    calls, records = root.iam.authorizer.journal.calls, root.iam._records.database
    full = SimpleNamespace(write=AsyncMock(side_effect=OSError("no space left")))
    with pytest.raises(OSError):
        await calls.store(full)  # type: ignore[arg-type]
    await calls.store(records)
    later = Calls(clock.now())
    later.load(records)
    assert [*later.of(caller.principal.owner_id)] == ["s3:GetObject"]


async def test_no_more_identities_are_read_than_are_kept(root: Caller, clock: ManualClock) -> None:
    records = root.iam._records.database
    body = json.dumps({"s3:GetObject": [1, 0.0, ["*"], []]})
    rows = [(f"A{number}", body) for number in range(1010)]
    await records.write(lambda tx: tx.executemany("INSERT INTO iam_calls VALUES (?, ?)", rows))
    later = Calls(clock.now())
    later.load(records)
    assert sum(bool(later.of(owner)) for owner, _ in rows) == 1000
