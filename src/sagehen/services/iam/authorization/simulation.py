"""The policy simulator, answered by the evaluator that guards the platform itself.

How much there is to evaluate is the caller's choice (documents of 128 kB, actions times resources): it
happens in a thread, a page at a time, and for no longer than `api.bounded.budget` gives it.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from sagehen.api.bounded.budget import BudgetSpent, in_thread, spend
from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.api.pagination import page_read, sought
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.policies import PolicyKind
from sagehen.services.iam.authorization.principal_keys import principal_keys
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.listing import DEFAULT_ITEMS, answer
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import (
    InvalidInput,
    MalformedPolicyDocument,
    NoSuchEntity,
    invalid_marker,
)
from sagehen.services.iam.evaluation.compiled import CompiledPolicy, CompiledStatement, compile_policy
from sagehen.services.iam.evaluation.conditions import RequestKeys
from sagehen.services.iam.evaluation.evaluator import Policies, evaluate
from sagehen.services.iam.grammar.documents import statement_spans
from sagehen.services.iam.policies.records import PolicyRecords, SourcedPolicy

P = ParamSpec("P")
T = TypeVar("T")

_LISTING = "simulation"
_NOBODY = Principal(PrincipalKind.USER, "arn:aws:iam::123456789012:user/simulated", "123456789012")


def _on_source(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    yield Access(f"iam:{context.operation}", request["PolicySourceArn"])


async def _bounded(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return await in_thread(work, *args, **kwargs)
    except BudgetSpent:
        # AWS's PolicyEvaluation would be a 500, which clients try again and again.
        raise InvalidInput("The policies take too long to be evaluated.") from None


@dataclass(frozen=True, slots=True)
class _Case:
    """Who is simulated with which policies.

    Args:
        sources: Each document, compiled, and where its statements stand in it.
    """

    caller: Principal
    sources: Sequence[tuple[SourcedPolicy, CompiledPolicy, Sequence[tuple[int, int]]]]
    policies: Policies
    keys: dict[str, ConditionValue]


class Simulation:
    """SimulatePrincipalPolicy, SimulateCustomPolicy and the questions about context keys."""

    def __init__(self, records: Records) -> None:
        self.records = records
        self._policies = PolicyRecords(records)

    @operation("SimulatePrincipalPolicy", access=_on_source)
    async def simulate_principal_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        entity = self._entity(context, request["PolicySourceArn"])
        sources = [*self._granting(entity), *_inputs(request)]
        boundary = None
        if entity.boundary_arn is not None:
            boundary = self._policies.managed_document(entity.boundary_arn)
        caller = _named_caller(request) or _principal_of(entity)
        keys = principal_keys(caller, entity)
        return await _bounded(_simulate, request, caller, sources, boundary, keys)

    @operation("SimulateCustomPolicy")
    async def simulate_custom_policy(self, context: RequestContext, request: Request) -> dict[str, Any]:
        caller = _named_caller(request)
        keys = principal_keys(caller, None) if caller else {}
        return await _bounded(_simulate, request, caller or _NOBODY, _inputs(request), None, keys)

    @operation("GetContextKeysForPrincipalPolicy", access=_on_source)
    async def get_context_keys_for_principal_policy(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        entity = self._entity(context, request["PolicySourceArn"])
        return await _bounded(_context_keys, [*self._granting(entity), *_inputs(request)])

    @operation("GetContextKeysForCustomPolicy")
    async def get_context_keys_for_custom_policy(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        return await _bounded(_context_keys, _inputs(request))

    def _entity(self, context: RequestContext, arn: str) -> Entity:
        entity = self.records.by_arn(arn)
        kinds = (Kind.USER, Kind.GROUP, Kind.ROLE)
        if entity is None or entity.kind not in kinds or entity.account_id != context.scope.account_id:
            raise NoSuchEntity(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.")
        return entity

    def _granting(self, entity: Entity) -> list[SourcedPolicy]:
        return self._policies.identity_policies(entity)


def _simulate(
    request: Request,
    caller: Principal,
    sources: Sequence[SourcedPolicy],
    boundary: str | None,
    keys: dict[str, ConditionValue],
) -> dict[str, Any]:
    actions, resources = request["ActionNames"], request.get("ResourceArns") or ["*"]
    for action in actions:
        if ":" not in action:
            raise InvalidInput(f"Invalid action: {action}")
    # Each action with each resource, by number: there may be too many of them to be listed.
    limit = request.get("MaxItems", DEFAULT_ITEMS)
    after = sought(request.get("Marker"), (int,), listing=_LISTING, error=invalid_marker)
    start = 0 if after is None else after[0] + 1
    if start < 0:
        raise invalid_marker("")
    numbers = range(start, min(start + limit + 1, len(actions) * len(resources)))
    case = _case(request, caller, sources, boundary, keys)
    page = page_read(numbers, True, limit, key=lambda number: number, listing=_LISTING)
    results = []
    for number in page.items:
        action, resource = divmod(number, len(resources))
        results.append(_result(case, actions[action], resources[resource]))
    return answer(page, EvaluationResults=results)


def _inputs(request: Request) -> list[SourcedPolicy]:
    """Return the policies given in the request itself."""
    if request.get("OrderedOrganizationPolicyInputList") or request.get("PolicyExclusionList"):
        raise NotImplementedOperation("The simulator knows neither organization policies nor exclusions.")
    if request.get("ResourceHandlingOption"):
        raise NotImplementedOperation("The simulator does not know the scenarios of EC2.")
    return [
        SourcedPolicy(f"PolicyInputList.{number}", "none", document)
        for number, document in enumerate(request.get("PolicyInputList") or (), 1)
    ]


def _compile(document: str, kind: PolicyKind = PolicyKind.IDENTITY) -> CompiledPolicy:
    spend(len(document))
    try:
        return compile_policy(document, kind)
    except MalformedPolicyDocument as error:
        raise InvalidInput(error.message) from error


def _case(
    request: Request,
    caller: Principal,
    sources: Sequence[SourcedPolicy],
    boundary: str | None,
    keys: dict[str, ConditionValue],
) -> _Case:
    resource = request.get("ResourcePolicy")
    if resource and not request.get("CallerArn") and caller is _NOBODY:
        raise InvalidInput("A caller ARN is required with a resource policy.")
    boundaries = request.get("PermissionsBoundaryPolicyInputList") or ([boundary] if boundary else [])
    owner = request.get("ResourceOwner", "")
    named = [*sources]
    if resource:
        named.append(SourcedPolicy("ResourcePolicy", "resource", resource))
    given = dict(keys)
    for entry in request.get("ContextEntries") or ():
        if not entry.get("ContextKeyName"):
            raise InvalidInput("Each context entry must have a ContextKeyName.")
        values = tuple(entry.get("ContextKeyValues") or ())
        single = not entry.get("ContextKeyType", "string").endswith("List") and len(values) == 1
        given[entry["ContextKeyName"]] = values[0] if single else values
    policies = Policies(
        identity=tuple(_compile(source.document) for source in sources),
        boundary=_compile(boundaries[0]) if boundaries else None,
        resource=_compile(resource, PolicyKind.RESOURCE) if resource else None,
        resource_account=owner.split(":")[4] if owner.count(":") > 4 else owner,
    )
    return _Case(caller, [_located(source) for source in named], policies, given)


def _located(source: SourcedPolicy) -> tuple[SourcedPolicy, CompiledPolicy, Sequence[tuple[int, int]]]:
    kind = PolicyKind.RESOURCE if source.kind == "resource" else PolicyKind.IDENTITY
    return source, _compile(source.document, kind), statement_spans(source.document)


def _named_caller(request: Request) -> Principal | None:
    """Return the principal of CallerArn, which AWS requires to be a user's."""
    arn = request.get("CallerArn")
    if arn is None:
        return None
    parts = arn.split(":")
    if len(parts) != 6 or not parts[5].startswith("user/"):
        raise InvalidInput(f"Invalid caller ARN: {arn}")
    return Principal(PrincipalKind.USER, arn, parts[4], name=parts[5].rpartition("/")[2])


