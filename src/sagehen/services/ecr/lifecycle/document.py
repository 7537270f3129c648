"""Lifecycle policies as texts: read once, in the grammar that AWS documents.

Source: Amazon ECR User Guide, "Lifecycle policy properties". Transitions to an archive are refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.api.errors import NotImplementedOperation

# Documented: ECR's model, LifecyclePolicyText; quotas, rules per lifecycle policy.
_MAX_TEXT = 30_720
_MAX_RULES = 50
_MAX_PATTERNS = 50
_STATUSES = ("tagged", "untagged", "any")
_COUNT_TYPES = ("imageCountMoreThan", "sinceImagePushed", "sinceImagePulled")


class UnusablePolicy(ValueError):
    """It breaks the grammar; the message says where."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Args:
        priority: The lowest comes first.
        status: `tagged`, `untagged` or `any`.
        prefixes: Of tags; an image must have a tag for each of them.
        patterns: As prefixes, with `*` for anything.
        count_type: `imageCountMoreThan`, `sinceImagePushed` or `sinceImagePulled`.
        count: Images, or days.
    """

    priority: int
    status: str
    prefixes: tuple[str, ...]
    patterns: tuple[str, ...]
    count_type: str
    count: int


def read_policy(text: str) -> tuple[Rule, ...]:
    """Return the rules of a policy, by priority.

    Raises:
        UnusablePolicy.
        NotImplementedOperation: It moves images into an archive.
    """
    if len(text) > _MAX_TEXT:
        raise UnusablePolicy(f"longer than {_MAX_TEXT} characters")
    try:
        document = read_json(text)
    except NotJson:
        raise UnusablePolicy("not valid JSON") from None
    rules = document.get("rules") if isinstance(document, dict) else None
    if not isinstance(rules, list) or not 0 < len(rules) <= _MAX_RULES or set(document) - {"rules"}:
        raise UnusablePolicy(f"object must have 1 to {_MAX_RULES} rules, and nothing else")
    read = tuple(sorted((_rule(rule) for rule in rules), key=lambda rule: rule.priority))
    priorities = [rule.priority for rule in read]
    if len(set(priorities)) != len(priorities):
        raise UnusablePolicy("rulePriority must be unique")
    untagged = [rule for rule in read if rule.status == "untagged" and rule.count_type != "sinceImagePulled"]
    if len({rule.count_type for rule in untagged}) != len(untagged):
        raise UnusablePolicy("one untagged rule for each countType at most")
    anything = [rule.priority for rule in read if rule.status == "any"]
    if anything and anything[0] != priorities[-1]:  # documented: evaluated last
        raise UnusablePolicy("a rule with tagStatus any must have the highest rulePriority")
    return read


def _rule(rule: Any) -> Rule:
    if not isinstance(rule, dict) or set(rule) - {"rulePriority", "description", "selection", "action"}:
        raise UnusablePolicy("a rule has rulePriority, description, selection and action")
    priority, selection, action = rule.get("rulePriority"), rule.get("selection"), rule.get("action")
    if not isinstance(priority, int) or isinstance(priority, bool) or priority < 1:
        raise UnusablePolicy("rulePriority must be a number from 1")
    if not isinstance(selection, dict) or not isinstance(action, dict):
        raise UnusablePolicy("a rule needs selection and action")
    if action.get("type") == "transition" or selection.get("storageClass") not in (None, "standard"):
        raise NotImplementedOperation("Lifecycle policies that archive images are not implemented.")
    if action != {"type": "expire"}:
        raise UnusablePolicy("action's type must be expire")
    return _selected(priority, selection)


def _selected(priority: int, selection: Mapping[str, Any]) -> Rule:
    status, kind, count = selection.get("tagStatus"), selection.get("countType"), selection.get("countNumber")
    prefixes, patterns = selection.get("tagPrefixList"), selection.get("tagPatternList")
    if status not in _STATUSES:
        raise UnusablePolicy("tagStatus must be tagged, untagged or any")
    if kind not in _COUNT_TYPES:
        raise UnusablePolicy(f"countType must be one of {', '.join(_COUNT_TYPES)}")
    if not isinstance(count, int) or isinstance(count, bool) or not 1 <= count < 1_000_000:
        raise UnusablePolicy("countNumber must be a number from 1")
    if (kind == "imageCountMoreThan") != ("countUnit" not in selection) or (
        selection.get("countUnit", "days") != "days"
    ):
        raise UnusablePolicy("countUnit is days, and for ages alone")
    for texts in (prefixes, patterns):
        if texts is not None and not _are_texts(texts):
            raise UnusablePolicy("tagPrefixList and tagPatternList are lists of texts")
    if (status == "tagged") != bool(prefixes or patterns) or (prefixes and patterns):
        raise UnusablePolicy("tagStatus tagged needs tagPrefixList or tagPatternList, and no other has them")
    if any(pattern.count("*") > 4 for pattern in patterns or ()):
        raise UnusablePolicy("a pattern has four wildcards at most")
    return Rule(priority, status, tuple(prefixes or ()), tuple(patterns or ()), kind, count)


def _are_texts(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= _MAX_PATTERNS
        and all(isinstance(each, str) and 0 < len(each) <= 300 for each in value)
    )
