"""The functions of expressions, by their names in lower case.

Documented: CloudWatch Logs User Guide, "Boolean, comparison, numeric, datetime, and other functions".
"""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.services.logs.insights.evaluation.ordering import sort_key
from sagehen.services.logs.insights.evaluation.values import Moment, Value, number, text, truth

# A text that functions make is as long as an event at the most; a longer one is not made.
_LONGEST_TEXT = 1024 * 1024
# What Java's trim takes away, and some more.
_BLANKS = " \t\n\r\f\v"
_Function = Callable[..., Value]


@dataclass(frozen=True, slots=True)
class Function:
    """A function of values, and how many arguments it takes."""

    apply: _Function
    least: int
    most: int


def arithmetic(symbol: str) -> Callable[[Value, Value], Value]:
    """Return `+`, `-`, `*`, `/`, `%` or `^`; of what is no number, and divided by zero, nothing comes."""
    apply = _OPERATIONS[symbol]

    def operate(left: Value, right: Value) -> Value:
        first, second = number(left), number(right)
        if first is None or second is None:
            return None
        try:
            found = apply(int(first) if isinstance(first, int) else first, second)
        except (ArithmeticError, ValueError):
            return None
        return (
            None
            if isinstance(found, complex) or (isinstance(found, float) and not math.isfinite(found))
            else found
        )

    return operate


def _power(base: float, exponent: float) -> Any:
    # In floats: whole numbers would grow without end.
    return float(base) ** float(exponent)


def _quotient(left: float, right: float) -> float:
    return left / right


def _bounded(apply: Callable[[Any, Any], Any]) -> Callable[[Any, Any], Any]:
    """Whole numbers beyond 64 bits go on as floats."""

    def operate(left: Any, right: Any) -> Any:
        found = apply(left, right)
        return float(found) if isinstance(found, int) and abs(found) >= 2**63 else found

    return operate


_OPERATIONS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": _bounded(lambda left, right: left + right),
    "-": _bounded(lambda left, right: left - right),
    "*": _bounded(lambda left, right: left * right),
    "/": _quotient,
    "%": math.fmod,
    "^": _power,
}


def _of_number(apply: Callable[[Any], Any]) -> _Function:
    def call(value: Value) -> Value:
        found = number(value)
        if found is None:
            return None
        try:
            result: Value = apply(found)
        except (ArithmeticError, ValueError):
            return None
        return result

    return call


def _extreme(choose: Callable[..., Any]) -> _Function:
    def call(*values: Value) -> Value:
        present = [value for value in values if value is not None]
        found: Value = choose(present, key=sort_key) if present else None
        return found

    return call


def _of_text(apply: Callable[..., Value]) -> _Function:
    """Of what is not there nothing comes; numbers are read as they are shown."""

    def call(value: Value, *more: Value) -> Value:
        said = text(value)
        return None if said is None else apply(said, *more)

    return call


def _concat(*values: Value) -> Value:
    parts = [text(value) or "" for value in values]
    return "".join(parts) if sum(map(len, parts)) <= _LONGEST_TEXT else None


def _replace(said: str, old: Value, new: Value) -> Value:
    before, after = text(old), text(new)
    if before is None or after is None or not before:
        return said
    if len(said) + said.count(before) * (len(after) - len(before)) > _LONGEST_TEXT:
        return None
    return said.replace(before, after)


def _substr(said: str, start: Value, length: Value = _LONGEST_TEXT) -> Value:
    first, count = number(start), number(length)
    if first is None or count is None:
        return None
    begin = max(int(first), 0)
    return said[begin : begin + max(int(count), 0)]


def _without(said: str, affix: str, *, left: bool, right: bool) -> str:
    """AWS's own examples take the second text away as a whole: `trim("xyZfooxyZ", "xyZ")` is `foo`."""
    while left and affix and said.startswith(affix):
        said = said[len(affix) :]
    while right and affix and said.endswith(affix):
        said = said[: -len(affix)]
    return said


