"""Aliases: names of keys that may be pointed at another key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.services.kms.errors import (
    NotFoundException,
    no_such_alias,
)
from sagehen.services.kms.keys.access import Owner, on_found_key, on_key, request_conditions
from sagehen.services.kms.keys.finding import KeyFinder, require_alive
from sagehen.services.kms.keys.listing import answer, cut
from sagehen.services.kms.keys.records import Alias, KeyRecords

# Documented: KMS API Reference, CreateAlias; the model's pattern would take a colon, too.
_NAME = re.compile(r"alias/[a-zA-Z0-9/_-]+")


def _on_alias(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    """Both the alias and its key have to be allowed."""
    name = request["AliasName"]
    conditions = request_conditions(context.principal.account_id, request)
    yield Access(f"kms:{context.operation}", context.scope.arn("kms", name), conditions)
    if request.get("TargetKeyId"):
        yield from on_key(member="TargetKeyId")(owner, context, request)
    alias = owner.records.alias(context.scope, name)
    key = owner.records.key(alias.key_id) if alias else None
    if key is not None:
        yield on_found_key(owner, context, request, key, f"kms:{context.operation}")


class Aliases:
    """CreateAlias, UpdateAlias, DeleteAlias, ListAliases."""

    def __init__(self, records: KeyRecords, finder: KeyFinder, clock: Clock) -> None:
        self.records = records
        self.finder = finder
        self._clock = clock

    @operation("CreateAlias", access=_on_alias)
    async def create_alias(self, context: RequestContext, request: Request) -> None:
        name = _checked(request["AliasName"])
        key = self._target(context, request["TargetKeyId"])
        now = self._clock.now()
        await self.records.add_alias(Alias(context.scope, name, key, now, now))

    @operation("UpdateAlias", access=_on_alias)
    async def update_alias(self, context: RequestContext, request: Request) -> None:
        """Point an alias at another key of the same kind.

        Raises:
            NotFoundException, KMSInvalidStateException, ValidationException.
        """
        name = _checked(request["AliasName"])
        alias = self.records.alias(context.scope, name)
        if alias is None:
            raise no_such_alias(context.scope.arn("kms", name))
        target = self._target(context, request["TargetKeyId"])
        old, new = self.records.key(alias.key_id), self.records.key(target)
        if (
            old is not None
            and new is not None
            and (old.usage, old.spec == "SYMMETRIC_DEFAULT")
            != (
                new.usage,
                new.spec == "SYMMETRIC_DEFAULT",
            )
        ):
            raise ValidationException(
                f"Alias {alias.arn} cannot be changed from a {old.usage} key to a {new.usage} key."
            )
        await self.records.put_alias(Alias(alias.scope, name, target, alias.created_at, self._clock.now()))

    @operation("DeleteAlias", access=_on_alias)
    async def delete_alias(self, context: RequestContext, request: Request) -> None:
        name = _checked(request["AliasName"])
        alias = self.records.alias(context.scope, name)
        if alias is None:
            raise no_such_alias(context.scope.arn("kms", name))
        await self.records.delete_alias(alias)

    @operation("ListAliases")
    async def list_aliases(self, context: RequestContext, request: Request) -> dict[str, Any]:
        aliases = self.records.aliases(context.scope)
        if identifier := request.get("KeyId"):
            key_id = self.finder.find(context.scope, identifier).id
            aliases = [alias for alias in aliases if alias.key_id == key_id]
        page = cut(
            aliases, request, key=lambda alias: alias.name, listing=f"aliases/{identifier}", otherwise=50
        )
        return answer(
            page,
            Aliases=[
                {
                    "AliasName": alias.name,
                    "AliasArn": alias.arn,
                    "TargetKeyId": alias.key_id,
                    "CreationDate": alias.created_at,
                    "LastUpdatedDate": alias.updated_at,
                }
                for alias in page.items
            ],
        )

    def _target(self, context: RequestContext, identifier: str) -> str:
        if "alias/" in identifier:
            raise ValidationException("Aliases must refer to keys. Not aliases")
        key = self.finder.find(context.scope, identifier)
        if key.scope != context.scope:
            raise NotFoundException(f"Key '{key.arn}' does not exist")
        require_alive(key)
        return key.id


def _checked(name: str) -> str:
    # The first of these is recorded, the others are from memory.
    if not name.startswith("alias/"):
        raise ValidationException(
            'Alias must start with the prefix "alias/". Please see '
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html"
        )
    if name.startswith("alias/aws/"):
        raise ValidationException("Aliases that begin with alias/aws/ are reserved by AWS.")
    if not _NAME.fullmatch(name):
        raise ValidationException(
            f"1 validation error detected: Value '{name}' at 'aliasName' failed to satisfy constraint: "
            "Member must satisfy regular expression pattern: ^alias/[a-zA-Z0-9/_-]+$"
        )
    return name
