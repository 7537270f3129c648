"""Regular expressions that users send, kept from holding up the platform. The one home of `regex`.

Python's own engine backtracks without end: `(a+)+$` on forty characters outlasts the platform, and the
event loop with it. `regex` knows many such patterns at a glance and gives up on the others in time.
"""

from __future__ import annotations

import itertools
import math
import re
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import regex

from sagehen.api.bounded.budget import left_s, spend

# What a pattern may cost: processor time per search, and characters per search.
SEARCH_TIMEOUT_S = 0.02
SEARCHED_CHARACTERS = 4096
# Characters that a replacement may come to: those that it replaces count too.
LONGEST_RESULT = 10 * 1024 * 1024
# Steps of a budget that a search counts for: it looks at the clock after each.
_MUCH = 1000
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
        BudgetSpent: The work at hand compiles too many.
    """

    def __init__(self, text: str) -> None:
        copies = math.prod(max(int(n or 1) for n in found) or 1 for found in _COUNTS.findall(text))
        if copies > _MOST_COPIES:
            raise InvalidPattern("its repetitions multiply to too many copies")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # `[[` is a set to Java too
                self._compiled = regex.compile(text, regex.VERSION0)
        except (regex.error, RecursionError, OverflowError, MemoryError) as error:
            raise InvalidPattern(str(error)) from None
        self.text = text
        spend(_MUCH)  # compiling takes up to 40 ms

    @property
    def groups(self) -> int:
        """How many capture groups it has."""
        count: int = self._compiled.groups
        return count

    @property
    def names(self) -> Mapping[str, int]:
        """The numbers of its named groups."""
        names: Mapping[str, int] = self._compiled.groupindex
        return names

    def search(
        self, text: str, longest: int = SEARCHED_CHARACTERS, *, aside: bool = False
    ) -> list[str | None] | None:
        """Return the whole match followed by its groups, or None; looks at the first `longest` characters.

        Args:
            aside: Let other threads go on meanwhile: for searches in a thread of their own.

        Raises:
            PatternTooSlow: It was given up.
        """
        return _groups(self._run(self._compiled.search, text[:longest], aside=aside))

    def fullmatch(self, text: str, longest: int = SEARCHED_CHARACTERS) -> list[str | None] | None:
        """Return the match of all of `text` like `search`; a text beyond `longest` characters has none.

        Raises:
            PatternTooSlow: It was given up.
        """
        return None if len(text) > longest else _groups(self._run(self._compiled.fullmatch, text))

    def sub(self, replacement: str, text: str, count: int = 0, longest: int = LONGEST_RESULT) -> str:
        r"""Return `text` with every match, or the first `count`, replaced; groups are `\g<1>`.

        Spends for each match: a replacement of many groups is work too.

        Raises:
            PatternTooSlow: It was given up.
            InvalidPattern: The replacement names a group that is not there, or the result would be longer
                than `longest` characters.
        """
        pieces: list[str] = []
        at, room = 0, longest - len(text)
        try:
            matches = self._compiled.finditer(text, timeout=left_s(SEARCH_TIMEOUT_S))
            for match in itertools.islice(matches, count or None):
                spend()
                piece = match.expand(replacement) if "\\" in replacement else replacement
                room -= len(piece)
                if room < 0:
                    raise InvalidPattern("the result of the replacement is too long")
                pieces += (text[at : match.start()], piece)
                at = match.end()
        except TimeoutError:
            spend(_MUCH)
            raise PatternTooSlow(self.text) from None
        except (regex.error, IndexError) as error:
            raise InvalidPattern(str(error)) from None
        spend(_MUCH)
        return "".join((*pieces, text[at:]))

    def split(self, text: str) -> list[str]:
        """Return what lies between the matches, groups included.

        Raises:
            PatternTooSlow: It was given up.
        """
        result: list[str] = self._run(self._compiled.split, text)
        return result

    def _run(self, find: Callable[..., Any], *arguments: Any, aside: bool = False) -> Any:
        seconds = left_s(SEARCH_TIMEOUT_S)
        more = {"concurrent": True} if aside else {}
        try:
            found = find(*arguments, timeout=seconds, **more)
        except TimeoutError:
            spend(_MUCH)  # where there was less time than a search may take, more of it may be had
            raise PatternTooSlow(self.text) from None
        spend(_MUCH)
        return found


def _groups(match: Any) -> list[str | None] | None:
    return None if match is None else [match[0], *match.groups()]
