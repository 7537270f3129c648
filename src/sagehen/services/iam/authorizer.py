"""PolicyAuthorizer: the evaluator applied to what is stored; domain.ports.Authorizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from sagehen.domain.access import Access, AccessDenied, ConditionValue
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ports import ResourcePolicies
from sagehen.services.iam.compiled_policy import CompiledPolicy, compile_policy
from sagehen.services.iam.conditions import RequestKeys
from sagehen.services.iam.denial import denial_text
from sagehen.services.iam.entity import Entity, Kind
from sagehen.services.iam.errors import MalformedPolicyDocument
from sagehen.services.iam.last_used import LastUsed, Use
from sagehen.services.iam.policy_document import DocumentKind, parse_policy
from sagehen.services.iam.policy_evaluator import Decision, Policies, evaluate
from sagehen.services.iam.policy_records import PolicyRecords
from sagehen.services.iam.principal_keys import principal_keys
from sagehen.services.iam.records import Records

# Nobody passes a trust policy on the strength of an identity policy alone.
_TRUST_ACTIONS = frozenset(("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"))
# Bounds of memory; past them a cache simply starts again.
_CALLERS_REMEMBERED = 4096
_DECISIONS_REMEMBERED = 2048
_ALLOWS_NOTHING = CompiledPolicy(())


@dataclass(slots=True)
class _Caller:
    """What is known of a principal as long as no IAM record changes."""

    policies: Policies
    keys: dict[str, ConditionValue]
    decisions: dict[tuple[str, str, str | None, str], Decision] = field(default_factory=dict)


class PolicyAuthorizer:
    """Decides with the policies of users, groups, roles, sessions and resources.

    Decisions that no condition key could change are remembered per caller; any change to IAM's
    records forgets them all.

    Attributes:
        resource_policies: By the service segment of ARNs (`s3`, `lambda`, `execute-api`); `app`
            adds those of other services after construction.
        last_used: Dates of keys and roles.
    """

    def __init__(self, records: Records, clock: Clock) -> None:
        self.resource_policies: dict[str, ResourcePolicies] = {}
        self.last_used = LastUsed()
        self._records = records
        self._policies = PolicyRecords(records)
        self._clock = clock
        self._callers: dict[tuple[Any, ...], _Caller] = {}
        self._generation = -1

    def authorize(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> None:
        decision = self.decide(principal, access, environment)
        if principal.access_key_id or principal.kind is PrincipalKind.ASSUMED_ROLE:
            region = environment.get("aws:RequestedRegion", "us-east-1")
            service = access.action.partition(":")[0]
            self.last_used.note(principal, Use(self._clock.now(), service, str(region)))
        if not decision.allowed:
            raise AccessDenied(denial_text(principal, access, decision))

    def is_allowed(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> bool:
        return self.decide(principal, access, environment).allowed

    def decide(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> Decision:
        """Return the decision with its reason."""
        caller = self._caller(principal)
        document, account = self._resource_side(access.resource)
        # The owner is part of it: a bucket's name may pass to another account.
        key = (access.action, access.resource, document, account)
        decision = caller.decisions.get(key)
        if decision is None:
            policies = caller.policies
            foreign = account not in ("", principal.account_id)
            if document is not None or foreign or access.action in _TRUST_ACTIONS:
                policies = self._with_resource(policies, access, document, account)
            keys = RequestKeys(environment, access.conditions, self._resource_keys(account), caller.keys)
            decision = evaluate(principal, access, keys, policies)
            if not decision.contextual:
                if len(caller.decisions) >= _DECISIONS_REMEMBERED:
                    caller.decisions.clear()
                caller.decisions[key] = decision
        return decision

    @staticmethod
    def evaluate_document(
        document: str, access: Access, environment: Mapping[str, ConditionValue]
    ) -> bool | None:
        """Evaluate a document that belongs to no entity, such as a Lambda authorizer's answer.

        Returns:
            True for an Allow, False for a Deny, None where it says nothing about `access`.

        Raises:
            ValueError: It breaks the grammar of identity policies.
        """
        try:
            policy = compile_policy(document)
        except MalformedPolicyDocument as error:
            raise ValueError(error.message) from None
        keys = RequestKeys(environment, access.conditions)
        applying = [
            statement
            for statement in policy.for_action(access.action)
            if statement.applies(access.resource, keys)
        ]
        if not applying:
            return None
        return not any(statement.deny for statement in applying)

    @staticmethod
    def fault_of_resource_policy(document: str) -> str | None:
        """Return AWS's text of what is wrong with a resource policy, or None.

        For the services that store such policies; the code is theirs (S3: `MalformedPolicy`).
        """
        try:
            parse_policy(document, DocumentKind.RESOURCE)
        except MalformedPolicyDocument as error:
            return error.message
        return None

    # --- the resource's side ----------------------------------------------------------------

    def _resource_side(self, resource: str) -> tuple[str | None, str]:
        """Return (policy document, owning account or '')."""
        parts = resource.split(":", 5)
        if len(parts) != 6:
            return None, ""
        source = self.resource_policies.get(parts[2])
        if source is None:
            return None, parts[4]
        account = parts[4] or source.resource_owner(resource) or ""
        return source.resource_policy(resource), account

    @staticmethod
    def _with_resource(policies: Policies, access: Access, document: str | None, account: str) -> Policies:
        trust = access.action in _TRUST_ACTIONS
        kind = DocumentKind.TRUST if trust or ":role/" in access.resource else DocumentKind.RESOURCE
        return replace(
            policies,
            resource=None if document is None else compile_policy(document, kind),
            resource_account=account if account.isdigit() else "",
            resource_must_allow=trust,
        )

    @staticmethod
    def _resource_keys(account: str) -> dict[str, ConditionValue]:
        return {"aws:ResourceAccount": account} if account else {}

    # --- the caller's side ------------------------------------------------------------------

    def _caller(self, principal: Principal) -> _Caller:
        if self._generation != self._records.generation or len(self._callers) >= _CALLERS_REMEMBERED:
            self._callers.clear()
            self._generation = self._records.generation
        # Two sessions of one name differ in policies, tags or at least in their key.
        key = (
            principal.arn,
            principal.user_id,
            principal.access_key_id,
            principal.issued_at,
            principal.session_policies,
        )
        caller = self._callers.get(key)
        if caller is None:
            entity = self._entity(principal)
            caller = _Caller(self._caller_policies(principal, entity), principal_keys(principal, entity))
            self._callers[key] = caller
        return caller

    def _entity(self, principal: Principal) -> Entity | None:
        """Return the user or role whose policies count, by unique id: a namesake has no part in it."""
        if principal.kind in (PrincipalKind.USER, PrincipalKind.ASSUMED_ROLE):
            return self._records.by_id(principal.user_id.partition(":")[0])
        if principal.kind is PrincipalKind.FEDERATED_USER and principal.name:
            return self._records.find(principal.account_id, Kind.USER, principal.name)
        return None

    def _caller_policies(self, principal: Principal, entity: Entity | None) -> Policies:
        session = None
        if principal.session_policies:
            session = tuple(compile_policy(document) for document in principal.session_policies)
        elif principal.kind is PrincipalKind.FEDERATED_USER:
            session = ()  # a federated user without a session policy has no rights of its own
        if entity is None:
            return Policies(session=session)
        return Policies(
            identity=tuple(
                compile_policy(policy.document) for policy in self._policies.identity_policies(entity)
            ),
            boundary=self._boundary(entity),
            session=session,
        )

    def _boundary(self, entity: Entity) -> CompiledPolicy | None:
        if entity.boundary_arn is None:
            return None
        # A boundary whose policy is gone allows nothing.
        document = self._policies.managed_document(entity.boundary_arn)
        return _ALLOWS_NOTHING if document is None else compile_policy(document)
