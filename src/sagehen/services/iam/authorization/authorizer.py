"""PolicyAuthorizer: the evaluator applied to what is stored; the port Authorizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from sagehen.domain.access import Access, AccessDenied, AclGrant, ConditionValue
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.policies import PolicyKind
from sagehen.domain.ports.identity.resource_policies import ResourcePolicies, ResourceTags
from sagehen.services.iam.authorization.action_keys import conditions_of, resource_tag_keys
from sagehen.services.iam.authorization.encoded import EncodedMessages
from sagehen.services.iam.authorization.journal import Journal
from sagehen.services.iam.authorization.principal_keys import mfa_keys, principal_keys
from sagehen.services.iam.credentials.password_policy import account_grant
from sagehen.services.iam.entities.entity import Entity
from sagehen.services.iam.entities.last_used import LastUsed, Use
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import MalformedPolicyDocument
from sagehen.services.iam.evaluation.compiled import CompiledPolicy, compile_policy, readable_policy
from sagehen.services.iam.evaluation.conditions import RequestKeys
from sagehen.services.iam.evaluation.denial import denial_text
from sagehen.services.iam.evaluation.evaluator import Decision, Policies, PolicySource, evaluate
from sagehen.services.iam.evaluation.session_limits import is_bound, refusal
from sagehen.services.iam.policies.records import PolicyRecords

# By the service segment of the resource's ARN; policies of all others are one kind.
_KINDS = {"iam": PolicyKind.TRUST, "s3": PolicyKind.BUCKET}
# Nobody passes a trust policy on the strength of an identity policy alone.
_TRUST_ACTIONS = frozenset(("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"))
# Bounds of memory; past them a cache simply starts again.
_CALLERS_REMEMBERED = 4096
_DECISIONS_REMEMBERED = 2048
# In characters: no policy that AWS takes is longer than a key's (32 kB).
_MAX_FOREIGN_DOCUMENT = 32 * 1024
_ALLOWS_NOTHING = CompiledPolicy(())
_ALLOWS_EVERYTHING = compile_policy(
    '{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"*","Resource":"*"}}'
)
# A session whose user or role is gone: no policy has a say any more, of the resource neither.
_GONE = Decision(False, False, PolicySource.IDENTITY, (), contextual=False)


@dataclass(slots=True)
class _Caller:
    """What is known of a principal as long as no IAM record changes."""

    policies: Policies
    keys: dict[str, ConditionValue]
    gone: bool = False
    decisions: dict[tuple[str, str, str | None, str, AclGrant], Decision] = field(default_factory=dict)


class PolicyAuthorizer:
    """Decides with the policies of users, groups, roles, sessions and resources.

    Decisions that no condition key could change are remembered per caller; any change to IAM's
    records forgets them all.

    Attributes:
        resource_policies: By the service segment of ARNs (`s3`, `lambda`, `execute-api`); `app`
            adds those of other services after construction.
        resource_tags: By the service segment of ARNs, too: what `aws:ResourceTag/…` is.
        last_used: Dates of keys and roles.
        encoded: What EC2's refusals say besides.
        journal: What was refused, and what was called.
    """

    def __init__(self, records: Records, clock: Clock) -> None:
        self.resource_policies: dict[str, ResourcePolicies] = {}
        self.resource_tags: dict[str, ResourceTags] = {}
        self.last_used = LastUsed()
        self.encoded = EncodedMessages()
        self.journal = Journal(clock.now())
        self._records = records
        self._policies = PolicyRecords(records)
        self._clock = clock
        self._callers: dict[tuple[Any, ...], _Caller] = {}
        self._generation = -1

    def authorize(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> None:
        """Let an operation pass, and note that the caller's key or role was used, or refuse it.

        Args:
            principal: Who asks.
            access: The action, the resource and the action's own condition keys.
            environment: The request's global condition keys.

        Raises:
            AccessDenied: In the words of the action's service (`evaluation.denial`).
            InvalidClientTokenId: This kind of session never may do this (`evaluation.session_limits`).
        """
        if (error := refusal(principal, access.action)) is not None:
            raise error
        decision = self.decide(principal, access, environment)
        now = self._clock.now()
        if principal.access_key_id or principal.kind is PrincipalKind.ASSUMED_ROLE:
            region = environment.get("aws:RequestedRegion", "us-east-1")
            service = access.action.partition(":")[0]
            self.last_used.note(principal, Use(now, service, str(region)))
        if decision.allowed:
            self.journal.note_call(principal, access, now)
        else:
            text = denial_text(principal, access, decision)
            # Of what only describes EC2 tells no more (from memory).
            if access.action.startswith("ec2:") and access.resource != "*":
                encoded = self.encoded.encode(principal, access, environment, decision)
                text = f"{text}. Encoded authorization failure message: {encoded}"
            self.journal.note_refusal(principal, access, decision, text, now)
            raise AccessDenied(text)

    def is_allowed(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> bool:
        """Tell the same as `authorize`, without a trace: no date of use is noted."""
        if refusal(principal, access.action) is not None:
            return False
        return self.decide(principal, access, environment).allowed

    def decide(
        self, principal: Principal, access: Access, environment: Mapping[str, ConditionValue]
    ) -> Decision:
        """Return the decision with its reason."""
        caller = self._caller(principal)
        if caller.gone:
            return _GONE
        document, account = self._resource_side(access.resource)
        # The owner is part of it: a bucket's name may pass to another account.
        key = (access.action, access.resource, document, account, access.acl)
        decision = caller.decisions.get(key)
        if decision is None:
            policies = caller.policies
            foreign = account not in ("", principal.account_id)
            if document is not None or foreign or access.action in _TRUST_ACTIONS:
                policies = self._with_resource(policies, access, document, account)
            keys = RequestKeys(
                environment,
                partial(self._resource_tags, access),
                conditions_of(access),
                self._resource_keys(account),
                caller.keys,
                mfa_keys(principal, self._clock.now()),
            )
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
            ValueError: It breaks the grammar of identity policies, or is longer than any of AWS's.
        """
        if len(document) > _MAX_FOREIGN_DOCUMENT:
            raise ValueError(f"it is longer than {_MAX_FOREIGN_DOCUMENT} characters")
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
        # A key policy, too, must say something: without its word the account's policies count for nothing.
        trust = access.action in _TRUST_ACTIONS or (document is not None and access.action.startswith("kms:"))
        resource = None
        if document is not None:
            # By the service alone: an object's key may hold `:role/` as well.
            kind = _KINDS.get(access.resource.split(":", 3)[2], PolicyKind.RESOURCE)
            resource = readable_policy(document, kind)
        return replace(
            policies,
            resource=resource,
            resource_account=account if account.isdigit() else "",
            resource_must_allow=trust,
        )

    def _resource_tags(self, access: Access) -> dict[str, ConditionValue]:
        """Return the keys of the resource's tags where the action has such keys."""
        segments = access.resource.split(":", 3)
        source = self.resource_tags.get(segments[2]) if len(segments) == 4 else None
        names = resource_tag_keys(access.action, segments[2]) if source else ()
        if source is None or not names:
            return {}
        tags = source(access.resource)
        return {f"{name}/{key}": value for name in names for key, value in tags.items()}

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
            caller = _Caller(
                self._caller_policies(principal, entity),
                principal_keys(principal, entity),
                gone=entity is None and is_bound(principal),
            )
            self._callers[key] = caller
        return caller

    def _entity(self, principal: Principal) -> Entity | None:
        """Return the user or role whose policies count, by unique id: a namesake has no part in it."""
        return self._records.by_id(principal.owner_id) if principal.owner_id else None

    def _caller_policies(self, principal: Principal, entity: Entity | None) -> Policies:
        session = None
        if principal.session_policies:
            session = tuple(readable_policy(document) for document in principal.session_policies)
        elif principal.kind is PrincipalKind.FEDERATED_USER:
            session = ()  # a federated user without a session policy has no rights of its own
        if entity is None:
            # Who was federated by root is bounded by the session's policies alone.
            federated = principal.kind is PrincipalKind.FEDERATED_USER
            return Policies(identity=(_ALLOWS_EVERYTHING,) if federated else (), session=session)
        documents = [policy.document for policy in self._policies.identity_policies(entity)]
        if principal.kind is PrincipalKind.USER and (grant := account_grant(self._records, entity)):
            documents.append(grant)
        return Policies(
            identity=tuple(readable_policy(document) for document in documents),
            boundary=self._boundary(entity),
            session=session,
        )

    def _boundary(self, entity: Entity) -> CompiledPolicy | None:
        if entity.boundary_arn is None:
            return None
        # A boundary whose policy is gone allows nothing.
        document = self._policies.managed_document(entity.boundary_arn)
        return _ALLOWS_NOTHING if document is None else readable_policy(document)
