"""The operations on grants."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ServiceError, ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.policies import PolicyFault, PolicyKind
from sagehen.domain.ports.resource_policies import ResourceDocuments
from sagehen.services.kms.errors import (
    DryRunOperationException,
    InvalidArnException,
    InvalidGrantIdException,
    InvalidGrantTokenException,
    LimitExceededException,
    NotFoundException,
)
from sagehen.services.kms.grants.grant import Grant, statements
from sagehen.services.kms.grants.records import GrantRecords
from sagehen.services.kms.keys.access import Owner, context_conditions, on_found_key, on_key
from sagehen.services.kms.keys.finding import KeyFinder, require_alive, require_enabled
from sagehen.services.kms.keys.listing import answer, cut
from sagehen.services.kms.keys.records import KeyRecords

# Of one key. Documented: KMS Developer Guide, Resource quotas.
_MAX_GRANTS = 50_000
# The texts of refusals are from memory throughout.
_CONTEXTS = ("EncryptionContextEquals", "EncryptionContextSubset")


def _creation(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    for access in on_key()(owner, context, request):
        conditions: dict[str, ConditionValue] = {
            **access.conditions,
            "kms:GranteePrincipal": request.get("GranteePrincipal", ""),
            "kms:GrantOperations": tuple(request["Operations"]),
            "kms:GrantIsForAWSResource": "false",
        }
        if retiring := request.get("RetiringPrincipal"):
            conditions["kms:RetiringPrincipal"] = retiring
        conditions |= _constraint_conditions(request.get("Constraints") or {})
        yield Access(access.action, access.resource, conditions)


def _constraint_conditions(constraints: Mapping[str, Mapping[str, str]]) -> dict[str, ConditionValue]:
    """Return the condition keys of what a grant is constrained to."""
    kinds = {kind: context for kind, context in constraints.items() if kind in _CONTEXTS}
    if not kinds:
        return {}
    contexts = {name: value for context in kinds.values() for name, value in context.items()}
    return {"kms:GrantConstraintType": tuple(kinds), **context_conditions(contexts)}


def _checked_constraints(request: Request) -> dict[str, Any]:
    """Return the constraints of a grant whose every member has its effect here.

    Raises:
        NotImplementedOperation, ValidationException.
    """
    constraints = {kind: value for kind, value in (request.get("Constraints") or {}).items() if value}
    if "SourceArn" in constraints:
        raise NotImplementedOperation("CreateGrant: constraints by SourceArn are not implemented.")
    for member in ("GranteeServicePrincipal", "RetiringServicePrincipal"):
        if request.get(member):
            raise NotImplementedOperation(f"CreateGrant: {member} is not implemented.")
    if not request.get("GranteePrincipal"):
        raise ValidationException("Must specify either GranteePrincipal or GranteeServicePrincipal.")
    return constraints


def _on_grants(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    """No grant here is for a service of AWS."""
    for access in on_key()(owner, context, request):
        yield replace(access, conditions={**access.conditions, "kms:GrantIsForAWSResource": "false"})


def _retirement(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Who is named to retire a grant needs no other right; nor has who is called as he was."""
    grant = owner.requested(context, request)
    principal = context.principal
    if {principal.arn, principal.user_id.partition(":")[0]} & set(grant.retirers):
        return
    key = owner.records.key(grant.key_id)
    access = on_found_key(owner, context, request, key, "kms:RetireGrant")
    yield replace(access, conditions={**access.conditions, **_constraint_conditions(grant.constraints)})


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

    @operation("CreateGrant", access=_creation)
    async def create_grant(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Give rights on a key.

        Raises:
            InvalidArnException: A principal that does not exist.
            NotImplementedOperation: Services of AWS as principals; constraints to what they act for.
            LimitExceededException, NotFoundException, DisabledException, KMSInvalidStateException.
        """
        key = self.finder.find(context.scope, request["KeyId"])
        require_enabled(key)
        constraints = _checked_constraints(request)
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

    @operation("ListGrants", access=_on_grants)
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

    @operation("RevokeGrant", access=_on_grants)
    async def revoke_grant(self, context: RequestContext, request: Request) -> None:
        key = self.finder.find(context.scope, request["KeyId"])
        require_alive(key)
        grant = self._of_key(key.id, request["GrantId"])
        if request.get("DryRun"):
            raise dry_run()
        await self._grants.delete(grant)

    @operation("RetireGrant", access=_retirement)
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


def dry_run() -> DryRunOperationException:
    """Return what AWS answers to a dry run that would have succeeded; it is raised after every check."""
    return DryRunOperationException("The request would have succeeded, but the DryRun option is set.")
