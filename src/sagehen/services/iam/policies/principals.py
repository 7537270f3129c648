"""Principals as policies name them: bound to the users and roles themselves, and shown by their names again.

AWS turns the ARN of a user or role in a Principal element into its unique id when the policy is
stored, and shows the ARN again as long as that entity lives. A namesake made later is a stranger,
and what is shown then is the bare id.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from sagehen.domain.identity import canonical_id
from sagehen.domain.policies import FaultReason
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.errors import MalformedPolicyDocument

_ACCOUNT = re.compile(r"\d{12}")
_ENTITY = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):(user|role)/\S+")
_SESSION = re.compile(r"arn:aws[a-z-]*:sts::\d{12}:(assumed-role/[^/]+/[^/]+|federated-user/[^/]+)")
_ROOT = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:root")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com(\.cn)?|[a-z0-9-]+\.aws\.internal")
_UNIQUE_ID = re.compile(r"(AIDA|AROA)[A-Z0-9]{12,}")
# CloudFront's own users, which bucket policies of web sites name; nobody here is one.
_ORIGIN_ACCESS = re.compile(r"arn:aws[a-z-]*:iam::cloudfront:user/CloudFront Origin Access Identity \w+")
_NAMES = (_ACCOUNT, _ROOT, _ENTITY, _SESSION, _ORIGIN_ACCESS)

# (type, name) -> what stands in its place.
Replacements = Mapping[tuple[str, str], tuple[str, str]]


def unknown_principal(kind: str, name: str) -> MalformedPolicyDocument:
    """Return the refusal of a principal that nobody is; other services have their own words for it."""
    message = f'Invalid principal in policy: "{kind}":"{name}"'
    return MalformedPolicyDocument(message, FaultReason.PRINCIPAL, name)


class PrincipalNames:
    """Principals as policies name them.

    Args:
        records: Where the entities are.
        accounts: The accounts that exist here: in these a named user or role must exist.
    """

    def __init__(self, records: Records, accounts: frozenset[str]) -> None:
        self._records = records
        self._accounts = accounts
        self._canonical = {canonical_id(account): account for account in accounts}

    def bound(self, kind: str, name: str) -> tuple[str, str] | None:
        """Return what is stored in place of a principal, or None where its name stays.

        Raises:
            MalformedPolicyDocument: There is no such principal.
        """
        fault = unknown_principal(kind, name)
        if kind == "Service" and _SERVICE.fullmatch(name):
            return None
        if kind == "CanonicalUser" and name in self._canonical:
            return "AWS", f"arn:aws:iam::{self._canonical[name]}:root"
        if kind != "AWS":
            raise fault
        if name == "*":
            return None
        if _UNIQUE_ID.fullmatch(name):  # what was shown of an entity that is gone cannot be put again
            if self._records.by_id(name) is None:
                raise fault
            return None
        # A wildcard stands for everybody or for nobody: part of a name it cannot be.
        if "*" in name or not any(pattern.fullmatch(name) for pattern in _NAMES):
            raise fault
        match = _ENTITY.fullmatch(name)
        if match is None or match[1] not in self._accounts:
            return None
        entity = self._records.by_arn(name)
        if entity is None:
            raise fault
        return "AWS", entity.unique_id

    def shown(self, kind: str, name: str) -> tuple[str, str] | None:
        """Return the ARN of today for a unique id, or None where the name stays."""
        if kind != "AWS" or not _UNIQUE_ID.fullmatch(name):
            return None
        entity = self._records.by_id(name)
        return None if entity is None else ("AWS", entity.arn)


def principal_elements(document: Any) -> list[dict[str, Any]]:
    """Return the Principal and NotPrincipal elements of a parsed document, but for a bare `*`.

    Raises:
        LookupError, AttributeError, TypeError: It is no policy.
    """
    statements = document["Statement"]
    return [
        statement[element]
        for statement in (statements if isinstance(statements, list) else [statements])
        for element in ("Principal", "NotPrincipal")
        if isinstance(statement.get(element), dict)
    ]


def with_principals(document: str, replacements: Replacements) -> str:
    """Replace names in the Principal elements of a document; without any it stays as it is written."""
    if not replacements:
        return document
    parsed = json.loads(document)
    for element in principal_elements(parsed):
        renamed: dict[str, Any] = {}
        for kind, names in element.items():
            for name in names if isinstance(names, list) else [names]:
                new_kind, new_name = replacements.get((kind, name), (kind, name))
                renamed.setdefault(new_kind, []).append(new_name)
        element.clear()
        element |= {kind: names[0] if len(names) == 1 else names for kind, names in renamed.items()}
    return json.dumps(parsed, separators=(",", ":"))
