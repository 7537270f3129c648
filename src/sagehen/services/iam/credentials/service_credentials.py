"""Service-specific credentials: names and passwords for CodeCommit and Keyspaces.

Neither service exists here, so that nothing takes these credentials: they are records, as the page
on identity says. Passwords are shown once and not kept.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.iam.entities.access import on_entity
from sagehen.services.iam.entities.calling_user import named_or_calling_user
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.records import Records, when
from sagehen.services.iam.errors import LimitExceeded, NoSuchEntity
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords, Stored
from sagehen.store.database import Transaction

# Bedrock's API keys, which go the same way on AWS, are not built.
_SERVICES = frozenset(("codecommit.amazonaws.com", "cassandra.amazonaws.com"))
_KIND = ObjectKind.SERVICE_CREDENTIAL
# Documented: IAM API Reference, CreateServiceSpecificCredential.
_MAX_PER_SERVICE = 2
_SERVICE_KEY = "iam:ServiceSpecificCredentialServiceName"
_PASSWORD = string.ascii_letters + string.digits + "+/"


def _on_credential(owner: ServiceCredentials, context: RequestContext, request: Request) -> Iterator[Access]:
    """The request names an id; which service the credential is for is known here."""
    stored = owner.find(context.scope.account_id, request["ServiceSpecificCredentialId"])
    service = {} if stored is None else {_SERVICE_KEY: stored.body["service"]}
    for access in on_entity(Kind.USER)(owner, context, request):
        yield replace(access, conditions={**access.conditions, **service})


class ServiceCredentials:
    """Create, list, update, reset and delete them."""

    def __init__(self, records: Records, clock: Clock, ids: Ids) -> None:
        self.records = records
        self._objects = ObjectRecords(records)
        self._clock = clock
        self._ids = ids

    def find(self, account_id: str, credential_id: str) -> Stored | None:
        """Return a credential of an account by its id (`ACCA…`), whoever its owner is."""
        return self._objects.find(account_id, _KIND, credential_id)

    @operation("CreateServiceSpecificCredential", access=on_entity(Kind.USER))
    async def create(self, context: RequestContext, request: Request) -> dict[str, Any]:
        user = named_or_calling_user(self.records, context, request)
        service = _supported(request["ServiceName"])
        if request.get("CredentialAgeDays"):  # API keys of Bedrock only
            raise NotImplementedOperation("CredentialAgeDays is not implemented.")
        stored = Stored(
            user.account_id,
            _KIND,
            self._ids.unique_id("ACCA"),
            user.unique_id,
            {
                "service": service,
                # The name that the user had: a rename does not change it (recorded).
                "user_name": f"{user.name}-at-{user.account_id}",
                "status": "Active",
                "created_at": self._clock.now().timestamp(),
            },
        )

        def change(tx: Transaction) -> None:
            self.records.update(tx, user.unique_id)  # the user must still be there
            twins = [one for one in self._owned(user) if one.body["service"] == service]
            if len(twins) >= _MAX_PER_SERVICE:
                raise LimitExceeded(
                    f"Cannot exceed quota for ServiceSpecificCredentialsPerUser: {_MAX_PER_SERVICE}"
                )
            self._objects.put(tx, stored)

        await self.records.write(change)
        return {"ServiceSpecificCredential": {**_member(stored, user), "ServicePassword": self._password()}}

    @operation("ListServiceSpecificCredentials", access=on_entity(Kind.USER))
    async def list_all(self, context: RequestContext, request: Request) -> dict[str, Any]:
        if request.get("AllUsers"):
            raise NotImplementedOperation("AllUsers is not implemented.")
        user = named_or_calling_user(self.records, context, request)
        service = request.get("ServiceName")
        if service is not None:
            _supported(service)
        owned = [one for one in self._owned(user) if service in (None, one.body["service"])]
        page = cut(owned, request, lambda one: one.name, f"credentials of {user.unique_id} {service}")
        return answer(page, ServiceSpecificCredentials=[_member(one, user) for one in page.items])

    @operation("UpdateServiceSpecificCredential", access=_on_credential)
    async def update(self, context: RequestContext, request: Request) -> None:
        await self._change(context, request, status=request["Status"])

    @operation("ResetServiceSpecificCredential", access=_on_credential)
    async def reset(self, context: RequestContext, request: Request) -> dict[str, Any]:
        user, stored = await self._change(context, request)
        return {"ServiceSpecificCredential": {**_member(stored, user), "ServicePassword": self._password()}}

    @operation("DeleteServiceSpecificCredential", access=_on_credential)
    async def delete(self, context: RequestContext, request: Request) -> None:
        _, stored = self._find(context, request)
        await self.records.write(lambda tx: self._objects.delete(tx, stored))

    def _owned(self, user: Entity) -> list[Stored]:
        return self._objects.of_owner(user.unique_id, _KIND)

    def _find(self, context: RequestContext, request: Request) -> tuple[Entity, Stored]:
        user = named_or_calling_user(self.records, context, request)
        credential_id = request["ServiceSpecificCredentialId"]
        stored = self.find(user.account_id, credential_id)
        if stored is None or stored.owner_id != user.unique_id:
            raise _missing(credential_id)
        return user, stored

    async def _change(
        self, context: RequestContext, request: Request, **changes: Any
    ) -> tuple[Entity, Stored]:
        user, stored = self._find(context, request)
        return user, await self._objects.change(
            stored, lambda one: one.with_body(**changes), _missing(stored.name)
        )

    def _password(self) -> str:
        # 60 characters with a sign of equality at the end, as AWS's are.
        return self._ids.text(59, _PASSWORD) + "="


def _missing(credential_id: str) -> NoSuchEntity:
    return NoSuchEntity(f"No such credential {credential_id} exists")


def _supported(service: str) -> str:
    if service not in _SERVICES:
        raise NoSuchEntity(f"No such service {service} is supported for Service Specific Credentials")
    return service


def _member(stored: Stored, user: Entity) -> dict[str, Any]:
    return {
        "CreateDate": when(stored.body["created_at"]),
        "ServiceName": stored.body["service"],
        "ServiceUserName": stored.body["user_name"],
        "ServiceSpecificCredentialId": stored.name,
        "UserName": user.name,
        "Status": stored.body["status"],
    }