def _principal_of(entity: Entity) -> Principal:
    if entity.kind is Kind.ROLE:
        return Principal(
            PrincipalKind.ASSUMED_ROLE,
            f"arn:aws:sts::{entity.account_id}:assumed-role/{entity.name}/simulated",
            entity.account_id,
            user_id=f"{entity.unique_id}:simulated",
            name=entity.name,
            role_arn=entity.arn,
        )
    return Principal(PrincipalKind.USER, entity.arn, entity.account_id, entity.unique_id, entity.name)


def _result(case: _Case, action: str, resource: str) -> dict[str, Any]:
    keys = RequestKeys(case.keys)
    spend(sum(len(policy.statements) for _, policy, _ in case.sources))
    decision = evaluate(case.caller, Access(action, resource), keys, case.policies)
    verdict = "allowed" if decision.allowed else "explicitDeny" if decision.explicit else "implicitDeny"
    common: dict[str, Any] = {
        "MatchedStatements": _matched(case, decision.matched),
        "MissingContextValues": _missing(case, action, resource, keys),
    }
    if case.policies.boundary is not None:
        detail = {"AllowedByPermissionsBoundary": decision.boundary_allows}
        common["PermissionsBoundaryDecisionDetail"] = detail
    result = {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": verdict, **common}
    if resource != "*":
        specific = {"EvalResourceName": resource, "EvalResourceDecision": verdict, **common}
        result["ResourceSpecificResults"] = [specific]
    return result


def _matched(case: _Case, statements: Sequence[CompiledStatement]) -> list[dict[str, Any]]:
    """Return where each statement that applied stands in its document."""
    found, applying = [], set(statements)
    for source, policy, spans in case.sources:
        for statement in policy.statements:
            if statement not in applying:
                continue
            spend()
            start, end = spans[statement.index]
            found.append(
                {
                    "SourcePolicyId": source.source_id,
                    "SourcePolicyType": source.kind,
                    "StartPosition": _position(source.document, start),
                    "EndPosition": _position(source.document, end),
                }
            )
    return found


def _position(text: str, offset: int) -> dict[str, int]:
    return {
        "Line": text.count("\n", 0, offset) + 1,
        "Column": offset - (text.rfind("\n", 0, offset) + 1) + 1,
    }


def _missing(case: _Case, action: str, resource: str, keys: RequestKeys) -> list[str]:
    """Return the context keys that decided for want of a value."""
    missing: set[str] = set()
    for _, policy, _ in case.sources:
        for statement in policy.for_action(action):
            if statement.covers_resource(resource, keys):
                absent = (key for key in statement.context_keys() if keys.values(key.lower()) is None)
                missing.update(absent)
    return sorted(missing)


def _context_keys(sources: Sequence[SourcedPolicy]) -> dict[str, Any]:
    names: set[str] = set()
    for source in sources:
        for statement in _compile(source.document).statements:
            names |= statement.context_keys()
    return {"ContextKeyNames": sorted(names)}
