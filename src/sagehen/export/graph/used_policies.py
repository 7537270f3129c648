"""Used policies: what was used as documents of the sizes that AWS takes. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sagehen.export.graph.values import PolicyDocument

# (action, resources) that a role was let do, as policies name them.
Uses = Sequence[tuple[str, Sequence[str]]]
# Documented ("IAM and AWS STS quotas"): characters of a role's inline policies and of a managed one, without
# white space. Names of buckets and of the region may be longer there: a tenth is left free for them.
_LONGEST_INLINE, _LONGEST_MANAGED = 10_240 * 9 // 10, 6_144 * 9 // 10
_Statement = Mapping[str, Any]


def documents(uses: Uses) -> list[PolicyDocument]:
    """Return one document, which is short enough to be inline, or several, each for a managed policy."""
    statements = [_statement(actions, where) for where, actions in _together(uses)]
    if _length(statements) <= _LONGEST_INLINE:
        return [_document(statements)]
    found: list[list[_Statement]] = [[]]
    for statement in (piece for one in statements for piece in _pieces(one)):
        if _length([*found[-1], statement]) > _LONGEST_MANAGED:
            found.append([])
        found[-1].append(statement)
    return [_document(one) for one in found]


def _together(uses: Uses) -> Iterator[tuple[tuple[str, ...], list[str]]]:
    """Yield resources with all the actions that were used on just these."""
    resources: dict[str, set[str]] = {}
    for action, every in uses:
        resources.setdefault(action, set()).update(every)
    actions: dict[tuple[str, ...], list[str]] = {}
    for action in sorted(resources):
        where = ("*",) if "*" in resources[action] else tuple(sorted(resources[action]))
        actions.setdefault(where, []).append(action)
    yield from actions.items()


def _statement(actions: Sequence[str], resources: Sequence[str]) -> _Statement:
    return {"Effect": "Allow", "Action": _alone(actions), "Resource": _alone(resources)}


def _alone(values: Sequence[str]) -> Any:
    return values[0] if len(values) == 1 else list(values)


def _pieces(statement: _Statement) -> Iterator[_Statement]:
    """Yield a statement in parts that are short enough: of fewer resources, or else of fewer actions."""
    actions, resources = _listed(statement["Action"]), _listed(statement["Resource"])
    if _length([statement]) <= _LONGEST_MANAGED or len(actions) + len(resources) == 2:
        yield statement
    elif len(resources) > 1:
        half = len(resources) // 2
        for some in (resources[:half], resources[half:]):
            yield from _pieces(_statement(actions, some))
    else:
        half = len(actions) // 2
        for some in (actions[:half], actions[half:]):
            yield from _pieces(_statement(some, resources))


def _listed(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]


def _document(statements: Sequence[_Statement]) -> PolicyDocument:
    return PolicyDocument({"Version": "2012-10-17", "Statement": list(statements)})


def _length(statements: Sequence[_Statement]) -> int:
    return len(json.dumps(_document(statements), separators=(",", ":"), ensure_ascii=False))
