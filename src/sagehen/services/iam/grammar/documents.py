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
from sagehen.services.iam.grammar.checks import check_actions, check_legacy, check_present, check_resources
from sagehen.services.iam.grammar.statements import SYNTAX, Statement, fault, read_statement

# A document that says none is of the old version. Documented: IAM User Guide, IAM JSON policy elements:
# Version.
VERSION = "2012-10-17"
OLD_VERSION = "2008-10-17"


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
    document = _load(text, "This policy contains invalid Json" if kind is PolicyKind.TRUST else SYNTAX)
    if unknown := sorted(set(document) - {"Version", "Id", "Statement"}):
        raise fault(FaultReason.UNKNOWN_FIELD, value=unknown[0])
    if "Statement" not in document:
        raise fault(FaultReason.MISSING_FIELD, value="Statement")
    version = document.get("Version", OLD_VERSION)
    if version not in (VERSION, OLD_VERSION):
        raise fault(FaultReason.VERSION)
    if not isinstance(document.get("Id", ""), str):
        raise fault(FaultReason.SYNTAX)
    raw = document["Statement"]
    items = raw if isinstance(raw, list) else [raw]
    if not items and kind is not PolicyKind.TRUST:
        raise fault(FaultReason.NO_STATEMENT)
    statements = tuple(read_statement(item, kind) for item in items)
    if managed and version != VERSION:
        raise fault(FaultReason.VERSION, f"Policy document must be version {VERSION} or greater.")
    strict = new and kind in (PolicyKind.IDENTITY, PolicyKind.TRUST)
    for statement in statements:
        check_legacy(statement, strict)
    sids = [statement.sid for statement in statements if statement.sid]
    if kind is not PolicyKind.BUCKET and len(sids) != len(set(sids)):
        raise fault(FaultReason.SID, "Statement IDs (SID) in a single policy must be unique.")
    for check in (check_present, check_resources, check_actions):
        for statement in statements:
            check(statement, kind, strict)
    return PolicyDocument(version, statements)


def _no_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    # Two equal keys would leave it to the reader which of them counts.
    result = dict(pairs)
    if len(result) != len(pairs):
        raise ValueError("duplicate key")
    return result


def _load(text: str, message: str) -> Mapping[str, Any]:
    try:
        document = json.loads(text, object_pairs_hook=_no_twins)
    except (ValueError, RecursionError):
        raise fault(FaultReason.JSON, message) from None
    if not isinstance(document, dict):
        raise fault(FaultReason.JSON)
    return document


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
