"""JSON filter patterns: `{ ($.level = "ERROR" || $.code >= 500) && $.user.name != "a*" }`.

Documented: CloudWatch Logs User Guide, "Filter pattern syntax", Match terms in JSON log events. `$.a[*]` and
`$.a.*` select any element or field: a condition holds where it does for one of them (for `!=` from memory).
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any

from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.patterns.number import number_of
from sagehen.services.logs.patterns.regular_expressions import compile_regex

Condition = Callable[[Any], bool]

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<selector>\$(?:\.(?:[A-Za-z0-9_\-]+|\*|\['[^']*'\])|\[(?:\d+|\*|"[^"]*"|'[^']*')\])+)
      | (?P<string>"(?:[^"\\]|\\.)*")
      | (?P<regex>%(?:[^%\\]|\\.)+%)
      | (?P<symbol>&&|\|\||!=|<=|>=|=|<|>|\(|\)|\{|\})
      | (?P<word>[^\s(){}=<>!&|"]+)
    )""",
    re.VERBOSE,
)
_STEP = re.compile(
    r"""\.(?P<name>[A-Za-z0-9_\-]+)|\[(?P<index>\d+)\]|(?P<any>\.\*|\[\*\])
      | \[\"(?P<double>[^"]*)\"\]|\.?\['(?P<single>[^']*)'\]""",
    re.VERBOSE,
)
# Documented: see above.
_MOST_WILDCARDS = 3
# A member's name, an element's place, or None: any of them.
_Step = str | int | None
_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
MISSING = object()
# Deeper nesting than anybody writes; the pattern's 1024 characters could hold enough brackets to
# overrun the interpreter's stack.
_MAX_DEPTH = 50


def parse_json_pattern(text: str) -> Callable[[str], bool]:
    """Return the test of a message; messages that are not JSON objects never match.

    Raises:
        InvalidParameterException: The pattern is not well-formed.
    """
    condition = _Parser(text).parse()

    def matches(message: str) -> bool:
        start = message.lstrip()[:1]
        if start not in ("{", "["):
            return False
        try:
            return condition(json.loads(message))
        except (ValueError, RecursionError):
            return False

    return matches


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens: list[tuple[str, str]] = []
        position = 0
        while position < len(text.rstrip()):
            found = _TOKEN.match(text, position)
            if found is None:
                raise _invalid()
            self._tokens.append((found.lastgroup or "", found.group(found.lastgroup or 0)))
            position = found.end()
        self._depth = 0
        self._wildcards = 0

    def parse(self) -> Condition:
        self._expect("{")
        condition = self._any()
        self._expect("}")
        if self._tokens:
            raise _invalid()
        return condition

    def _peek(self) -> str:
        return self._tokens[0][1] if self._tokens else ""

    def _take(self) -> tuple[str, str]:
        if not self._tokens:
            raise _invalid()
        return self._tokens.pop(0)

    def _expect(self, symbol: str) -> None:
        if self._take()[1] != symbol:
            raise _invalid()

    def _any(self) -> Condition:
        parts = [self._all()]
        while self._peek() == "||":
            self._take()
            parts.append(self._all())
        return lambda value: any(part(value) for part in parts)

    def _all(self) -> Condition:
        parts = [self._one()]
        while self._peek() == "&&":
            self._take()
            parts.append(self._one())
        return lambda value: all(part(value) for part in parts)

    def _one(self) -> Condition:
        if self._peek() != "(":
            return self._comparison()
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise _invalid()
        self._take()
        condition = self._any()
        self._expect(")")
        self._depth -= 1
        return condition

    def _comparison(self) -> Condition:
        kind, text = self._take()
        if kind != "selector":
            raise _invalid()
        steps = _steps(text)
        self._wildcards += steps.count(None)
        if steps.count(None) > 1 or self._wildcards > _MOST_WILDCARDS:
            raise _invalid()
        kind, symbol = self._take()
        if kind == "word":
            return self._keyword(steps, symbol.upper())
        kind, literal = self._take()
        if kind not in ("string", "word", "regex"):
            raise _invalid()
        if symbol in _ORDER:
            return _ordered(steps, _ORDER[symbol], _bound(literal))
        if symbol not in ("=", "!="):
            raise _invalid()
        equal = _equality(kind, literal)
        if symbol == "=":
            return lambda value: any(equal(found) for found in _selected(value, steps))
        # Documented: a selector has to point to a string or a number, else neither = nor != matches.
        return lambda value: any(_is_scalar(found) and not equal(found) for found in _selected(value, steps))

    def _keyword(self, steps: list[_Step], keyword: str) -> Condition:
        word = self._take()[1].upper()
        if (keyword, word) == ("NOT", "EXISTS"):
            return lambda value: _select(value, steps) is MISSING
        constants = {"TRUE": True, "FALSE": False, "NULL": None}
        if keyword != "IS" or word not in constants:
            raise _invalid()
        constant = constants[word]
        return lambda value: any(found is constant for found in _selected(value, steps))


