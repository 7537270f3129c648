"""The grammar of policy documents: text in, statements out, AWS's wording where it is broken.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.domain.policies import FaultReason, PolicyKind
from sagehen.services.iam.errors import MalformedPolicyDocument
from sagehen.services.iam.grammar.dates import is_date
from sagehen.services.iam.grammar.operators import OPERATORS, split_operator
from sagehen.services.iam.grammar.resources import is_cut_short, resource_fault, service_fault

# A document that says none is of the old version. Documented: IAM User Guide, IAM JSON policy elements:
# Version.
VERSION = "2012-10-17"
OLD_VERSION = "2008-10-17"
# The newer parser's sentence for most faults, and the older one's for all of its own (recorded).
_SYNTAX = "Syntax errors in policy."
_SID = re.compile(r"[A-Za-z0-9]*")
_LEGACY = "The policy failed legacy parsing"
# What stands before the colon of an action; IAM's sentence for others is recorded.
_VENDOR = re.compile(r"[a-z0-9.-]+", re.IGNORECASE)
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


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """A document that was read; `version` is 2008-10-17 where it says none, as AWS takes it."""

    version: str
    statements: tuple[Statement, ...]

    def principals(self) -> set[tuple[str, str]]:
        """Return the (type, name) pairs of all its Principal and NotPrincipal elements."""
        return {pair for statement in self.statements for pair in statement.principals or ()}


def parse_policy(
    text: str, kind: PolicyKind = PolicyKind.IDENTITY, *, managed: bool = False, new: bool = True
) -> PolicyDocument:
    """Read and check a document.

    Args:
        text: JSON.
        kind: Which elements are required and prohibited.
        managed: Managed policies must say Version 2012-10-17.
        new: It is being put. Rules that are here since documents were stored without them do not
            hold for those: to grant what they granted beats refusing everything.

    Raises:
        MalformedPolicyDocument: With AWS's wording, of the first rule in AWS's order (recorded).
    """
    document = _load(text, "This policy contains invalid Json" if kind is PolicyKind.TRUST else _SYNTAX)
    if unknown := sorted(set(document) - {"Version", "Id", "Statement"}):
        raise _fault(FaultReason.UNKNOWN_FIELD, value=unknown[0])
    if "Statement" not in document:
        raise _fault(FaultReason.MISSING_FIELD, value="Statement")
    version = document.get("Version", OLD_VERSION)
    if version not in (VERSION, OLD_VERSION):
        raise _fault(FaultReason.VERSION)
    if not isinstance(document.get("Id", ""), str):
        raise _fault(FaultReason.SYNTAX)
    raw = document["Statement"]
    items = raw if isinstance(raw, list) else [raw]
    if not items and kind is not PolicyKind.TRUST:
        raise _fault(FaultReason.NO_STATEMENT)
    statements = tuple(_statement(item, kind) for item in items)
    if managed and version != VERSION:
        raise _fault(FaultReason.VERSION, f"Policy document must be version {VERSION} or greater.")
    strict = new and kind in (PolicyKind.IDENTITY, PolicyKind.TRUST)
    for statement in statements:
        _check_legacy(statement, strict)
    sids = [statement.sid for statement in statements if statement.sid]
    if kind is not PolicyKind.BUCKET and len(sids) != len(set(sids)):
        raise _fault(FaultReason.SID, "Statement IDs (SID) in a single policy must be unique.")
    for check in (_check_present, _check_resources, _check_actions):
        for statement in statements:
            check(statement, kind, strict)
    return PolicyDocument(version, statements)


def _fault(reason: FaultReason, message: str = _SYNTAX, value: Any = "") -> MalformedPolicyDocument:
    return MalformedPolicyDocument(message, reason, value if isinstance(value, str) else json.dumps(value))


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Two equal keys would leave it to the reader which of them counts.
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate key")
    return result


def _load(text: str, fault: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text, object_pairs_hook=_no_twins)
    except (ValueError, RecursionError):
        raise _fault(FaultReason.JSON, fault) from None
    if not isinstance(document, dict):
        raise _fault(FaultReason.JSON)
    return document


def _strings(value: Any) -> tuple[str, ...]:
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        raise _fault(FaultReason.SYNTAX)
    return tuple(items)


def _one_of(item: Mapping[str, Any], name: str) -> tuple[Any, bool]:
    """Return (value, negated) of `name` or `Not<name>`; both at once are an error."""
    negated = f"Not{name}"
    if name in item and negated in item:
        raise _fault(FaultReason.SYNTAX)
    return (item[negated], True) if negated in item else (item.get(name), False)


def _statement(item: Any, kind: PolicyKind) -> Statement:
    if not isinstance(item, dict):
        raise _fault(FaultReason.SYNTAX)
    if unknown := sorted(set(item) - _STATEMENT_KEYS):
        raise _fault(FaultReason.UNKNOWN_FIELD, value=unknown[0])
    sid, effect = item.get("Sid", ""), item.get("Effect")
    if "Effect" not in item:
        raise _fault(FaultReason.MISSING_FIELD, value="Effect")
    if not isinstance(effect, str) or effect.lower() not in ("allow", "deny"):
        raise _fault(FaultReason.EFFECT, value=effect)
    if not isinstance(sid, str):
        raise _fault(FaultReason.SYNTAX)
    if kind is PolicyKind.IDENTITY and not _SID.fullmatch(sid):
        raise _fault(
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


def _check_legacy(statement: Statement, strict: bool) -> None:
    """Check what IAM's older parser, which looks before the newer one goes on, is known to refuse."""
    message = _LEGACY if strict else _SYNTAX
    if statement.effect not in ("Allow", "Deny"):
        raise _fault(FaultReason.EFFECT, message, statement.effect)
    if not strict:
        return
    for name, _, values in statement.conditions:
        if split_operator(name)[1].startswith("date") and not all(map(is_date, values)):
            raise _fault(FaultReason.SYNTAX, message)
    resources = statement.resources or ()
    if any(map(is_cut_short, resources)) and not any(map(resource_fault, resources)):
        raise _fault(FaultReason.RESOURCE, message)


