"""The words of a rate expression, and errors that point at one of them."""

from __future__ import annotations

import re
from typing import NoReturn

from sagehen.traffic.durations import DURATION, parse_duration
from sagehen.traffic.traffic import MOST_PER_SECOND

_LONGEST_TEXT = 4096
_TOKEN = re.compile(
    rf"\s*(?:(?P<duration>{DURATION})(?![\w.])|(?P<rate>\d+(?:\.\d+)?(?:/[smh])?)(?![\w.])|(?P<word>[a-z]+|[,+()]))",
    re.ASCII,
)
_PER_S = {"/s": 1.0, "/m": 60.0, "/h": 3600.0}


class ExpressionError(ValueError):
    """An expression that makes no sense.

    Attributes:
        column: Where, from 1.
        reason: What is wrong there.
    """

    def __init__(self, text: str, offset: int, reason: str) -> None:
        self.column, self.reason = offset + 1, reason
        # Terminals show the place only where the whole fits into a line.
        shown = f"\n  {text}\n  {' ' * offset}^" if len(text) <= 200 and text.isprintable() else ""
        super().__init__(f"rate, column {self.column}: {reason}{shown}")


class Tokens:
    """Reads an expression from left to right.

    Raises:
        ExpressionError: It is longer than 4,096 characters.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        if len(text) > _LONGEST_TEXT:
            raise ExpressionError(text, _LONGEST_TEXT, f"more than {_LONGEST_TEXT:,} characters")
        self._end = len(text.rstrip())
        self._at = 0

    @property
    def column(self) -> int:
        """Offset of what comes next, from 0."""
        rest = self._text[self._at :]
        return self._at + len(rest) - len(rest.lstrip())

    def fail(self, reason: str, offset: int | None = None) -> NoReturn:
        """Raise ExpressionError at what comes next, or at an offset."""
        raise ExpressionError(self._text, self.column if offset is None else offset, reason)

    def next_is(self, word: str) -> bool:
        """Tell whether this word comes next."""
        found = _TOKEN.match(self._text, self._at)
        return found is not None and found["word"] == word

    def take(self, word: str) -> bool:
        """Read this word if it comes next."""
        found = _TOKEN.match(self._text, self._at)
        if found is None or found["word"] != word:
            return False
        self._at = found.end()
        return True

    def expect(self, word: str) -> None:
        """Read this word, or fail."""
        if not self.take(word):
            self.fail(f"expected `{word}`")

    def expect_end(self) -> None:
        """Fail unless everything has been read."""
        if self._at < self._end:
            self.fail("expected `for`, `+`, `,` or the end")

    def rate(self, wanted: str) -> float:
        """Read requests per second, or fail.

        Args:
            wanted: What the error says was expected.
        """
        found = _TOKEN.match(self._text, self._at)
        if found is None or found["rate"] is None:
            self.fail(f"expected {wanted}")
        number, slash, unit = found["rate"].partition("/")
        value = float(number) / _PER_S[slash + unit or "/s"]
        if value > MOST_PER_SECOND:
            self.fail(f"more than {MOST_PER_SECOND:,.0f} requests per second")
        self._at = found.end()
        return value

    def duration(self) -> float:
        """Read a duration in seconds, or fail."""
        found = _TOKEN.match(self._text, self._at)
        if found is None or found["duration"] is None:
            self.fail("expected a duration such as 90s, 5m, 1h30m")
        try:
            value = parse_duration(found["duration"])
        except ValueError as error:
            self.fail(str(error))
        self._at = found.end()
        return value
