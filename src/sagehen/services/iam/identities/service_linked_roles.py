"""Service-linked roles: those that AWS services make for themselves."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.iam.entities.access import on_entity
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.entities.service_linked import SERVICE_LINKED_PATH
from sagehen.services.iam.errors import InvalidInput, NoSuchEntity
from sagehen.services.iam.identities.roles import LEFT_OUT_WHEN_CREATED, role_member
from sagehen.services.iam.identities.service_linked_role_table import LINKED_ROLES
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords, Stored
from sagehen.services.iam.policies.records import PolicyRecords
from sagehen.services.iam.policies.trust import TrustPolicies
from sagehen.store.database import Transaction

_TASK = ObjectKind.DELETION_TASK
# Of each account; who asks, asks soon.
_TASKS_KEPT = 100


def _on_linked_role(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    service = request["AWSServiceName"]
    name = LINKED_ROLES[service].name if service in LINKED_ROLES else "*"
    arn = f"arn:aws:iam::{context.scope.account_id}:role{SERVICE_LINKED_PATH}{service}/{name}"
    yield Access("iam:CreateServiceLinkedRole", arn, {"iam:AWSServiceName": service})


class ServiceLinkedRoles:
    """Make and delete them."""

    def __init__(self, records: Records, trust: TrustPolicies, clock: Clock, ids: Ids) -> None:
        self.records = records
        self._trust = trust
        self._clock = clock
        self._ids = ids
        self._objects = ObjectRecords(records)

    @operation("CreateServiceLinkedRole", access=_on_linked_role)
    async def create_service_linked_role(self, context: RequestContext, request: Request) -> dict[str, Any]:
        service, account_id = request["AWSServiceName"], context.scope.account_id
        suffix, description = request.get("CustomSuffix"), request.get("Description")
        role = await self._create(account_id, service, suffix, description)
        return {"Role": role_member(role, self._trust, without=LEFT_OUT_WHEN_CREATED)}

    def find(self, account_id: str, service: str) -> str | None:
        """See the port LinkedRoles."""
        role = self.records.find(account_id, Kind.ROLE, LINKED_ROLES[service].name)
        return role.arn if role else None

    async def ensure(self, account_id: str, service: str) -> str:
        """See the port LinkedRoles."""
        return self.find(account_id, service) or (await self._create(account_id, service, None, None)).arn

    async def _create(
        self, account_id: str, service: str, suffix: str | None, description: str | None
    ) -> Entity:
        linked = LINKED_ROLES.get(service)
        if linked is None:
            raise InvalidInput(f"Service role for {service} is not supported.")
        if suffix and not linked.takes_suffix:
            raise InvalidInput(f"Custom suffix is not allowed for {service}")
        name = f"{linked.name}_{suffix}" if suffix else linked.name
        if self.records.find(account_id, Kind.ROLE, name) is not None:
            raise InvalidInput(
                f"Service role name {name} has been taken in this account, please try a different suffix."
            )
        now = self._clock.now()
        statement = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        role = Entity(
            account_id,
            Kind.ROLE,
            name,
            f"{SERVICE_LINKED_PATH}{service}/",
            self._ids.unique_id(Kind.ROLE.id_prefix),
            created_at=now,
            updated_at=now,
            description=description,
            trust_policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )

        def change(tx: Transaction) -> None:
            self.records.insert(tx, role)
            PolicyRecords.attach(tx, role.unique_id, linked.policy_arn)

        await self.records.write(change)
        return role

    @operation("DeleteServiceLinkedRole", access=on_entity(Kind.ROLE))
    async def delete_service_linked_role(self, context: RequestContext, request: Request) -> dict[str, Any]:
        role = self.records.get(context.scope.account_id, Kind.ROLE, request["RoleName"])
        if not role.path.startswith(SERVICE_LINKED_PATH):
            raise NoSuchEntity(f"The role with name {role.name} is not a service-linked role.")

        name = f"task{role.path}{role.name}/{self._ids.uuid()}"
        task = Stored(role.account_id, _TASK, name, "", {"at": self._clock.now().timestamp()})

        def change(tx: Transaction) -> None:
            tx.execute("DELETE FROM iam_attachments WHERE owner_id = ?", (role.unique_id,))
            self.records.delete(tx, role)
            tasks = sorted(self._objects.all(role.account_id, _TASK), key=lambda one: one.body["at"])
            for old in tasks[: 1 - _TASKS_KEPT]:
                self._objects.delete(tx, old)
            self._objects.put(tx, task)

        await self.records.write(change)
        return {"DeletionTaskId": name}

    @operation("GetServiceLinkedRoleDeletionStatus")
    async def get_service_linked_role_deletion_status(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        task_id = request["DeletionTaskId"]
        if len(parts := task_id.split("/")) != 5 or parts[0] != "task":
            raise InvalidInput("The task id is not valid.")
        # The deletion was done before its task id was given out.
        if self._objects.find(context.scope.account_id, _TASK, task_id) is None:
            raise NoSuchEntity(f"Unknown task {task_id}")
        return {"Status": "SUCCEEDED"}
