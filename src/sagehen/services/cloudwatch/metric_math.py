"""Metric math: `m1 / PERIOD(m1)`, `SUM(METRICS("errors"))`, `IF(m1 > 5, FILL(m2, 0))`.

A small recursive-descent parser to closures; nothing is handed to Python's own evaluator. What a
closure yields is a number, one series, or a list of series.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.cloudwatch.errors import ValidationError
from sagehen.services.cloudwatch.math_functions import FUNCTIONS, Call
from sagehen.services.cloudwatch.series import Series, Value, combine

__all__ = ["Expression", "Series", "evaluate", "parse_expression"]

_TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+)|(?P<text>"[^"]*"|'[^']*')
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<symbol>==|!=|<=|>=|&&|\|\||[-+*/^()<>,\[\]]))""",
    re.VERBOSE,
)
# From the loosest to the tightest; operators of one row bind from left to right.
_BINARY: tuple[dict[str, Callable[[float, float], float]], ...] = (
    {"||": lambda a, b: float(bool(a) or bool(b)), "OR": lambda a, b: float(bool(a) or bool(b))},
    {"&&": lambda a, b: float(bool(a) and bool(b)), "AND": lambda a, b: float(bool(a) and bool(b))},
    {
        "==": lambda a, b: float(a == b),
        "!=": lambda a, b: float(a != b),
        "<": lambda a, b: float(a < b),
        "<=": lambda a, b: float(a <= b),
        ">": lambda a, b: float(a > b),
        ">=": lambda a, b: float(a >= b),
    },
    {"+": operator.add, "-": operator.sub},
    {"*": operator.mul, "/": operator.truediv},
)
_MAX_DEPTH = 40


class Scope:
    """What the names of one evaluation mean; expressions are evaluated once, when first named."""

    def __init__(self, known: Mapping[str, Series], expressions: Mapping[str, Expression]) -> None:
        self.known = known
        self._expressions = expressions
        self._values: dict[str, Value] = {}
        self._open: set[str] = set()

    def value(self, name: str) -> Value:
        if name in self.known:
            return self.known[name]
        if name not in self._values:
            if name not in self._expressions:
                raise _invalid(f"unknown identifier {name}")
            if name in self._open:
                raise _invalid(f"{name} depends on itself")
            self._open.add(name)
            self._values[name] = self._expressions[name].evaluate(self)
            self._open.discard(name)
        return self._values[name]


@dataclass(frozen=True, slots=True)
class Expression:
    text: str
    evaluate: Callable[[Scope], Value]


def parse_expression(text: str) -> Expression:
    """Read an expression.

    Raises:
        ValidationError: It is not well-formed.
        NotImplementedOperation: It calls a function that is not built, or is a Metrics Insights query.
    """
    if text.lstrip().upper().startswith("SELECT "):
        raise NotImplementedOperation("Metrics Insights queries are not implemented.")
    return Expression(text, _Parser(text).parse())


