"""Filter patterns for space-delimited events: `[ip, user, ..., status = 4* || status = 5*, bytes > 1000]`.

Documented: CloudWatch Logs User Guide, "Filter pattern syntax", Match terms in space-delimited log events.
Fields are separated by blanks; what stands between double quotes or brackets is one field. An event
matches where it has as many fields as the pattern (`...` stands for any number of them) and every
condition holds. Conditions of several fields in one place, as in AWS's example
`[..., status_code = 4* && bytes > 1000]`, stand for as many places, in the order of their names.
"""

from __future__ import annotations

import fnmatch
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.patterns.number import number_of
from sagehen.services.logs.patterns.regular_expressions import REGEX, compile_regex

# What a matching event's fields are, by `$name` and, where the pattern names none, by `$number`.
Fields = Mapping[str, str]
_Test = Callable[[str], bool]

_BLANK = re.compile(r"\s*")
_WORD = re.compile(r"\S+")
_CLOSERS = {'"': '"', "[": "]"}
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_CONDITION = re.compile(
    r"""\s*(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*(?P<symbol>!=|<=|>=|=|<|>)\s*
    (?:"(?P<text>(?:[^"\\]|\\.)*)"|%(?P<regex>(?:[^%\\]|\\.)+)%|(?P<word>[^\s"&|=<>!][^\s"&|]*))\s*""",
    re.VERBOSE,
)
_ORDER: Mapping[str, Callable[[float, float], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@dataclass(frozen=True, slots=True)
class _Part:
    """What stands between two commas: one field, or several that a condition ties together.

    Args:
        names: '' where the pattern gives none.
        any_of: Alternatives of conditions that all have to hold: the number of a field of these, and its
            test; none where anything will do.
    """

    names: Sequence[str] = ("",)
    any_of: Sequence[Sequence[tuple[int, _Test]]] = ()

    def holds(self, fields: Sequence[str]) -> bool:
        """Tell whether the conditions hold for as many fields as there are names."""
        if not self.any_of:
            return True
        return any(all(test(fields[number]) for number, test in tests) for tests in self.any_of)


def parse_delimited_pattern(text: str) -> Callable[[str], Fields | None]:
    """Return what gives a message's fields, or None where it does not match.

    Raises:
        InvalidParameterException: The pattern is not well-formed.
    """
    if not text.endswith("]"):
        raise _invalid()
    parts = [part.strip() for part in _split(text[1:-1], ",")]
    if parts.count("...") > 1 or parts == [""]:
        raise _invalid()
    gap = parts.index("...") if "..." in parts else None
    head = [_part(part) for part in (parts if gap is None else parts[:gap])]
    tail = [] if gap is None else [_part(part) for part in parts[gap + 1 :]]
    counted = sum(len(part.names) for part in (*head, *tail))

    def fields(message: str) -> Fields | None:
        found = _fields(message)
        skipped = len(found) - counted
        if skipped < 0 or (skipped and gap is None):
            return None
        names: list[str] = []
        for part in (*head, *[_Part()] * skipped, *tail):
            if not part.holds(found[len(names) : len(names) + len(part.names)]):
                return None
            names += part.names
        return {
            f"${name or number}": field
            for number, (name, field) in enumerate(zip(names, found, strict=True), 1)
        }

    return fields


def _fields(message: str) -> list[str]:
    """Split an event. Linear: a closing sign that is missing is looked for once."""
    closers = dict(_CLOSERS)
    found: list[str] = []
    position = _BLANK.match(message, 0).end()  # type: ignore[union-attr]
    while position < len(message):
        sign = message[position]
        end = message.find(closers[sign], position + 1) if sign in closers else -1
        if end >= 0:
            found.append(message[position + 1 : end])
            end += 1
        else:
            closers.pop(sign, None)
            end = _WORD.match(message, position).end()  # type: ignore[union-attr]
            found.append(message[position:end])
        position = _BLANK.match(message, end).end()  # type: ignore[union-attr]
    return found


def _part(part: str) -> _Part:
    if not part or _NAME.fullmatch(part):
        return _Part((part,))
    any_of: list[list[tuple[int, _Test]]] = []
    names: list[str] = []
    for alternative in _split(part, "||"):
        tests = []
        for condition in _split(alternative, "&&"):
            found = _CONDITION.fullmatch(condition)
            if found is None:
                raise _invalid()
            if found["name"] not in names:
                names.append(found["name"])
            tests.append((names.index(found["name"]), _test(found)))
        any_of.append(tests)
    return _Part(tuple(names), any_of)


def _test(condition: re.Match[str]) -> _Test:
    symbol, word = condition["symbol"], condition["word"]
    if condition["regex"] is not None:
        if symbol not in ("=", "!="):
            raise _invalid()
        found = compile_regex(condition["regex"])
        return found if symbol == "=" else lambda field: not found(field)
    wanted = word if word is not None else re.sub(r"\\(.)", r"\1", condition["text"])
    if symbol in _ORDER:
        compare, bound = _ORDER[symbol], number_of(wanted)
        if bound is None:
            raise _invalid()

        def ordered(field: str) -> bool:
            value = number_of(field)
            return value is not None and compare(value, bound)

        return ordered
    equal = _equality(wanted, is_word=word is not None)
    return equal if symbol == "=" else lambda field: not equal(field)


def _equality(wanted: str, *, is_word: bool) -> _Test:
    """Both kinds may hold `*`; a bare number equals whatever reads as that number."""
    number = number_of(wanted) if is_word else None
    if number is not None:
        return lambda field: number_of(field) == number
    if "*" not in wanted:
        return lambda field: field == wanted
    # As few stars as mean the same: their number is what a match costs.
    glob = re.compile(fnmatch.translate(re.sub(r"([\[?])", r"[\1]", re.sub(r"\*+", "*", wanted))))
    return lambda field: glob.match(field) is not None


def _split(text: str, separator: str) -> list[str]:
    """Split where the separator stands neither between double quotes nor in a regular expression."""
    parts = [""]
    quoted = False
    position = 0
    while position < len(text):
        if not quoted and (regex := REGEX.match(text, position)):
            parts[-1] += regex[0]
            position = regex.end()
            continue
        if not quoted and text.startswith(separator, position):
            parts.append("")
            position += len(separator)
            continue
        quoted ^= text[position] == '"'
        parts[-1] += text[position]
        position += 1
    if quoted:
        raise _invalid()
    return parts


def _invalid() -> InvalidParameterException:
    return InvalidParameterException("Invalid filter pattern")