def _check_present(statement: Statement, kind: PolicyKind, strict: bool) -> None:
    if not statement.actions:
        raise _fault(FaultReason.MISSING_FIELD, "Policy statement must contain actions.", "Action")
    if kind is PolicyKind.IDENTITY:
        if statement.principals is not None:
            message = "Policy document should not specify a principal."
            raise _fault(FaultReason.PROHIBITED_FIELD, message, "Principal")
    elif statement.principals is None:
        raise _fault(FaultReason.MISSING_FIELD, "Missing required field Principal", "Principal")
    if kind is PolicyKind.TRUST:
        if statement.resources is not None:
            raise _fault(FaultReason.PROHIBITED_FIELD, "Has prohibited field Resource", "Resource")
    elif not statement.resources:
        raise _fault(FaultReason.MISSING_FIELD, "Policy statement must contain resources.", "Resource")


def _check_resources(statement: Statement, kind: PolicyKind, strict: bool) -> None:
    for resource in statement.resources or ():
        if fault := resource_fault(resource) or (service_fault(resource) if strict else ""):
            raise _fault(FaultReason.RESOURCE, fault)


def _check_actions(statement: Statement, kind: PolicyKind, strict: bool) -> None:
    for action in statement.actions:
        if action == "*":
            continue
        vendor, colon, name = action.partition(":")
        if not colon or not name:
            raise _fault(
                FaultReason.ACTION,
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            )
        if ":" in name:
            raise _fault(FaultReason.ACTION, "Actions/Condition can contain only one colon.")
        if vendor != "*" and not _VENDOR.fullmatch(vendor):
            raise _fault(FaultReason.ACTION, f"Vendor {vendor} is not valid")
    if kind is PolicyKind.TRUST and any(not name.lower().startswith("sts:") for name in statement.actions):
        raise _fault(FaultReason.ACTION, "AssumeRole policy may only specify STS AssumeRole actions.")


def _principals(value: Any) -> tuple[tuple[str, str], ...]:
    if value == "*":
        return (("AWS", "*"),)
    if not isinstance(value, dict) or not value:
        raise _fault(FaultReason.PRINCIPAL)
    if unknown := set(value) - _PRINCIPAL_TYPES:
        name = sorted(unknown)[0]
        raise _fault(FaultReason.PRINCIPAL, f'Invalid principal in policy: "{name}":"{value[name]}"')
    if any(names == [] for names in value.values()):
        raise _fault(FaultReason.PRINCIPAL)
    return tuple((kind, name) for kind, names in value.items() for name in _strings(names))


def _conditions(value: Any, kind: PolicyKind) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    if not isinstance(value, dict):
        raise _fault(FaultReason.SYNTAX)
    # S3 reads more closely than IAM, which passes over unknown operators of nothing (recorded).
    close = kind is PolicyKind.BUCKET
    found = []
    for name, block in value.items():
        qualifier, base, if_exists = split_operator(name)
        known = base in OPERATORS or (base == "null" and not if_exists)
        if not known or qualifier not in ("", "forallvalues", "foranyvalue"):
            if block == {} and not close:
                continue
            raise _fault(FaultReason.OPERATOR, value=name)
        if not isinstance(block, dict):
            raise _fault(FaultReason.SYNTAX)
        for key, values in block.items():
            if ":" not in key and close:
                raise _fault(FaultReason.CONDITION_KEY, value=key)
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
            raise _fault(FaultReason.SYNTAX)
    return tuple(texts)


def statement_spans(text: str) -> list[tuple[int, int]]:
    """Return where each statement lies in its document, as (start, end) offsets, for the simulator."""
    decoder = json.JSONDecoder()
    match = re.search(r'"Statement"\s*:\s*', text)
    if match is None:
        return []
    position = match.end()
    spans: list[tuple[int, int]] = []
    if text[position] != "[":
        return [(position, decoder.raw_decode(text, position)[1])]
    position += 1
    while True:
        while text[position] in " \t\r\n,":
            position += 1
        if text[position] == "]":
            return spans
        end = decoder.raw_decode(text, position)[1]
        spans.append((position, end))
        position = end
