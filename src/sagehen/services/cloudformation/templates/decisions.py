"""Decisions: functions of conditions."""

from __future__ import annotations

from typing import Any

from sagehen.services.cloudformation.templates.context import Context, Evaluated, Unresolved
from sagehen.services.cloudformation.templates.texts import pair, text_of


def chosen(argument: Any, context: Context, evaluated: Evaluated) -> Any:
    """Fn::If."""
    if not isinstance(argument, list) or len(argument) != 3:
        raise Unresolved("Template error: Fn::If requires a list argument with three elements")
    return evaluated(argument[1 if _holds(argument[0], context, " in Fn::If") else 2])


def condition(argument: Any, context: Context, evaluated: Evaluated) -> bool:
    """Condition, which names one."""
    return _holds(argument, context)


def _holds(name: Any, context: Context, where: str = "") -> bool:
    if not isinstance(name, str) or name not in context.conditions:
        # Recorded, in public issues: where Fn::If names it.
        raise Unresolved(f"Template error: unresolved condition dependency {name}{where}")
    return context.conditions[name]


def equals(argument: Any, context: Context, evaluated: Evaluated) -> bool:
    """Fn::Equals."""
    left, right = (evaluated(one) for one in pair(argument, "Fn::Equals"))
    return bool(_plain(left) == _plain(right))


def _boolean(argument: Any, evaluated: Evaluated, name: str, least: int, most: int) -> list[bool]:
    if not isinstance(argument, list) or not least <= len(argument) <= most:
        raise Unresolved(
            f"Template error: every {name} object requires a list of {least} to {most} conditions"
        )
    found = [evaluated(one) for one in argument]
    if not all(isinstance(one, bool) for one in found):
        raise Unresolved(f"Template error: every member of {name} must be a condition")
    return found


def _plain(value: Any) -> Any:
    return text_of(value, "Fn::Equals") if isinstance(value, bool | int | float) else value


def every(argument: Any, context: Context, evaluated: Evaluated) -> bool:
    """Fn::And."""
    return all(_boolean(argument, evaluated, "Fn::And", 2, 10))


def some(argument: Any, context: Context, evaluated: Evaluated) -> bool:
    """Fn::Or."""
    return any(_boolean(argument, evaluated, "Fn::Or", 2, 10))


def negated(argument: Any, context: Context, evaluated: Evaluated) -> bool:
    """Fn::Not."""
    return not _boolean(argument, evaluated, "Fn::Not", 1, 1)[0]
