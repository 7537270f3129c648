"""One simulation: who is simulated with which policies, and what the evaluator says to each action.

Source: https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulateCustomPolicy.html
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.api.bounded.budget import spend
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request
from sagehen.api.pagination import page_read, sought
from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.policies import PolicyKind
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.listing import DEFAULT_ITEMS, answer
from sagehen.services.iam.errors import InvalidInput, MalformedPolicyDocument, invalid_marker
from sagehen.services.iam.evaluation.compiled import CompiledPolicy, CompiledStatement, compile_policy
from sagehen.services.iam.evaluation.conditions import RequestKeys
from sagehen.services.iam.evaluation.evaluator import Policies, evaluate
from sagehen.services.iam.grammar.documents import statement_spans
from sagehen.services.iam.policies.records import SourcedPolicy

_LISTING = "simulation"
NOBODY = Principal(PrincipalKind.USER, "arn:aws:iam::123456789012:user/simulated", "123456789012")


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


def simulate(
    request: Request,
    caller: Principal,
    sources: Sequence[SourcedPolicy],
    boundary: str | None,
    keys: dict[str, ConditionValue],
) -> dict[str, Any]:
    """Return the answer of a simulation, one page of it; may take as long as the budget lets it.

    Args:
        request: With ActionNames, and what else the two operations have in common.
        caller: Who is simulated.
        sources: The policies that grant.
        boundary: The caller's permissions boundary, if it has one.
        keys: The condition keys that the caller itself determines.

    Raises:
        InvalidInput: A broken document, an action without a service, a context entry without a name.
        ValidationError: The marker is none of this listing.
        BudgetSpent: The policies take too long to be evaluated.
    """
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


def inputs(request: Request) -> list[SourcedPolicy]:
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
    if resource and not request.get("CallerArn") and caller is NOBODY:
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


def named_caller(request: Request) -> Principal | None:
    """Return the principal of CallerArn, which AWS requires to be a user's."""
    arn = request.get("CallerArn")
    if arn is None:
        return None
    parts = arn.split(":")
    if len(parts) != 6 or not parts[5].startswith("user/"):
        raise InvalidInput(f"Invalid caller ARN: {arn}")
    return Principal(PrincipalKind.USER, arn, parts[4], name=parts[5].rpartition("/")[2])


def principal_of(entity: Entity) -> Principal:
    """Return who a user or a session of a role would be; a group is simulated as a user of its name."""
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


def context_keys_of(sources: Sequence[SourcedPolicy]) -> dict[str, Any]:
    """Return the keys that the policies ask for, sorted; variables count.

    Raises:
        InvalidInput: A document is broken.
        BudgetSpent
    """
    names: set[str] = set()
    for source in sources:
        for statement in _compile(source.document).statements:
            names |= statement.context_keys()
    return {"ContextKeyNames": sorted(names)}