def evaluate(
    query_id: str, known: Mapping[str, Series], expressions: Mapping[str, Expression]
) -> list[Series]:
    """Return the series that a query yields: one, or several for METRICS() and the like."""
    if query_id in known:
        return [known[query_id]]
    try:
        value = Scope(known, expressions).value(query_id)
    except (OverflowError, ArithmeticError) as error:
        raise _invalid(str(error)) from error
    if isinstance(value, list):
        return [Series(query_id, one.label, one.period_s, one.values) for one in value]
    if isinstance(value, Series):
        return [Series(query_id, query_id, value.period_s, value.values)]
    raise ValidationError(f"The expression {query_id} must return a time series, not a number.")


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        text = text.rstrip()
        position = 0
        while position < len(text):
            found = _TOKEN.match(text, position)
            if found is None:
                raise _invalid(f"unexpected {text[position:].strip()[:1]!r}")
            self._tokens.append((str(found.lastgroup), found.group(str(found.lastgroup))))
            position = found.end()
        self._depth = 0

    def parse(self) -> Callable[[Scope], Value]:
        tree = self._binary(0)
        if self._tokens:
            raise _invalid(f"unexpected {self._tokens[0][1]!r}")
        return tree

    def _peek(self) -> str:
        return self._tokens[0][1] if self._tokens else ""

    def _take(self) -> tuple[str, str]:
        if not self._tokens:
            raise _invalid("it ends too early")
        return self._tokens.pop(0)

    def _expect(self, symbol: str) -> None:
        if (taken := self._take()[1]) != symbol:
            raise _invalid(f"expected {symbol!r}, found {taken!r}")

    def _binary(self, level: int) -> Callable[[Scope], Value]:
        if level == len(_BINARY):
            return self._power()
        left = self._binary(level + 1)
        while self._peek() in _BINARY[level]:
            function = _BINARY[level][self._take()[1]]
            left = _bind(function, left, self._binary(level + 1))
        return left

    def _power(self) -> Callable[[Scope], Value]:
        if self._peek() == "-":
            self._take()
            return _bind(operator.sub, lambda scope: 0.0, self._nested(self._power))
        base = self._atom()
        if self._peek() == "^":
            self._take()
            return _bind(math.pow, base, self._nested(self._power))
        return base

    def _nested(self, rule: Callable[[], Callable[[Scope], Value]]) -> Callable[[Scope], Value]:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _invalid("it is nested too deeply")
        tree = rule()
        self._depth -= 1
        return tree

    def _atom(self) -> Callable[[Scope], Value]:
        kind, text = self._take()
        if kind == "number":
            number = float(text)
            return lambda scope: number
        if text == "(":
            tree = self._nested(lambda: self._binary(0))
            self._expect(")")
            return tree
        if text == "[":
            items = self._arguments("]")
            return lambda scope: [_one(item(scope)) for item in items]
        if kind != "name":
            raise _invalid(f"unexpected {text!r}")
        if self._peek() == "(":
            return self._call(text)
        return lambda scope: scope.value(text)

    def _call(self, name: str) -> Callable[[Scope], Value]:
        self._take()
        if name not in FUNCTIONS:
            raise NotImplementedOperation(f"The metric math function {name} is not implemented.")
        function = FUNCTIONS[name]
        texts: list[str] = []
        if self._tokens and self._tokens[0][0] == "text":
            texts.append(self._take()[1][1:-1])
            self._expect(")")
            arguments = []
        elif name == "FILL":
            arguments = self._fill_arguments(texts)
        else:
            arguments = self._arguments(")")

        def call(scope: Scope) -> Value:
            return function(Call(name, [argument(scope) for argument in arguments], texts, scope.known))

        return call

    def _arguments(self, closing: str) -> list[Callable[[Scope], Value]]:
        arguments: list[Callable[[Scope], Value]] = []
        while self._peek() != closing:
            if arguments:
                self._expect(",")
            arguments.append(self._nested(lambda: self._binary(0)))
        self._take()
        return arguments

    def _fill_arguments(self, texts: list[str]) -> list[Callable[[Scope], Value]]:
        """`FILL(m1, 0)`, or with the bare word REPEAT or LINEAR."""
        arguments = [self._nested(lambda: self._binary(0))]
        self._expect(",")
        if self._peek() in ("REPEAT", "LINEAR"):
            texts.append(self._take()[1])
        else:
            arguments.append(self._nested(lambda: self._binary(0)))
        self._expect(")")
        return arguments


def _bind(
    function: Callable[[float, float], float],
    left: Callable[[Scope], Value],
    right: Callable[[Scope], Value],
) -> Callable[[Scope], Value]:
    return lambda scope: combine(function, left(scope), right(scope))


def _one(value: Value) -> Series:
    if isinstance(value, Series):
        return value
    raise _invalid("an array may hold only single time series")


def _invalid(reason: str) -> ValidationError:
    return ValidationError(f"Error in expression: {reason}.")
