"""The policy simulator, answered by the evaluator that guards the platform itself.

How much there is to evaluate is the caller's choice (documents of 128 kB, actions times resources): it
happens in a thread, a page at a time, and for no longer than `api.bounded.budget` gives it.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, ParamSpec, TypeVar

from sagehen.api.bounded.budget import BudgetSpent, in_thread
from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.access import Access
from sagehen.services.iam.authorization.principal_keys import principal_keys
from sagehen.services.iam.authorization.simulated import (
    NOBODY,
    context_keys_of,
    inputs,
    named_caller,
    principal_of,
    simulate,
)
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import (
    InvalidInput,
    NoSuchEntity,
)
from sagehen.services.iam.policies.records import PolicyRecords, SourcedPolicy

P = ParamSpec("P")
T = TypeVar("T")


def _on_source(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    yield Access(f"iam:{context.operation}", request["PolicySourceArn"])


async def _bounded(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return await in_thread(work, *args, **kwargs)
    except BudgetSpent:
        # AWS's PolicyEvaluation would be a 500, which clients try again and again.
        raise InvalidInput("The policies take too long to be evaluated.") from None


class Simulation:
    """SimulatePrincipalPolicy, SimulateCustomPolicy and the questions about context keys."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._policies = PolicyRecords(records)

    @operation("SimulatePrincipalPolicy", access=_on_source)
    async def simulate_principal_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        entity = self._entity(context, request["PolicySourceArn"])
        sources = [*self._granting(entity), *inputs(request)]
        boundary = None
        if entity.boundary_arn is not None:
            boundary = self._policies.managed_document(entity.boundary_arn)
        caller = named_caller(request) or principal_of(entity)
        keys = principal_keys(caller, entity)
        return await _bounded(simulate, request, caller, sources, boundary, keys)

    @operation("SimulateCustomPolicy")
    async def simulate_custom_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        caller = named_caller(request)
        keys = principal_keys(caller, None) if caller else {}
        return await _bounded(simulate, request, caller or NOBODY, inputs(request), None, keys)

    @operation("GetContextKeysForPrincipalPolicy", access=_on_source)
    async def get_context_keys_for_principal_policy(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        entity = self._entity(context, request["PolicySourceArn"])
        return await _bounded(context_keys_of, [*self._granting(entity), *inputs(request)])

    @operation("GetContextKeysForCustomPolicy")
    async def get_context_keys_for_custom_policy(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        return await _bounded(context_keys_of, inputs(request))

    def _entity(self, context: RequestContext, arn: str) -> Entity:
        entity = self.records.by_arn(arn)
        kinds = (Kind.USER, Kind.GROUP, Kind.ROLE)
        if entity is None or entity.kind not in kinds or entity.account_id != context.scope.account_id:
            raise NoSuchEntity(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
        return entity

    def _granting(self, entity: Entity) -> list[SourcedPolicy]:
        return self._policies.identity_policies(entity)