def _trim(*, left: bool, right: bool) -> _Function:
    def call(said: str, affix: Value = None) -> Value:
        away = text(affix)
        if away is not None:
            return _without(said, away, left=left, right=right)
        said = said.lstrip(_BLANKS) if left else said
        return said.rstrip(_BLANKS) if right else said

    return _of_text(call)


def _contains(value: Value, part: Value, _without_effect: Value = None) -> Value:
    """The third argument is documented to ignore case; AWS takes it, and it has no effect (recorded)."""
    said, wanted = text(value), text(part)
    return None if said is None or wanted is None else int(wanted in said)


def _is_empty(value: Value) -> Value:
    return value is None or value == ""


def _is_blank(value: Value) -> Value:
    return value is None or (isinstance(value, str) and not value.strip())


def _coalesce(*values: Value) -> Value:
    return next((value for value in values if value is not None), None)


def _from_millis(value: Value) -> Value:
    found = number(value)
    return None if found is None or not math.isfinite(found) else Moment(int(found))


def _to_millis(value: Value) -> Value:
    found = number(value)
    return None if found is None else int(found)


def _is_ip(*versions: int) -> _Function:
    def call(value: Value) -> Value:
        try:
            return ipaddress.ip_address(text(value) or "").version in versions
        except ValueError:
            return False

    return call


def _in_subnet(*versions: int) -> _Function:
    def call(value: Value, subnet: Value) -> Value:
        try:
            network = ipaddress.ip_network(text(subnet) or "", strict=False)
            address = ipaddress.ip_address(text(value) or "")
        except ValueError:
            return False
        return network.version in versions and address.version == network.version and address in network

    return call


# Ours: each may be a text of 1 MB that was made for it.
_ANY = 50
FUNCTIONS: Mapping[str, Function] = {
    "abs": Function(_of_number(abs), 1, 1),
    "ceil": Function(_of_number(math.ceil), 1, 1),
    "floor": Function(_of_number(math.floor), 1, 1),
    "log": Function(_of_number(math.log), 1, 1),
    "sqrt": Function(_of_number(math.sqrt), 1, 1),
    "greatest": Function(_extreme(max), 1, _ANY),
    "least": Function(_extreme(min), 1, _ANY),
    "ispresent": Function(lambda value: value is not None, 1, 1),
    "coalesce": Function(_coalesce, 1, _ANY),
    "isempty": Function(_is_empty, 1, 1),
    "isblank": Function(_is_blank, 1, 1),
    "concat": Function(_concat, 1, _ANY),
    "trim": Function(_trim(left=True, right=True), 1, 2),
    "ltrim": Function(_trim(left=True, right=False), 1, 2),
    "rtrim": Function(_trim(left=False, right=True), 1, 2),
    "strlen": Function(_of_text(len), 1, 1),
    "toupper": Function(_of_text(str.upper), 1, 1),
    "tolower": Function(_of_text(str.lower), 1, 1),
    "substr": Function(_of_text(_substr), 2, 3),
    "replace": Function(_of_text(_replace), 3, 3),
    "strcontains": Function(_contains, 2, 3),
    "frommillis": Function(_from_millis, 1, 1),
    "tomillis": Function(_to_millis, 1, 1),
    "isvalidip": Function(_is_ip(4, 6), 1, 1),
    "isvalidipv4": Function(_is_ip(4), 1, 1),
    "isvalidipv6": Function(_is_ip(6), 1, 1),
    "isipinsubnet": Function(_in_subnet(4, 6), 2, 2),
    "isipv4insubnet": Function(_in_subnet(4), 2, 2),
    "isipv6insubnet": Function(_in_subnet(6), 2, 2),
}


def conjunction(values: tuple[Callable[[Any], Value], ...], *, every: bool) -> Callable[[Any], Value]:
    """Return `and`, or `or`, of conditions on a row."""
    if every:
        return lambda row: all(truth(value(row)) for value in values)
    return lambda row: any(truth(value(row)) for value in values)
