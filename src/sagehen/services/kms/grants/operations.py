"""The operations on grants."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ServiceError, ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.policies import PolicyFault, PolicyKind
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.services.kms.errors import (
    InvalidArnException,
    InvalidGrantIdException,
    InvalidGrantTokenException,
    LimitExceededException,
    NotFoundException,
    dry_run,
)
from sagehen.services.kms.grants.access import checked_constraints, on_creation, on_grants, on_retirement
from sagehen.services.kms.grants.grant import Grant, statements
from sagehen.services.kms.grants.records import GrantRecords
from sagehen.services.kms.keys.finding import KeyFinder, require_alive, require_enabled
from sagehen.services.kms.keys.listing import answer, cut
from sagehen.services.kms.keys.records import KeyRecords

# Of one key. Documented: KMS Developer Guide, Resource quotas.
_MAX_GRANTS = 50_000
# The sentences of refusals are from memory, here and in `access`.


class Grants:
    """CreateGrant, ListGrants, ListRetirableGrants, RetireGrant, RevokeGrant."""

    def __init__(
        self,
        records: KeyRecords,
        finder: KeyFinder,
        grants: GrantRecords,
        documents: ResourceDocuments,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self.records = records
        self.finder = finder
        self._grants = grants
        self._documents = documents
        self._clock = clock
        self._ids = ids

    @operation("CreateGrant", access=on_creation)
    async def create_grant(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Give rights on a key.

        Raises:
            InvalidArnException: A principal that does not exist.
            NotImplementedOperation: Services of AWS as principals; constraints to what they act for.
            LimitExceededException, NotFoundException, DisabledException, KMSInvalidStateException.
        """
        key = self.finder.find(context.scope, request["KeyId"])
        require_enabled(key)
        constraints = checked_constraints(request)
        operations = tuple(request["Operations"])
        grants = self._grants.of_key(key.id)
        for grant in grants:  # the same grant by the same name is the same grant
            if request.get("Name") and (grant.name, grant.grantee, grant.operations, grant.constraints) == (
                request["Name"],
                request["GranteePrincipal"],
                operations,
                constraints,
            ):
                return {"GrantToken": grant.token, "GrantId": grant.id}
        if len(grants) >= _MAX_GRANTS:
            raise LimitExceededException(f"{key.arn} has {_MAX_GRANTS} grants.")
        grantee, retiring = request["GranteePrincipal"], request.get("RetiringPrincipal", "")
        self._unique_id(grantee)
        bound = self._bound(request["GranteePrincipal"], operations, constraints)
        named = [*([retiring] if retiring else []), *([grantee] if "RetireGrant" in operations else [])]
        retirers = tuple(self._unique_id(each) for each in named)
        if request.get("DryRun"):
            raise dry_run()
        grant = Grant(
            id=self._ids.hex(64),
            token=self._ids.hex(128),
            key_id=key.id,
            created_at=self._clock.now().timestamp(),
            grantee=request["GranteePrincipal"],
            retiring=retiring,
            account_id=context.scope.account_id,
            operations=operations,
            constraints=constraints,
            name=request.get("Name", ""),
            statements=bound,
            retirers=retirers,
        )
        await self._grants.add(grant)
        return {"GrantToken": grant.token, "GrantId": grant.id}

    @operation("ListGrants", access=on_grants)
    async def list_grants(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self.finder.find(context.scope, request["KeyId"])
        require_alive(key)
        grants = [
            grant
            for grant in self._grants.of_key(key.id)
            if request.get("GrantId") in (None, grant.id)
            and request.get("GranteePrincipal") in (None, grant.grantee)
            and not request.get("GranteeServicePrincipal")  # none is for such
        ]
        return self._page(grants, request, f"grants/{key.id}")

    @operation("ListRetirableGrants")
    async def list_retirable_grants(self, context: RequestContext, request: Request) -> dict[str, Any]:
        wanted = request.get("RetiringPrincipal", "")
        if not wanted and not request.get("RetiringServicePrincipal"):
            raise ValidationException("Must specify either RetiringPrincipal or RetiringServicePrincipal.")
        grants = [
            grant
            for grant in self._grants.every()
            if wanted and grant.retiring == wanted and grant.account_id == context.scope.account_id
        ]
        return self._page(grants, request, f"retirable/{wanted}")

    @operation("RevokeGrant", access=on_grants)
    async def revoke_grant(self, context: RequestContext, request: Request) -> None:
        key = self.finder.find(context.scope, request["KeyId"])
        require_alive(key)
        grant = self._of_key(key.id, request["GrantId"])
        if request.get("DryRun"):
            raise dry_run()
        await self._grants.delete(grant)

    @operation("RetireGrant", access=on_retirement)
    async def retire_grant(self, context: RequestContext, request: Request) -> None:
        grant = self.requested(context, request)
        if request.get("DryRun"):
            raise dry_run()
        await self._grants.delete(grant)

    def requested(self, context: RequestContext, request: Request) -> Grant:
        """Return the grant that RetireGrant means.

        Raises:
            InvalidGrantTokenException, InvalidGrantIdException, ValidationException, NotFoundException.
        """
        if token := request.get("GrantToken"):
            grant = self._grants.by_token(token)
            if grant is None:
                raise InvalidGrantTokenException("Grant token is invalid.")
            return grant
        if not request.get("KeyId") or not request.get("GrantId"):
            raise ValidationException("Must specify either GrantToken, or KeyId and GrantId.")
        return self._of_key(self.finder.find(context.scope, request["KeyId"]).id, request["GrantId"])

    def _of_key(self, key_id: str, grant_id: str) -> Grant:
        for grant in self._grants.of_key(key_id):
            if grant.id == grant_id:
                return grant
        raise (
            NotFoundException(f"Grant ID {grant_id} not found")
            if len(grant_id) == 64
            else InvalidGrantIdException("Invalid grant ID")
        )

    def _bound(
        self, principal: str, operations: tuple[str, ...], constraints: dict[str, dict[str, str]]
    ) -> list[dict[str, Any]]:
        return self._stored(principal, statements(principal, operations, constraints))

    def _unique_id(self, principal: str) -> str:
        statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "kms:*", "Resource": "*"}
        found: str = self._stored(principal, [statement])[0]["Principal"]["AWS"]
        return found

    def _stored(self, principal: str, made: list[dict[str, Any]]) -> list[dict[str, Any]]:
        if not made:
            return []
        try:
            document = {"Version": "2012-10-17", "Statement": made}
            stored = self._documents.stored(json.dumps(document), PolicyKind.RESOURCE)
        except (PolicyFault, ServiceError):
            raise InvalidArnException(f"Invalid ARN: {principal}") from None
        bound: list[dict[str, Any]] = json.loads(stored)["Statement"]
        return bound

    def _page(self, grants: list[Grant], request: Request, listing: str) -> dict[str, Any]:
        page = cut(grants, request, key=lambda grant: grant.id, listing=listing, otherwise=50)
        return answer(page, Grants=[self._entry(grant) for grant in page.items])

    def _entry(self, grant: Grant) -> dict[str, Any]:
        key = self.records.key(grant.key_id)
        return {
            "KeyId": key.arn if key else grant.key_id,
            "GrantId": grant.id,
            "Name": grant.name or None,
            "CreationDate": datetime.fromtimestamp(grant.created_at, UTC),
            "GranteePrincipal": grant.grantee,
            "RetiringPrincipal": grant.retiring or None,
            "IssuingAccount": f"arn:aws:iam::{grant.account_id}:root",
            "Operations": list(grant.operations),
            "Constraints": grant.constraints or None,
        }
