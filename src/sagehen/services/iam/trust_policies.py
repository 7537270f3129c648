"""Trust policies: who may assume a role, bound to users and roles themselves rather than to names.

AWS turns the ARN of a user or role in a trust policy into its unique id when the policy is
stored, and shows the ARN again as long as that entity lives. A namesake made later is a stranger.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sagehen.services.iam.entity import Entity, Kind
from sagehen.services.iam.errors import LimitExceeded, MalformedPolicyDocument
from sagehen.services.iam.policy_document import DocumentKind, parse_policy
from sagehen.services.iam.records import Records

# AWS's default quota, in characters without white space.
_MAX_TRUST_POLICY = 2048
_ACCOUNT = re.compile(r"\d{12}")
_ENTITY = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):(user|role)/\S+")
_SESSION = re.compile(r"arn:aws[a-z-]*:sts::\d{12}:(assumed-role/[^/]+/[^/]+|federated-user/[^/]+)")
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:root")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?|[a-z0-9-]+\.aws\.internal")
_UNIQUE_ID = re.compile(r"(AIDA|AROA)[A-Z0-9]{12,}")


class TrustPolicies:
    """Checks and resolves trust policies; serves them to the authorizer as domain.ports.ResourcePolicies.

    Args:
        records: Where the entities are.
        accounts: The accounts that exist here: in these a named user or role must exist.
    """

    def __init__(self, records: Records, accounts: frozenset[str]) -> None:
        self._records = records
        self._accounts = accounts

    def check(self, document: str) -> dict[str, str]:
        """Validate a trust policy and return its bindings, ARN -> unique id.

        Raises:
            MalformedPolicyDocument, LimitExceeded
        """
        parsed = parse_policy(document, DocumentKind.TRUST)
        if len(re.sub(r"\s", "", document)) > _MAX_TRUST_POLICY:
            raise LimitExceeded(f"Cannot exceed quota for ACLSizePerRole: {_MAX_TRUST_POLICY}")
        bindings = {}
        for statement in parsed.statements:
            for kind, name in statement.principals or ():
                if not self._is_principal(kind, name):
                    raise MalformedPolicyDocument(f'Invalid principal in policy: "{kind}":"{name}"')
                if kind == "AWS" and (unique_id := self._bind(name)):
                    bindings[name] = unique_id
        return bindings

    @staticmethod
    def _is_principal(kind: str, name: str) -> bool:
        if kind == "Service":
            return _SERVICE.fullmatch(name) is not None
        if kind != "AWS":
            return kind == "Federated"
        patterns = (_ACCOUNT, _ROOT, _ENTITY, _SESSION, _UNIQUE_ID)
        return name == "*" or any(pattern.fullmatch(name) for pattern in patterns)

    def _bind(self, name: str) -> str | None:
        match = _ENTITY.fullmatch(name)
        if match is None or match[1] not in self._accounts:
            return None
        entity = self._records.by_arn(name)
        if entity is None:
            raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{name}"')
        return entity.unique_id

    def as_shown(self, role: Entity) -> str:
        """Return the document for an answer: a principal that is gone shows its unique id."""
        gone = {}
        for arn, unique_id in role.trust_principals.items():
            entity = self._records.by_id(unique_id)
            if entity is None:
                gone[arn] = unique_id
            elif entity.arn != arn:  # renamed or moved: the ARN of today
                gone[arn] = entity.arn
        return _with_principals(role.trust_policy, gone) if gone else role.trust_policy

    # --- domain.ports.ResourcePolicies, for ARNs of roles -----------------------------------

    def resource_policy(self, resource_arn: str) -> str | None:
        if ":role/" not in resource_arn:
            return None
        role = self._records.by_arn(resource_arn)
        if role is None or role.kind is not Kind.ROLE:
            return None
        return _with_principals(role.trust_policy, role.trust_principals)

    def resource_owner(self, resource_arn: str) -> str | None:
        return None


def _with_principals(document: str, replacements: Mapping[str, str]) -> str:
    """Replace names in the Principal elements of a document."""
    if not replacements:
        return document

    def renamed(names: Any) -> Any:
        if isinstance(names, list):
            return [replacements.get(name, name) for name in names]
        return replacements.get(names, names)

    parsed = json.loads(document)
    statements = parsed["Statement"] if isinstance(parsed["Statement"], list) else [parsed["Statement"]]
    for statement in statements:
        for element in ("Principal", "NotPrincipal"):
            principal = statement.get(element)
            if isinstance(principal, dict) and "AWS" in principal:
                principal["AWS"] = renamed(principal["AWS"])
    return json.dumps(parsed, separators=(",", ":"))
