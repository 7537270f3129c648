"""A service of IAM with two accounts, called as the front door calls it: authorize, then handle."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from sagehen.api.context import RequestContext
from sagehen.api.operation import BoundOperation
from sagehen.domain.clock import ManualClock
from sagehen.domain.identity import Credentials, Principal, root_principal
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.iam.service import IamService
from sagehen.store.database import Database

ACCOUNT = "123456789012"
OTHER = "210987654321"
ROOT_KEYS = {
    ACCOUNT: (Credentials("AKIAROOTROOTROOTROOT", "secret-one"),),
    OTHER: (Credentials("AKIAOTHEROTHEROTHERO", "secret-two"),),
}


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: Any, resource: Any = "*") -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": resource}


def trust(principal: Any, **more: Any) -> str:
    return policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more})


class Caller:
    """Calls operations by name as one principal; `call` runs the authorization, too."""

    def __init__(self, iam: IamService, clock: ManualClock, principal: Principal) -> None:
        self.iam = iam
        self.principal = principal
        self._clock = clock
        self._operations: dict[tuple[str, str], BoundOperation] = {
            (service.name, bound.name): bound for service in iam.services for bound in service.operations()
        }

    def as_principal(self, principal: Principal) -> Caller:
        return Caller(self.iam, self._clock, principal)

    def signing(self, access_key_id: str) -> Caller:
        key = self.iam.identities.signing_key(access_key_id)
        assert key is not None
        return self.as_principal(key.principal)

    async def call(self, name: str, service: str = "iam", /, **request: Any) -> dict[str, Any]:
        bound = self._operations[service, name]
        context = RequestContext(
            request_id="r",
            service=service,
            operation=name,
            scope=Scope(self.principal.account_id, "us-east-1"),
            principal=self.principal,
            received_at=self._clock.now(),
        )
        for access in bound.accesses(context, request):
            self.iam.authorizer.authorize(self.principal, access, context.condition_keys())
        result = await bound.handler(context, request)
        assert not isinstance(result, tuple)
        return dict(result) if isinstance(result, Mapping) else {}

    async def sts(self, name: str, **request: Any) -> dict[str, Any]:
        return await self.call(name, "sts", **request)

    async def user(self, name: str, *statements: Mapping[str, Any]) -> Caller:
        """Make a user with an inline policy, and return a caller that signs with its key."""
        await self.call("CreateUser", UserName=name)
        if statements:
            await self.call(
                "PutUserPolicy", UserName=name, PolicyName="own", PolicyDocument=policy(*statements)
            )
        key = await self.call("CreateAccessKey", UserName=name)
        return self.signing(key["AccessKey"]["AccessKeyId"])


@pytest.fixture
def iam(database: Database, clock: ManualClock, ids: Ids) -> IamService:
    return IamService(database=database, clock=clock, ids=ids, root_accounts=ROOT_KEYS)


@pytest.fixture
def root(iam: IamService, clock: ManualClock) -> Caller:
    return Caller(iam, clock, root_principal(ACCOUNT))


@pytest.fixture
def other_root(iam: IamService, clock: ManualClock) -> Caller:
    return Caller(iam, clock, root_principal(OTHER))
