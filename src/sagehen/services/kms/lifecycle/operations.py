"""The operations on keys themselves: making, describing, enabling, deleting."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.domain.scope import Scope
from sagehen.services.kms.errors import KMSInvalidStateException
from sagehen.services.kms.keys.access import on_key
from sagehen.services.kms.keys.finding import KeyFinder, require_alive
from sagehen.services.kms.keys.key import PENDING_DELETION, Key
from sagehen.services.kms.keys.listing import answer, cut
from sagehen.services.kms.keys.material import new_material
from sagehen.services.kms.keys.metadata import metadata
from sagehen.services.kms.keys.records import KeyRecords, Material
from sagehen.services.kms.keys.specs import SYMMETRIC
from sagehen.services.kms.lifecycle.creation import checked_spec, checked_usage, on_creation
from sagehen.services.kms.policies.guard import (
    KeyPolicies,
    default_policy,
    managed_policy,
    stored_policy,
)
from sagehen.services.kms.tags import checked_tags

# Services with a key that AWS manages, as their aliases call them; from memory.
_WITH_KEYS = frozenset((
    "acm", "backup", "codecommit", "dynamodb", "dms", "ebs", "elasticfilesystem", "es", "fsx", "glue",
    "kafka", "kinesis", "kinesisvideo", "lambda", "lightsail", "rds", "redshift", "s3", "secretsmanager",
    "sns", "sqs", "ssm", "workspaces", "xray",
))  # fmt: skip
# Documented: KMS API Reference, ScheduleKeyDeletion; the model would take 1 to 365.
_DEFAULT_WINDOW_DAYS = 30
_MIN_WINDOW_DAYS, _MAX_WINDOW_DAYS = 7, 30


class Keys:
    """CreateKey, DescribeKey, ListKeys, EnableKey, DisableKey, ScheduleKeyDeletion, ..."""

    def __init__(
        self,
        records: KeyRecords,
        finder: KeyFinder,
        documents: ResourceDocuments,
        policies: KeyPolicies,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self.records = records
        self.finder = finder
        self._documents = documents
        self._policies = policies
        self._clock = clock
        self._ids = ids
        self._managed = asyncio.Lock()

    @operation("CreateKey", access=on_creation)
    async def create_key(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make a key with material of its own, or one that waits for its owner's.

        Raises:
            ValidationException, MalformedPolicyDocumentException, NotImplementedOperation.
        """
        spec = checked_spec(request)
        usage = checked_usage(request, spec)
        origin = request.get("Origin", "AWS_KMS")
        policy = request.get("Policy") or default_policy(context.scope)
        key = Key(
            scope=context.scope,
            id=self._ids.uuid(),
            created_at=self._clock.now(),
            spec=spec,
            usage=usage,
            origin=origin,
            policy=stored_policy(self._documents, policy),
            description=request.get("Description", ""),
            tags=checked_tags({}, request.get("Tags", ())),
        )
        self._policies.require_way_back(context, request, key)
        return {"KeyMetadata": metadata(await self._add(key))}

    async def _add(self, key: Key, alias: str | None = None) -> Key:
        material = None
        if key.origin == "AWS_KMS":
            material = await self.made_material(key, "CREATED")
            key = key.with_(material_id=material.id)
        await self.records.add(key, material, alias)
        return key

    async def made_material(self, key: Key, reason: str) -> Material:
        """Return new material for a key; RSA takes a second and a thread."""
        secret = await asyncio.to_thread(new_material, key.spec)
        return Material(self._ids.hex(64), secret, self._clock.now(), reason)

    async def managed_key(self, scope: Scope, service: str) -> Key:
        """Return the key that AWS manages for a service of an account; it is made when it is first needed."""
        name = f"alias/aws/{service}"
        async with self._managed:
            if (alias := self.records.alias(scope, name)) is not None:
                return self.finder.find(scope, alias.name)
            key = Key(
                scope=scope,
                id=self._ids.uuid(),
                created_at=self._clock.now(),
                spec=SYMMETRIC,
                usage="ENCRYPT_DECRYPT",
                origin="AWS_KMS",
                policy=managed_policy(scope, service),
                description=f"Default key that protects my {service} data when no other key is defined",
                manager="AWS",
                rotation_days=365,
                rotates_from=self._clock.now(),
            )
            return await self._add(key, name)

    @operation("DescribeKey", access=on_key())
    async def describe_key(self, context: RequestContext, request: Request) -> dict[str, Any]:
        identifier = request["KeyId"]
        service = identifier.removeprefix("alias/aws/")
        if service != identifier and service in _WITH_KEYS:  # AWS makes its keys when somebody asks for them
            await self.managed_key(context.scope, service)
        return {"KeyMetadata": metadata(self.finder.find(context.scope, identifier))}

    @operation("ListKeys")
    async def list_keys(self, context: RequestContext, request: Request) -> dict[str, Any]:
        if "OTHER_ACCOUNTS_VIA_RAM" in (request.get("ResourceOwners") or ()):
            raise NotImplementedOperation("ListKeys: keys shared through RAM are not implemented.")
        page = cut(
            self.records.keys(context.scope), request, key=lambda key: key.id, listing="keys", otherwise=100
        )
        return answer(page, Keys=[{"KeyId": key.id, "KeyArn": key.arn} for key in page.items])

    @operation("UpdateKeyDescription", access=on_key())
    async def update_key_description(self, context: RequestContext, request: Request) -> None:
        await self._change(context, request, lambda key: key.with_(description=request["Description"]))

    @operation("EnableKey", access=on_key())
    async def enable_key(self, context: RequestContext, request: Request) -> None:
        await self._change(context, request, lambda key: key.with_(enabled=True))

    @operation("DisableKey", access=on_key())
    async def disable_key(self, context: RequestContext, request: Request) -> None:
        await self._change(context, request, lambda key: key.with_(enabled=False))

    async def _change(self, context: RequestContext, request: Request, change: Callable[[Key], Key]) -> Key:
        """Change the key that a request names, unless it is about to be deleted."""

        def changed(key: Key) -> Key:
            require_alive(key)
            return change(key)

        return await self.records.change(self.finder.find(context.scope, request["KeyId"]), changed)

    @operation("ScheduleKeyDeletion", access=on_key())
    async def schedule_key_deletion(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Plan a key's end; until then it cannot be used.

        Raises:
            ValidationException: A window outside of 7 to 30 days.
            KMSInvalidStateException: It is planned already.
        """
        require_alive(self.finder.find(context.scope, request["KeyId"]))
        days = request.get("PendingWindowInDays", _DEFAULT_WINDOW_DAYS)
        if not _MIN_WINDOW_DAYS <= days <= _MAX_WINDOW_DAYS:
            raise ValidationException(
                f"1 validation error detected: Value '{days}' at 'pendingWindowInDays' failed to satisfy "
                f"constraint: Member must have value between {_MIN_WINDOW_DAYS} and {_MAX_WINDOW_DAYS}"
            )
        at = self._clock.now() + timedelta(days=days)
        key = await self._change(
            context,
            request,
            lambda key: key.with_(deletion_at=at, deletion_window_days=days, enabled=False),
        )
        return {
            "KeyId": key.arn,
            "DeletionDate": key.deletion_at,
            "KeyState": PENDING_DELETION,
            "PendingWindowInDays": days,
        }

    @operation("CancelKeyDeletion", access=on_key())
    async def cancel_key_deletion(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self.finder.find(context.scope, request["KeyId"])
        await self.records.change(key, _kept)
        return {"KeyId": key.arn}


def _kept(key: Key) -> Key:
    if key.deletion_at is None:
        raise KMSInvalidStateException(f"{key.arn} is not pending deletion.")
    # It stays disabled, as on AWS.
    return key.with_(deletion_at=None, deletion_window_days=None)
