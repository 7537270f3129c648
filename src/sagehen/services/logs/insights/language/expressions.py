"""Expressions: `(@duration / 1000 > 2 or status in [500, 502]) and @message not like /health/`.

Documented: CloudWatch Logs User Guide, "Boolean, comparison, numeric, datetime, and other functions", and
"filter". How tightly operators bind is from memory: as in other languages, `not` before `and` before `or`.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from sagehen.services.logs.insights.language.malformed import malformed
from sagehen.services.logs.insights.language.tokens import RESERVED, Token, Tokens, unquoted
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

# From the loosest to the tightest; operators of one row bind from left to right.
_ARITHMETIC = (("+", "-"), ("*", "/", "%"))
# Ours: each level is a few frames of the interpreter's stack.
_MAX_DEPTH = 40
# So many operands in a row would be three times as many frames when they are compiled.
_MAX_OPERATIONS = 200
_MOST_DIGITS = 30
_UNITS = {"msec": "ms", "sec": "s", "min": "m", "hr": "h", "mon": "mo", "qtr": "q", "yr": "y"}


class ExpressionParser:
    """Reads expressions where its tokens stand."""

    def __init__(self, tokens: Tokens) -> None:
        self._tokens = tokens
        self._depth = 0
        self._operations = 0

    def expression(self) -> Expression:
        """Read one.

        Raises:
            MalformedQueryException
        """
        operands = [self._all()]
        while self._tokens.take_word("or"):
            operands.append(self._all())
        return self._operation("or", operands)

    def _all(self) -> Expression:
        operands = [self._inverse()]
        while self._tokens.take_word("and"):
            operands.append(self._inverse())
        return self._operation("and", operands)

    def _inverse(self) -> Expression:
        if self._tokens.take_word("not"):
            return Operation("not", (self._nested(self._inverse),))
        return self._comparison()

    def _comparison(self) -> Expression:
        left = self._arithmetic(0)
        if symbol := self._tokens.take_symbol(*COMPARISONS):
            return self._operation(symbol, [left, self._arithmetic(0)])
        inverse = False
        if self._tokens.peek().is_word("not"):
            self._tokens.take()
            inverse = True
        if self._tokens.take_word("like") or (not inverse and self._tokens.take_symbol("=~")):
            found: Expression = self._like(left)
        elif self._tokens.take_word("in"):
            found = self._in(left)
        elif inverse:
            raise self._tokens.surprise()
        else:
            return left
        return Operation("not", (found,)) if inverse else found

    def _like(self, subject: Expression) -> Expression:
        regex = self._tokens.regex()
        if regex is not None:
            text, start, end = regex
            return Like(subject, text, True, Span(start, end))
        token = self._tokens.peek()
        if token.kind != "text":
            raise self._tokens.surprise()
        self._tokens.take()
        return Like(subject, unquoted(token.text), False, Span(token.start, token.end))

    def _in(self, subject: Expression) -> Expression:
        self._tokens.expect("[")
        values: list[Expression] = []
        while not self._tokens.take_symbol("]"):
            if values:
                self._tokens.expect(",")
            values.append(self._nested(lambda: self._arithmetic(0)))
        return In(subject, tuple(values))

    def _arithmetic(self, level: int) -> Expression:
        if level == len(_ARITHMETIC):
            return self._negation()
        left = self._arithmetic(level + 1)
        while symbol := self._tokens.take_symbol(*_ARITHMETIC[level]):
            left = self._operation(symbol, [left, self._arithmetic(level + 1)])
        return left

    def _negation(self) -> Expression:
        if self._tokens.take_symbol("-"):
            return Operation("negate", (self._nested(self._negation),))
        base = self._atom()
        if self._tokens.take_symbol("^"):
            return self._operation("^", [base, self._nested(self._negation)])
        return base

    def _atom(self) -> Expression:
        token = self._tokens.peek()
        if token.is_symbol("("):
            self._tokens.take()
            inner = self._nested(self.expression)
            self._tokens.expect(")")
            return inner
        if token.kind in ("symbol", "end") or token.is_word(*RESERVED):
            raise self._tokens.surprise()
        self._tokens.take()
        if token.kind == "number":
            return _number(token)
        if token.kind == "text":
            return Literal(unquoted(token.text))
        if token.kind == "period":
            return _period(token)
        if self._tokens.peek().is_symbol("("):
            return self._call(token)
        return Field(token.name, Span(token.start, token.end))

    def _call(self, name: Token) -> Expression:
        self._tokens.expect("(")
        arguments: list[Expression] = []
        if self._tokens.take_symbol("*"):
            self._tokens.expect(")")
        else:
            while not self._tokens.take_symbol(")"):
                if arguments:
                    self._tokens.expect(",")
                arguments.append(self._nested(self.expression))
        return Call(name.name.lower(), tuple(arguments), Span(name.start, self._tokens.end))

    def _operation(self, symbol: str, operands: list[Expression]) -> Expression:
        if len(operands) == 1:
            return operands[0]
        self._operations += 1
        if self._operations > _MAX_OPERATIONS:
            raise malformed("the query holds too many operations", 0, self._tokens.end)
        return Operation(symbol, tuple(operands))

    def _nested(self, rule: Callable[[], Expression]) -> Expression:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise malformed("the expression is nested too deeply", 0, self._tokens.end)
        inner = rule()
        self._depth -= 1
        return inner


def _number(token: Token) -> Literal:
    value = float(token.text)
    if math.isinf(value):
        raise malformed("the number is out of range", token.start, token.end)
    # Whole ones of any length would outgrow what can be written, or made a float, once they are summed up.
    whole = token.text.isdigit() and len(token.text) <= _MOST_DIGITS
    return Literal(int(token.text) if whole else value)


def _period(token: Token) -> Period:
    digits = len(token.text) - len(token.text.lstrip("0123456789"))
    unit = token.text[digits:]
    if digits > 9 or not int(token.text[:digits]):
        raise malformed("the period is out of range", token.start, token.end)
    return Period(int(token.text[:digits]), _UNITS.get(unit, unit))
