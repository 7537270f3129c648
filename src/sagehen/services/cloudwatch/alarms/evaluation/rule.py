"""AlarmRule: the expression of a composite alarm over the states of others. Pure.

    rule  = both {OR both};  both = one {AND one}
    one   = NOT one | ( rule ) | TRUE | FALSE | STATE ( name or ARN, quoted or not )
    STATE = ALARM | OK | INSUFFICIENT_DATA

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from sagehen.services.cloudwatch.errors import ValidationError

_STATES = ("ALARM", "OK", "INSUFFICIENT_DATA")
# An alarm's name runs to the closing parenthesis; quoted, it may hold one.
_REFERENCE = re.compile(r'\(\s*(?:"((?:[^"\\]|\\.)*)"|([^()"]*?))\s*\)')
_WORD = re.compile(r"[A-Za-z_]+|[()]")
# Documented: API_PutCompositeAlarm (AlarmRule): 100 children, 500 elements. The depth is ours.
_MAX_CHILDREN = 100
_MAX_ELEMENTS = 500
_MAX_DEPTH = 100

# Alarm name -> its state.
States = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class AlarmRule:
    """A parsed rule. `children`: the names it refers to, each once, in order."""

    children: tuple[str, ...]
    holds: Callable[[States], bool]


def parse_rule(text: str) -> AlarmRule:
    """Read a rule.

    Raises:
        ValidationError: It is not well-formed or too large.
    """
    parser = _Parser(text)
    holds = parser.parse()
    children = tuple(dict.fromkeys(parser.names))
    if len(children) > _MAX_CHILDREN or parser.elements > _MAX_ELEMENTS:
        raise ValidationError("AlarmRule must not contain more than 100 children or 500 elements.")
    return AlarmRule(children, holds)


# Rules are parsed again at every change of a child: so many are kept.
parsed_rule = lru_cache(maxsize=4096)(parse_rule)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._depth = 0
        self.names: list[str] = []
        self.elements = 0

    def parse(self) -> Callable[[States], bool]:
        tree = self._either()
        if self._peek():
            raise self._wrong()
        return tree

    def _peek(self) -> str:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        found = _WORD.match(self._text, self._at)
        if found is None and self._at < len(self._text):
            raise self._wrong()
        return found[0] if found else ""

    def _take(self) -> str:
        word = self._peek()
        self._at += len(word)
        self.elements += 1
        return word

    def _either(self) -> Callable[[States], bool]:
        left = self._both()
        while self._peek() == "OR":
            self._take()
            left = _or(left, self._both())
        return left

    def _both(self) -> Callable[[States], bool]:
        left = self._one()
        while self._peek() == "AND":
            self._take()
            left = _and(left, self._one())
        return left

    def _one(self) -> Callable[[States], bool]:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise self._wrong()
        tree = self._term()
        self._depth -= 1
        return tree

    def _term(self) -> Callable[[States], bool]:
        word = self._peek()
        if word == "NOT":
            self._take()
            inner = self._one()
            return lambda states: not inner(states)
        if word == "(":
            self._take()
            tree = self._either()
            if self._peek() != ")":
                raise self._wrong()
            self._take()
            return tree
        if word in ("TRUE", "FALSE"):
            self._take()
            return lambda states: word == "TRUE"
        if word in _STATES:
            self._take()
            name = self._name()
            return lambda states: states.get(name) == word
        raise self._wrong()

    def _name(self) -> str:
        self._peek()
        found = _REFERENCE.match(self._text, self._at)
        if found is None:
            raise self._wrong()
        name = found[2] if found[1] is None else re.sub(r"\\(.)", r"\1", found[1])
        name = re.sub(r"^arn:[^:]*:cloudwatch:[^:]*:[^:]*:alarm:", "", name)
        if not name:
            raise self._wrong()
        self._at = found.end()
        self.names.append(name)
        return name

    def _wrong(self) -> ValidationError:
        return ValidationError(f"AlarmRule expression is invalid: syntax error at position {self._at}.")


def _or(left: Callable[[States], bool], right: Callable[[States], bool]) -> Callable[[States], bool]:
    return lambda states: left(states) or right(states)


def _and(left: Callable[[States], bool], right: Callable[[States], bool]) -> Callable[[States], bool]:
    return lambda states: left(states) and right(states)
