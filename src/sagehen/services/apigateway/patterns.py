"""Regular expressions of API owners: Java's syntax, as far as Python's agrees, and an end to each search."""

from __future__ import annotations

import re
from functools import lru_cache

from sagehen.api.user_patterns import InvalidPattern, PatternTooSlow, UserPattern

# Both ours: characters.
MAX_SUBJECT = 8192
_MAX_PATTERN = 2048
# `(\\n|.)*` is how everybody writes "anything, line breaks too"; said so it is found at once.
_ANYTHING = re.compile(r"\((?:\?:)?(?:(?:\\n|\n|\\r\\n)\|\.|\.\|(?:\\n|\n|\\r\\n))\)")


class UnsafePattern(ValueError):
    """No valid pattern, or one whose search did not end in time."""


@lru_cache(maxsize=512)
def compile_pattern(text: str) -> UserPattern:
    """Compile a Java-like pattern.

    Raises:
        UnsafePattern: It is malformed, or too large.
    """
    if len(text) > _MAX_PATTERN:
        raise UnsafePattern("the pattern is too long")
    try:
        return UserPattern(_ANYTHING.sub(lambda found: r"[\s\S]", text))
    except InvalidPattern as error:
        raise UnsafePattern(str(error)) from None


def matches_all(text: str, pattern: UserPattern) -> bool:
    """Whether the whole text matches, as Java's `matches` asks; texts beyond the bound never do.

    Raises:
        UnsafePattern: The search was given up.
    """
    try:
        return pattern.fullmatch(text, MAX_SUBJECT) is not None
    except PatternTooSlow:
        raise UnsafePattern("the search takes too long") from None
