"""Rights that nobody made use of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from sagehen.export.graph.chain import listed, statements
from sagehen.export.graph.node import Node
from sagehen.export.graph.used_policies import Uses


def unused(granted: Sequence[Node], used: Mapping[str, Uses]) -> Iterator[str]:
    """Yield what roles may do here and have not done.

    Args:
        granted: Roles, with the policies that they have.
        used: What they were let do, by name.
    """
    for role in granted:
        name = role.key.identity
        called = sorted({action for action, _ in used.get(name, ())})
        for policy in role.properties.get("Policies") or ():
            for statement in statements(policy["PolicyDocument"]):
                yield from _of(name, policy["PolicyName"], statement, called)
        for arn in role.properties.get("ManagedPolicyArns") or ():
            policy_name = str(arn).rpartition("/")[2]
            yield f"role {name}: has the policy {policy_name}, and has used {_told(called)} in all"


def _of(role: str, policy: str, statement: Mapping[str, Any], called: Sequence[str]) -> Iterator[str]:
    if statement.get("Effect") != "Allow":
        return
    for action in map(str, listed(statement.get("Action"))):
        hit = [one for one in called if fnmatchcase(one.lower(), action.lower().replace("[", "[[]"))]
        if not hit:
            yield f"role {role}: {action} of {policy} was never used"
        elif "*" in action:
            yield f"role {role}: of {action} of {policy} only {_told(hit)} was used"
    if "*" in listed(statement.get("Resource")):
        yield f"role {role}: {policy} allows it on every resource"


def _told(actions: Sequence[str]) -> str:
    if not actions:
        return "nothing"
    shown = ", ".join(actions[:5])
    return f"{shown} and {len(actions) - 5} more" if len(actions) > 5 else shown
