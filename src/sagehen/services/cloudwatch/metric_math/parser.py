"""Metric math: `m1 / PERIOD(m1)`, `SUM(METRICS("errors"))`, `IF(m1 > 5, FILL(m2, 0))`.

A small recursive-descent parser to closures; nothing is handed to Python's own evaluator. What a
closure yields is a number, one series, or a list of series.
Documented: CloudWatch User Guide, "Using math expressions with CloudWatch metrics"; how tightly operators
bind is from memory: as in other languages.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.cloudwatch.metric_math.evaluation import Evaluation, Expression, Tree
from sagehen.services.cloudwatch.metric_math.functions import FUNCTIONS, Call
from sagehen.services.cloudwatch.metric_math.series import Series, Value, combine, invalid

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
# Ours: each level is a few frames of the interpreter's stack.
_MAX_DEPTH = 40


def parse_expression(text: str) -> Expression:
    """Read an expression.

    Raises:
        ValidationError: It is not well-formed.
        NotImplementedOperation: It calls a function that is not built, or is a Metrics Insights query.
    """
    # Documented: User Guide, "Metrics Insights query components and syntax": such a query begins so.
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
                raise invalid(f"unexpected {text[position:].strip()[:1]!r}")
            self._tokens.append((str(found.lastgroup), found.group(str(found.lastgroup))))
            position = found.end()
        self._depth = 0

    def parse(self) -> Tree:
        tree = self._binary(0)
        if self._tokens:
            raise invalid(f"unexpected {self._tokens[0][1]!r}")
        return tree

    def _peek(self) -> str:
        return self._tokens[0][1] if self._tokens else ""

    def _take(self) -> tuple[str, str]:
        if not self._tokens:
            raise invalid("it ends too early")
        return self._tokens.pop(0)

    def _expect(self, symbol: str) -> None:
        if (taken := self._take()[1]) != symbol:
            raise invalid(f"expected {symbol!r}, found {taken!r}")

    def _binary(self, level: int) -> Tree:
        if level == len(_BINARY):
            return self._power()
        left = self._binary(level + 1)
        while self._peek() in _BINARY[level]:
            function = _BINARY[level][self._take()[1]]
            left = _bind(function, left, self._binary(level + 1))
        return left

    def _power(self) -> Tree:
        if self._peek() == "-":
            self._take()
            return _bind(operator.sub, lambda scope: 0.0, self._nested(self._power))
        base = self._atom()
        if self._peek() == "^":
            self._take()
            return _bind(math.pow, base, self._nested(self._power))
        return base

    def _nested(self, rule: Callable[[], Tree]) -> Tree:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise invalid("it is nested too deeply")
        tree = rule()
        self._depth -= 1
        return tree

    def _atom(self) -> Tree:
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
            raise invalid(f"unexpected {text!r}")
        if self._peek() == "(":
            return self._call(text)
        return lambda scope: scope.value(text)

    def _call(self, name: str) -> Tree:
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
            return scope.counted(function(Call(name, values, texts, scope.known, scope.spend)))

        return call

    def _arguments(self, closing: str) -> list[Tree]:
        arguments: list[Tree] = []
        while self._peek() != closing:
            if arguments:
                self._expect(",")
            arguments.append(self._nested(lambda: self._binary(0)))
        self._take()
        return arguments

    def _fill_arguments(self, texts: list[str]) -> list[Tree]:
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
    left: Tree,
    right: Tree,
) -> Tree:
    return lambda scope: scope.counted(combine(function, left(scope), right(scope)))


def _one(value: Value) -> Series:
    if isinstance(value, Series):
        return value
    raise invalid("an array may hold only single time series")
