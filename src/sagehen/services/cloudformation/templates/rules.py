"""Rules: what a template asserts of its parameters before anything is done. Documented: Rules section."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.templates.context import Context, Unresolved
from sagehen.services.cloudformation.templates.functions import evaluate

_DEEPEST = 20
_RULE, _ASSERTION = {"RuleCondition", "Assertions"}, {"Assert", "AssertDescription"}


def check_rules(rules: Mapping[str, Any], context: Context) -> None:
    """Check that every assertion of every rule that applies holds.

    Raises:
        ValidationError: One does not, or is none.
    """
    for name, rule in rules.items():
        if not isinstance(rule, dict) or not isinstance(rule.get("Assertions"), list):
            raise ValidationError(f"Template format error: Rule {name} must have Assertions.")
        asserted = [one.keys() for one in rule["Assertions"] if isinstance(one, dict)]
        if rule.keys() - _RULE or any(keys - _ASSERTION for keys in asserted):
            raise ValidationError(f"Template format error: Rule {name} has members that no rule has.")
        try:
            if "RuleCondition" in rule and not _holds(rule["RuleCondition"], context):
                continue
            broken = [one for one in rule["Assertions"] if not _holds(one["Assert"], context)]
        except (Unresolved, LookupError, TypeError, ValueError) as error:
            raise ValidationError(
                f"Template format error: Rule {name} cannot be evaluated. ({error})"
            ) from None
        if broken:
            # Recorded, in public issues with CDK's own rule.
            words = str(broken[0].get("AssertDescription", f"Rule {name}"))
            raise ValidationError(f"Template rule validation failed: {words}")


def _holds(value: Any, context: Context, depth: int = 0) -> bool:
    found = _evaluated(value, context, depth)
    if not isinstance(found, bool):
        raise Unresolved("it is not a boolean")
    return found


def _evaluated(value: Any, context: Context, depth: int) -> Any:
    """Return a rule's value: its own functions here, all others as everywhere."""
    if depth > _DEEPEST:
        raise Unresolved("functions are nested too deeply")
    if isinstance(value, dict) and len(value) == 1:
        [(name, argument)] = value.items()
        if name in _BOOLEAN:
            every = [_holds(one, context, depth + 1) for one in argument]
            return _BOOLEAN[name](every)
        if name in _OWN:
            left, right = (_evaluated(one, context, depth + 1) for one in argument)
            return _OWN[name](left, right)
    return evaluate(value, context)


def _list(value: Any) -> list[str]:
    return [str(one) for one in (value if isinstance(value, list) else [value])]


_BOOLEAN: Mapping[str, Callable[[list[bool]], bool]] = {
    "Fn::And": all,
    "Fn::Or": any,
    "Fn::Not": lambda every: not every[0],
}
_OWN: Mapping[str, Callable[[Any, Any], bool]] = {
    "Fn::Contains": lambda every, one: str(one) in _list(every),
    "Fn::EachMemberEquals": lambda every, one: all(member == str(one) for member in _list(every)),
    "Fn::EachMemberIn": lambda every, among: set(_list(every)) <= set(_list(among)),
}
