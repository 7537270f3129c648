"""Stack policies: which resources an update may change, replace or delete. Pure.

Documented: CloudFormation User Guide, Prevent updates to stack resources. The sentences are from memory.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import translate
from functools import lru_cache
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.services.cloudformation.errors import ValidationError

_ACTIONS = ("Update:Modify", "Update:Replace", "Update:Delete", "Update:*")
_MEMBERS = {"Sid", "Effect", "Principal", "Action", "NotAction", "Resource", "NotResource", "Condition"}
_OPERATORS = ("StringEquals", "StringLike")


def check_policy(text: str) -> str:
    """Return a policy's text, whose form is right.

    Raises:
        ValidationError
    """
    try:
        document = read_json(text.encode())
    except NotJson as error:
        raise ValidationError(f"Error validating stack policy: {error}") from None
    statements = document.get("Statement") if isinstance(document, dict) else None
    if not isinstance(statements, list | dict) or not statements:
        raise ValidationError("Error validating stack policy: Statement is required")
    for statement in _list(statements):
        if fault := _fault(statement):
            raise ValidationError(f"Error validating stack policy: {fault}")
    return text


def refusal(text: str, action: str, logical_id: str, kind: str) -> str | None:
    """Return why a policy does not allow an action on a resource, or None.

    Args:
        text: '' where the stack has none: then all is allowed. With one, what nothing allows is denied.
        action: `Update:Modify`, `Update:Replace` or `Update:Delete`.
        kind: The resource's type.
    """
    if not text:
        return None
    resource, allowed = f"LogicalResourceId/{logical_id}", False
    for number, statement in enumerate(_list(read_json(text.encode())["Statement"]), 1):
        if not _applies(statement, action, resource, kind):
            continue
        if statement["Effect"] == "Deny":
            what = f"Statement [#{number}] does not allow [{action}] for resource [{resource}]"
            return f"Action denied by stack policy: {what}"
        allowed = True
    return None if allowed else f"Action not allowed by stack policy: [{action}] for resource [{resource}]"


def _fault(statement: Any) -> str | None:
    if not isinstance(statement, dict) or statement.keys() - _MEMBERS:
        return "Invalid statement"
    if statement.get("Effect") not in ("Allow", "Deny"):
        return "Effect must be Allow or Deny"
    if statement.get("Principal") != "*":
        return "Principal must be *"
    actions = _list(statement.get("Action", statement.get("NotAction")))
    if not actions or any(one not in _ACTIONS for one in actions):
        return "Unknown stack policy action"
    resources = _list(statement.get("Resource", statement.get("NotResource")))
    if not resources or not all(isinstance(one, str) for one in resources):
        return "Resource is required"
    condition = statement.get("Condition", {})
    if not isinstance(condition, dict) or condition.keys() - set(_OPERATORS):
        return "Unknown condition"
    if any(not isinstance(keys, dict) or keys.keys() != {"ResourceType"} for keys in condition.values()):
        return "Conditions can only be on ResourceType"
    return None


def _applies(statement: Mapping[str, Any], action: str, resource: str, kind: str) -> bool:
    if "Action" in statement:
        named = any(_matches(one, action) for one in _list(statement["Action"]))
    else:
        named = not any(_matches(one, action) for one in _list(statement["NotAction"]))
    if "Resource" in statement:
        meant = any(_matches(one, resource) for one in _list(statement["Resource"]))
    else:
        meant = not any(_matches(one, resource) for one in _list(statement["NotResource"]))
    conditions: Mapping[str, Mapping[str, Any]] = statement.get("Condition") or {}
    return (
        named
        and meant
        and all(
            any(
                one == kind if operator == "StringEquals" else _matches(str(one), kind)
                for one in _list(keys["ResourceType"])
            )
            for operator, keys in conditions.items()
        )
    )


def _matches(pattern: str, text: str) -> bool:
    return _compiled(pattern).match(text) is not None


@lru_cache(256)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")))


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
