"""What providers of both kinds have in common: rows found by their ARN, and their tags."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import NoSuchEntity
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords, Stored
from sagehen.services.iam.objects.tags import Replacement, tag_page, tagging, untagging


class Providers:
    """Providers of one kind, as requests name them.

    Args:
        records: Where they are.
        kind: OIDC or SAML.
        member: Of requests: the one with the ARN.
        missing: The refusal of an ARN that is none; AWS words it by the kind.
    """

    def __init__(
        self, records: Records, kind: ObjectKind, member: str, missing: Callable[[str], NoSuchEntity]
    ) -> None:
        self._objects = ObjectRecords(records)
        self._kind = kind
        self._member = member
        self._missing = missing

    def find(self, context: RequestContext, request: Request) -> Stored:
        """Return the provider that a request names.

        Raises:
            NoSuchEntity: It is none of the caller's account.
        """
        arn = request[self._member]
        stored = self._objects.find(context.scope.account_id, self._kind, arn)
        if stored is None:
            raise self._missing(arn)
        return stored

    async def change(self, context: RequestContext, request: Request, replacement: Replacement) -> None:
        """Replace the provider by what `replacement` makes of it as it is by then.

        Raises:
            NoSuchEntity: It is none, or was deleted meanwhile.
        """
        stored = self.find(context, request)
        await self._objects.change(stored, replacement, self._missing(stored.name))

    async def tag(self, context: RequestContext, request: Request) -> None:
        """Answer a Tag… operation.

        Raises:
            NoSuchEntity, InvalidInput, LimitExceeded
        """
        await self.change(context, request, tagging(request))

    async def untag(self, context: RequestContext, request: Request) -> None:
        """Answer an Untag… operation.

        Raises:
            NoSuchEntity
        """
        await self.change(context, request, untagging(request))

    def tags(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Answer a List…Tags operation.

        Raises:
            NoSuchEntity, ValidationError
        """
        return tag_page(self.find(context, request), request)