def selectors_of(text: str) -> tuple[str, ...]:
    """Return the selectors (`$.a.b`) of a well-formed pattern that select one thing, each once."""
    found = (match["selector"] for match in _TOKEN.finditer(text))
    return tuple(dict.fromkeys(selector for selector in found if selector and None not in _steps(selector)))


def field_of(document: Any, selector: str) -> Any:
    """Return what a selector selects, or MISSING."""
    return _select(document, _steps(selector))


def is_selector(text: str) -> bool:
    """Tell whether a text is a selector of one thing: `$.a.b`, `$.a[0]`, `$["a b"]`."""
    found = _TOKEN.fullmatch(text)
    return found is not None and found["selector"] is not None and None not in _steps(text)


def _steps(selector: str) -> list[_Step]:
    return [_step(found) for found in _STEP.finditer(selector)]


def _step(found: re.Match[str]) -> _Step:
    if found["any"]:
        return None
    if found["index"]:
        return int(found["index"])
    return str(found[found.lastgroup or 0])


def _select(value: Any, steps: list[_Step]) -> Any:
    return next(_selected(value, steps), MISSING)


def _selected(value: Any, steps: list[_Step]) -> Iterator[Any]:
    for number, step in enumerate(steps, 1):
        if step is None:
            inner = value if isinstance(value, list) else value.values() if isinstance(value, dict) else ()
            for one in inner:
                yield from _selected(one, steps[number:])
            return
        held = range(len(value)) if isinstance(value, list) else value if isinstance(value, dict) else ()
        if step not in held:
            return
        value = value[step]
    yield value


def _equality(kind: str, literal: str) -> Condition:
    """Strings may begin and end with `*`; a bare word may be a number; `%...%` is looked for."""
    if kind == "regex":
        found = compile_regex(literal[1:-1])
        return lambda value: _is_scalar(value) and found(str(value))
    if kind == "word":
        number = number_of(literal)
        if number is not None:
            return lambda value: _is_number(value) and value == number
        wanted = literal
    else:
        wanted = re.sub(r"\\(.)", r"\1", literal[1:-1])
    matches = _affixes(wanted)
    if matches is None:
        return lambda value: isinstance(value, str) and value == wanted
    if kind == "string":
        return lambda value: isinstance(value, str) and matches(value)
    # `$.latency = *` is any number as well: AWS's own example of a metric filter.
    return lambda value: _is_scalar(value) and matches(str(value))


def _affixes(wanted: str) -> Callable[[str], bool] | None:
    """Return the test of a text with `*` at its start, its end or both; None for one without.

    Documented: in the midst of a text a star is a star, `Ev*ent` matches nothing but `Ev*ent`.
    """
    inner = wanted.strip("*")
    before, after = wanted.startswith("*"), wanted.endswith("*")
    if before and after:
        return lambda text: inner in text
    if before:
        return lambda text: text.endswith(inner)
    if after:
        return lambda text: text.startswith(inner)
    return None


def _ordered(steps: list[_Step], compare: Callable[[Any, Any], bool], number: float) -> Condition:
    return lambda value: any(
        _is_number(found) and compare(found, number) for found in _selected(value, steps)
    )


def _is_scalar(value: Any) -> bool:
    return isinstance(value, str) or _is_number(value)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _bound(literal: str) -> float:
    number = number_of(literal)
    if number is None:
        raise _invalid()
    return number


def _invalid() -> InvalidParameterException:
    return InvalidParameterException("Invalid filter pattern")
