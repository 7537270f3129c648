"""Expressions become functions of rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from sagehen.api.user_patterns import InvalidPattern, PatternTooSlow, UserPattern
from sagehen.services.logs.insights.evaluation.functions import FUNCTIONS, arithmetic, conjunction
from sagehen.services.logs.insights.evaluation.lambda_lines import NAMES as LAMBDA_NAMES
from sagehen.services.logs.insights.evaluation.ordering import comparison, equal
from sagehen.services.logs.insights.evaluation.periods import ceiling_of, floor_of
from sagehen.services.logs.insights.evaluation.pointers import pointer
from sagehen.services.logs.insights.evaluation.row import Row
from sagehen.services.logs.insights.evaluation.values import Moment, Value, number, text, truth
from sagehen.services.logs.insights.language.malformed import malformed
from sagehen.services.logs.insights.language.tree import (
    COMPARISONS,
    Call,
    Expression,
    Field,
    In,
    Like,
    Literal,
    Operation,
    Period,
    Span,
)
from sagehen.services.logs.insights.language.unbuilt import refuse_function

Getter = Callable[[Row], Value]

# Documented (API_PutLogEvents): the longest event, 1 MB.
_SEARCHED_CHARACTERS = 1024 * 1024
_LONGEST_PATTERN = 2048  # ours
_CONSTANTS: Mapping[str, Value] = {"true": True, "false": False}


def _stream(row: Row) -> Value:
    return None if row.source is None else row.source.stream


def _log(row: Row) -> Value:
    return None if row.source is None else row.source.log


_SYSTEM: Mapping[str, Getter] = {
    "@message": lambda row: row.message,
    "@timestamp": lambda row: Moment(row.at_ms),
    "@ingestionTime": lambda row: Moment(row.sequence >> 20),
    "@logStream": _stream,
    "@log": _log,
    "@ptr": pointer,
}


@dataclass(slots=True)
class Scope:
    """What names mean at a place in the query.

    Args:
        made: Names that commands before it have made.
        grouped: Events are grouped: there are no other fields any more.
        results: In `stats`: aggregations that stand in an expression, and what gives their results.
    """

    made: set[str] = field(default_factory=set)
    grouped: bool = False
    results: Callable[[Call], Getter | None] | None = None

    def define(self, name: str, span: Span) -> None:
        """Make a name known.

        Raises:
            MalformedQueryException: It is there already (recorded).
        """
        if name in self.made:
            raise malformed(f"Ephemeral field is already defined: {name}", *span)
        self.made.add(name)


def compiled(expression: Expression, scope: Scope) -> Getter:
    """Return what gives an expression's value for a row.

    Raises:
        MalformedQueryException: It calls what is no function, or one with other arguments.
        NotImplementedOperation: It calls a function of AWS's that is not here.
    """
    match expression:
        case Literal(value):
            return lambda row: value
        case Field(name):
            return field_getter(name, scope)
        case Period():
            raise malformed("a period stands where no period can be", 0, 0)
        case Like():
            return _like(expression, scope)
        case In(subject, values):
            return _in(compiled(subject, scope), [compiled(value, scope) for value in values])
        case Call():
            return _call(expression, scope)
        case Operation():
            return _operation(expression, scope)


def field_getter(name: str, scope: Scope) -> Getter:
    """Return what gives a field of a row."""
    if name in scope.made:
        return lambda row: row.made.get(name)
    if name in _CONSTANTS:
        constant = _CONSTANTS[name]
        return lambda row: constant
    if scope.grouped:
        return lambda row: None
    if name in _SYSTEM:
        return _SYSTEM[name]
    if name in LAMBDA_NAMES:
        return lambda row: row.lambda_field(name)
    # Documented: discovered names that begin with `@` are shown with another one.
    path = name[1:] if name.startswith("@@") else name
    if name.startswith("@") and path == name:
        return lambda row: None
    return lambda row: row.json_field(path)


def search_of(pattern: str, span: Span) -> tuple[UserPattern, Callable[[str], list[str | None] | None]]:
    """Return a regular expression, and its search of a text; a search that takes too long finds nothing.

    Raises:
        MalformedQueryException: It is none, or too much.
    """
    if len(pattern) > _LONGEST_PATTERN:
        raise malformed(f"the regular expression is longer than {_LONGEST_PATTERN} characters", *span)
    try:
        regex = UserPattern(pattern)
    except InvalidPattern as error:
        raise malformed(f"invalid regular expression: {error}", *span) from None

    def search(said: str) -> list[str | None] | None:
        try:
            return regex.search(said, _SEARCHED_CHARACTERS, aside=True)
        except PatternTooSlow:
            return None

    return regex, search


def _like(like: Like, scope: Scope) -> Getter:
    subject = compiled(like.subject, scope)
    wanted = like.text
    if not like.is_regex:

        def contains(row: Row) -> Value:
            said = text(subject(row))
            return said is not None and wanted in said

        return contains
    search = search_of(wanted, like.span)[1]

    def matches(row: Row) -> Value:
        said = text(subject(row))
        return said is not None and search(said) is not None

    return matches


def _in(subject: Getter, values: Sequence[Getter]) -> Getter:
    def is_in(row: Row) -> Value:
        value = subject(row)
        return any(equal(value, one(row)) for one in values)

    return is_in


def _operation(operation: Operation, scope: Scope) -> Getter:
    operands = tuple(compiled(operand, scope) for operand in operation.operands)
    symbol = operation.symbol
    if symbol in ("and", "or"):
        return conjunction(operands, every=symbol == "and")
    first = operands[0]
    if symbol == "not":
        return lambda row: not truth(first(row))
    if symbol == "negate":
        return lambda row: None if (value := number(first(row))) is None else -value
    second = operands[1]
    if symbol in COMPARISONS:
        compare = comparison(symbol)
        return lambda row: compare(first(row), second(row))
    operate = arithmetic(symbol)
    return lambda row: operate(first(row), second(row))


def _call(call: Call, scope: Scope) -> Getter:
    if scope.results is not None and (result := scope.results(call)) is not None:
        return result
    if call.name in ("bin", "datefloor", "dateceil"):
        return _of_period(call, scope)
    if call.name == "now" and not call.arguments:
        # The moment of the query, not of each event.
        now_s = int(time.time())
        return lambda row: now_s
    function = FUNCTIONS.get(call.name)
    if function is None:
        refuse_function(call.name)
        raise malformed(f"unknown function {call.name}", *call.span)
    if not function.least <= len(call.arguments) <= function.most:
        raise malformed(f"{call.name} takes another number of arguments", *call.span)
    arguments = tuple(compiled(argument, scope) for argument in call.arguments)
    apply = function.apply
    if len(arguments) == 1:
        only = arguments[0]
        return lambda row: apply(only(row))
    return lambda row: apply(*(argument(row) for argument in arguments))


def _of_period(call: Call, scope: Scope) -> Getter:
    arguments = list(call.arguments)
    if call.name == "bin":
        arguments.insert(0, Field("@timestamp", call.span))
    if len(arguments) != 2 or not isinstance(arguments[1], Period):
        raise malformed(f"{call.name} takes a period, such as 5m", *call.span)
    cut = ceiling_of(arguments[1]) if call.name == "dateceil" else floor_of(arguments[1])
    at = compiled(arguments[0], scope)

    def call_it(row: Row) -> Value:
        value = number(at(row))
        return None if value is None else cut(value)

    return call_it
