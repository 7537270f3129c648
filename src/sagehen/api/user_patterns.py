"""Regular expressions that users send, kept from holding up the platform. The one home of `regex`.

Python's own engine backtracks without end: `(a+)+$` on forty characters outlasts the platform, and the
event loop with it. `regex` knows many such patterns at a glance and gives up on the others in time.
"""

from __future__ import annotations

import math
import re

import regex

# What a pattern may cost: processor time per search, and characters per search.
SEARCH_TIMEOUT_S = 0.02
SEARCHED_CHARACTERS = 4096
# A counted repetition is compiled as so many copies: `(?:a{1000}){1000}` takes 0.4 s and 100 MB.
_MOST_COPIES = 20_000
_COUNTS = re.compile(r"\{(\d+)?(?:,(\d+)?)?\}")


class InvalidPattern(ValueError):
    """It does not compile, or compiling it would take too much. The message says what is wrong."""


class PatternTooSlow(Exception):
    """A search took longer than `SEARCH_TIMEOUT_S`; the pattern had better not be used again."""


class UserPattern:
    """One compiled pattern.

    Args:
        text: In the syntax of Python's `re`.

    Raises:
        InvalidPattern: See there.
    """

    def __init__(self, text: str) -> None:
        copies = math.prod(max(int(n or 1) for n in found) or 1 for found in _COUNTS.findall(text))
        if copies > _MOST_COPIES:
            raise InvalidPattern("its repetitions multiply to too many copies")
        try:
            self._compiled = regex.compile(text, regex.VERSION0)
        except (regex.error, RecursionError, OverflowError, MemoryError) as error:
            raise InvalidPattern(str(error)) from None
        self.text = text

    @property
    def groups(self) -> int:
        """How many capture groups it has."""
        count: int = self._compiled.groups
        return count

    def search(self, text: str) -> list[str | None] | None:
        """Return the whole match followed by its groups, or None; looks at the first 4,096 characters.

        Raises:
            PatternTooSlow: It was given up.
        """
        return self._run(self._compiled.search, text)

    def fullmatch(self, text: str) -> list[str | None] | None:
        """Return the match of all of `text` like `search`; a longer text than is looked at has none.

        Raises:
            PatternTooSlow: It was given up.
        """
        return None if len(text) > SEARCHED_CHARACTERS else self._run(self._compiled.fullmatch, text)

    def _run(self, find: object, text: str) -> list[str | None] | None:
        try:
            match = find(text[:SEARCHED_CHARACTERS], timeout=SEARCH_TIMEOUT_S)  # type: ignore[operator]
        except TimeoutError:
            raise PatternTooSlow(self.text) from None
        return None if match is None else [match[0], *match.groups()]
