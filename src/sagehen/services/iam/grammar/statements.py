"""One statement of a policy: JSON in, its elements out, AWS's wording where it is no statement.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.domain.policies import FaultReason, PolicyKind
from sagehen.services.iam.errors import MalformedPolicyDocument
from sagehen.services.iam.grammar.operators import OPERATORS, split_operator

# The newer parser's sentence for most faults, and the older one's for all of its own (recorded).
SYNTAX = "Syntax errors in policy."
_SID = re.compile(r"[A-Za-z0-9]*")
# Documented: IAM User Guide, AWS JSON policy elements: Principal.
_PRINCIPAL_TYPES = frozenset(("AWS", "Service", "Federated", "CanonicalUser"))
_STATEMENT_KEYS = frozenset(
    [
        *("Sid", "Effect", "Condition", "Action", "NotAction", "Resource", "NotResource"),
        *("Principal", "NotPrincipal"),
    ]
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement as written; lists are tuples, `conditions` are (operator, key, values)."""

    sid: str
    effect: str
    actions: tuple[str, ...]
    not_action: bool
    resources: tuple[str, ...] | None
    not_resource: bool
    principals: tuple[tuple[str, str], ...] | None
    not_principal: bool
    conditions: tuple[tuple[str, str, tuple[str, ...]], ...]


def fault(reason: FaultReason, message: str = SYNTAX, value: Any = "") -> MalformedPolicyDocument:
    """Return a refusal: IAM's sentence, and the reason and the value of which other services make theirs."""
    return MalformedPolicyDocument(message, reason, value if isinstance(value, str) else json.dumps(value))


def _strings(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        raise fault(FaultReason.SYNTAX)
    return tuple(items)


def _one_of(item: Mapping[str, Any], name: str) -> tuple[Any, bool]:
    """Return (value, negated) of `name` or `Not<name>`; both at once are an error."""
    negated = f"Not{name}"
    if name in item and negated in item:
        raise fault(FaultReason.SYNTAX)
    return (item[negated], True) if negated in item else (item.get(name), False)


def read_statement(item: Any, kind: PolicyKind) -> Statement:
    """Return one statement; what its elements may say together is looked at in `checks`.

    Raises:
        MalformedPolicyDocument
    """
    if not isinstance(item, dict):
        raise fault(FaultReason.SYNTAX)
    if unknown := sorted(set(item) - _STATEMENT_KEYS):
        raise fault(FaultReason.UNKNOWN_FIELD, value=unknown[0])
    sid, effect = item.get("Sid", ""), item.get("Effect")
    if "Effect" not in item:
        raise fault(FaultReason.MISSING_FIELD, value="Effect")
    if not isinstance(effect, str) or effect.lower() not in ("allow", "deny"):
        raise fault(FaultReason.EFFECT, value=effect)
    if not isinstance(sid, str):
        raise fault(FaultReason.SYNTAX)
    if kind is PolicyKind.IDENTITY and not _SID.fullmatch(sid):
        raise fault(
            FaultReason.SID,
            "Statement IDs (SID) must be alpha-numeric. "
            f"Check that your input satisfies the regular expression [0-9A-Za-z]*: {sid}",
        )
    actions, not_action = _one_of(item, "Action")
    resources, not_resource = _one_of(item, "Resource")
    principals, not_principal = _one_of(item, "Principal")
    return Statement(
        sid=sid,
        effect=effect,
        actions=() if actions is None else _strings(actions),
        not_action=not_action,
        resources=None if resources is None else _strings(resources),
        not_resource=not_resource,
        principals=None if principals is None else _principals(principals),
        not_principal=not_principal,
        conditions=_conditions(item.get("Condition", {}), kind),
    )


def _principals(value: Any) -> tuple[tuple[str, str], ...]:
    if value == "*":
        return (("AWS", "*"),)
    if not isinstance(value, dict) or not value:
        raise fault(FaultReason.PRINCIPAL)
    if unknown := set(value) - _PRINCIPAL_TYPES:
        name = sorted(unknown)[0]
        raise fault(FaultReason.PRINCIPAL, f'Invalid principal in policy: "{name}":"{value[name]}"')
    if any(names == [] for names in value.values()):
        raise fault(FaultReason.PRINCIPAL)
    return tuple((kind, name) for kind, names in value.items() for name in _strings(names))


def _conditions(value: Any, kind: PolicyKind) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise fault(FaultReason.SYNTAX)
    # S3 reads more closely than IAM, which passes over unknown operators of nothing (recorded).
    close = kind is PolicyKind.BUCKET
    found = []
    for name, block in value.items():
        qualifier, base, if_exists = split_operator(name)
        known = base in OPERATORS or (base == "null" and not if_exists)
        if not known or qualifier not in ("", "forallvalues", "foranyvalue"):
            if block == {} and not close:
                continue
            raise fault(FaultReason.OPERATOR, value=name)
        if not isinstance(block, dict):
            raise fault(FaultReason.SYNTAX)
        for key, values in block.items():
            if ":" not in key and close:
                raise fault(FaultReason.CONDITION_KEY, value=key)
            found.append((name, key, _condition_values(values)))
    return tuple(found)


def _condition_values(value: Any) -> tuple[str, ...]:
    texts = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, bool):
            texts.append("true" if item else "false")
        elif isinstance(item, str | int | float):
            texts.append(str(item))
        else:
            raise fault(FaultReason.SYNTAX)
    return tuple(texts)
