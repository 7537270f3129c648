"""Metric math: `m1 / PERIOD(m1)`, `SUM(METRICS("errors"))`, `IF(m1 > 5, FILL(m2, 0))`.

A small recursive-descent parser to closures; nothing is handed to Python's own evaluator. What a
closure yields is a number, one series, or a list of series.
Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.cloudwatch.errors import ValidationError
from sagehen.services.cloudwatch.metric_math.functions import FUNCTIONS, Call
from sagehen.services.cloudwatch.metric_math.series import Series, Value, combine

__all__ = ["Evaluation", "Expression", "Series", "parse_expression"]

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
# What the expressions of one request may go through in all: some seconds of a thread. Enough for the sum of
# 500 metrics over a day by the minute.
_MOST_POINTS = 2_000_000


class Evaluation:
    """What the names of one request or alarm mean. Each metric is read once, each expression evaluated once.

    Args:
        metrics: Ids of the stored metrics.
        read: Returns one of them; asked when an expression first names it.
        expressions: By id.
    """

    def __init__(
        self, metrics: Collection[str], read: Callable[[str], Series], expressions: Mapping[str, Expression]
    ) -> None:
        self.known: Mapping[str, Series] = _Metrics(metrics, read, self.spend)
        self._expressions = expressions
        self._values: dict[str, Value] = {}
        self._open: set[str] = set()
        self._points_left = _MOST_POINTS

    def spend(self, points: int) -> None:
        """Count data points that are read, or that an operator or a function goes through.

        Raises:
            ValidationError: There are too many of them.
        """
        self._points_left -= points
        if self._points_left < 0:
            raise _invalid(f"more than {_MOST_POINTS} data points are needed for it")

    def counted(self, value: Value) -> Value:
        """Count a value's points."""
        self.spend(sum(len(one.values) for one in value) if isinstance(value, list) else _points(value))
        return value

    def results(self, query_id: str) -> list[Series]:
        """Return the series that a query yields: one, or several for METRICS() and the like.

        Raises:
            ValidationError: It has no value.
        """
        if query_id in self.known:
            return [self.known[query_id]]
        try:
            value = self.value(query_id)
        except (ArithmeticError, ValueError) as error:  # of numbers: points of series fall out
            raise _invalid(str(error)) from error
        except RecursionError:
            raise _invalid("it is nested too deeply") from None
        if isinstance(value, list):
            return [Series(query_id, one.label, one.period_s, _finite(one)) for one in value]
        if isinstance(value, Series):
            return [Series(query_id, query_id, value.period_s, _finite(value))]
        raise ValidationError(f"The expression {query_id} must return a time series, not a number.")

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


class _Metrics(Mapping[str, Series]):
    """Stored metrics by id, each read and counted when it is first named."""

    def __init__(
        self, names: Collection[str], read: Callable[[str], Series], spend: Callable[[int], None]
    ) -> None:
        self._names = names
        self._read = read
        self._spend = spend
        self._held: dict[str, Series] = {}

    def __getitem__(self, name: str) -> Series:
        if name not in self._held:
            if name not in self._names:
                raise KeyError(name)
            series = self._read(name)
            self._spend(len(series.values))
            self._held[name] = series
        return self._held[name]

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _finite(series: Series) -> dict[int, float]:
    """Leave out what no answer can carry."""
    return {at_s: value for at_s, value in series.values.items() if math.isfinite(value)}


def _points(value: Value) -> int:
    return len(value.values) if isinstance(value, Series) else 1


@dataclass(frozen=True, slots=True)
class Expression:
    text: str
    evaluate: Callable[[Evaluation], Value]


def parse_expression(text: str) -> Expression:
    """Read an expression.

    Raises:
        ValidationError: It is not well-formed.
        NotImplementedOperation: It calls a function that is not built, or is a Metrics Insights query.
    """
    if text.lstrip().upper().startswith("SELECT "):
        raise NotImplementedOperation("Metrics Insights queries are not implemented.")
    return Expression(text, _Parser(text).parse())


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

    def parse(self) -> Callable[[Evaluation], Value]:
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

    def _binary(self, level: int) -> Callable[[Evaluation], Value]:
        if level == len(_BINARY):
            return self._power()
        left = self._binary(level + 1)
        while self._peek() in _BINARY[level]:
            function = _BINARY[level][self._take()[1]]
            left = _bind(function, left, self._binary(level + 1))
        return left

    def _power(self) -> Callable[[Evaluation], Value]:
        if self._peek() == "-":
            self._take()
            return _bind(operator.sub, lambda scope: 0.0, self._nested(self._power))
        base = self._atom()
        if self._peek() == "^":
            self._take()
            return _bind(math.pow, base, self._nested(self._power))
        return base

    def _nested(self, rule: Callable[[], Callable[[Evaluation], Value]]) -> Callable[[Evaluation], Value]:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _invalid("it is nested too deeply")
        tree = rule()
        self._depth -= 1
        return tree

    def _atom(self) -> Callable[[Evaluation], Value]:
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

    def _call(self, name: str) -> Callable[[Evaluation], Value]:
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

        def call(scope: Evaluation) -> Value:
            values = [scope.counted(argument(scope)) for argument in arguments]
            return scope.counted(function(Call(name, values, texts, scope.known)))

        return call

    def _arguments(self, closing: str) -> list[Callable[[Evaluation], Value]]:
        arguments: list[Callable[[Evaluation], Value]] = []
        while self._peek() != closing:
            if arguments:
                self._expect(",")
            arguments.append(self._nested(lambda: self._binary(0)))
        self._take()
        return arguments

    def _fill_arguments(self, texts: list[str]) -> list[Callable[[Evaluation], Value]]:
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
    left: Callable[[Evaluation], Value],
    right: Callable[[Evaluation], Value],
) -> Callable[[Evaluation], Value]:
    return lambda scope: scope.counted(combine(function, left(scope), right(scope)))


def _one(value: Value) -> Series:
    if isinstance(value, Series):
        return value
    raise _invalid("an array may hold only single time series")


def _invalid(reason: str) -> ValidationError:
    return ValidationError(f"Error in expression: {reason}.")
