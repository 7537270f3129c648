"""Regular expressions of API owners, kept from running away.

Python's engine backtracks: `(a+)+$` takes longer than the universe lasts on forty characters. A
repetition inside of a repetition, or one over alternatives, is what does it, and is refused;
what remains is polynomial in the text, whose length is bounded too.
"""

from __future__ import annotations

import re
import warnings
from functools import lru_cache
from re import _constants as constants  # type: ignore[attr-defined]
from re import _parser as parser  # type: ignore[attr-defined]
from typing import Any

MAX_SUBJECT = 8192
_MAX_PATTERN = 2048
_MAX_UNBOUNDED = 6
# `(\\n|.)*` is how everybody writes "anything, line breaks too"; said so it cannot run away.
_ANYTHING = re.compile(r"\((?:\?:)?(?:(?:\\n|\n|\\r\\n)\|\.|\.\|(?:\\n|\n|\\r\\n))\)")
_REPEATS = (constants.MAX_REPEAT, constants.MIN_REPEAT)


class UnsafePattern(ValueError):
    """No valid pattern, or one that could run without end."""


@lru_cache(maxsize=512)
def compile_pattern(text: str) -> re.Pattern[str]:
    """Compile a Java-like pattern.

    Raises:
        UnsafePattern: It is malformed or could backtrack without bound.
    """
    if len(text) > _MAX_PATTERN:
        raise UnsafePattern("the pattern is too long")
    text = _ANYTHING.sub(lambda found: r"[\s\S]", text)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # `[[` is a set to Java too
            unbounded = _unbounded(parser.parse(text), inside=False)
            compiled = re.compile(text)
    except (re.error, RecursionError, OverflowError) as error:
        raise UnsafePattern(str(error)) from None
    if unbounded > _MAX_UNBOUNDED:
        raise UnsafePattern("the pattern repeats too much")
    return compiled


def _unbounded(tree: Any, *, inside: bool) -> int:
    """Count repetitions without end; refuse them inside of one another."""
    count = 0
    for kind, argument in tree:
        if kind in _REPEATS:
            _, most, body = argument
            endless = most is constants.MAXREPEAT or most > 100
            if endless and inside:
                raise UnsafePattern("a repetition inside of a repetition")
            count += endless + _unbounded(body, inside=inside or endless)
        else:
            if kind is constants.BRANCH and inside:
                raise UnsafePattern("alternatives inside of a repetition")
            for part in _parts(argument):
                count += _unbounded(part, inside=inside)
    return count


def _parts(argument: Any) -> list[Any]:
    """Return the sub-patterns in an operator's argument, which nests them in tuples and lists."""
    if isinstance(argument, parser.SubPattern):
        return [argument]
    if isinstance(argument, tuple | list):
        return [part for item in argument for part in _parts(item)]
    return []


def matches_all(text: str, pattern: re.Pattern[str]) -> bool:
    """Whether the whole text matches, as Java's `matches` asks; texts beyond the bound never do."""
    return len(text) <= MAX_SUBJECT and pattern.fullmatch(text) is not None
