"""Trust policies: who may assume a role, bound to users and roles themselves rather than to names."""

from __future__ import annotations

import re

from sagehen.domain.policies import PolicyKind
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import LimitExceeded
from sagehen.services.iam.grammar.documents import parse_policy
from sagehen.services.iam.policies.principals import PrincipalNames, unknown_principal, with_principals

# In characters without white space, by default.
# Recorded: GetAccountSummary, AssumeRolePolicySizeQuota.
_MAX_TRUST_POLICY = 2048


class TrustPolicies:
    """Checks and resolves trust policies; serves them to the authorizer as the port ResourcePolicies.

    Args:
        records: Where the roles are.
        names: Who may be named.
    """

    def __init__(self, records: Records, names: PrincipalNames) -> None:
        self._records = records
        self._names = names

    def check(self, document: str) -> dict[str, str]:
        """Validate a trust policy and return its bindings, ARN -> unique id.

        Raises:
            MalformedPolicyDocument, LimitExceeded
        """
        parsed = parse_policy(document, PolicyKind.TRUST)
        if len(re.sub(r"\s", "", document)) > _MAX_TRUST_POLICY:
            raise LimitExceeded(f"Cannot exceed quota for ACLSizePerRole: {_MAX_TRUST_POLICY}")
        bindings = {}
        for kind, name in sorted(parsed.principals()):
            if kind == "CanonicalUser":  # S3's alone
                raise unknown_principal(kind, name)
            if kind != "Federated" and (bound := self._names.bound(kind, name)) is not None:
                bindings[name] = bound[1]
        return bindings

    def as_shown(self, role: Entity) -> str:
        """Return the document for an answer: a principal that is gone shows its unique id."""
        changed = {}
        for arn, unique_id in role.trust_principals.items():
            entity = self._records.by_id(unique_id)
            # Renamed or moved since: the ARN of today.
            now = unique_id if entity is None else entity.arn
            if now != arn:
                changed["AWS", arn] = "AWS", now
        return with_principals(role.trust_policy, changed)

    # --- the port ResourcePolicies, for ARNs of roles -----------------------------------

    def resource_policy(self, resource_arn: str) -> str | None:
        """Return a role's trust policy with its principals bound to unique ids; None for all else."""
        if ":role/" not in resource_arn:
            return None
        role = self._records.by_arn(resource_arn)
        if role is None or role.kind is not Kind.ROLE:
            return None
        bindings = {("AWS", arn): ("AWS", unique_id) for arn, unique_id in role.trust_principals.items()}
        return with_principals(role.trust_policy, bindings)

    def resource_owner(self, resource_arn: str) -> str | None:
        """Return None: the ARN of a role says whose it is."""
        return None
