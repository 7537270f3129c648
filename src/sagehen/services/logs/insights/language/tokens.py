"""The words of a query, one at a time, with their places."""

from __future__ import annotations

import re
from typing import NamedTuple

from sagehen.services.logs.insights.language.malformed import malformed, unexpected

_SKIPPED = re.compile(r"(?:\s+|#[^\n]*)*")
_TOKEN = re.compile(
    r"""(?P<period>[0-9]+(?:msec|ms|sec|min|mon|mo|hr|qtr|yr|[smhdwqy])(?![A-Za-z0-9_]))
    |(?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<name>(?:`[^`]+`|[@A-Za-z_][A-Za-z0-9_@]*)(?:\.(?:`[^`]+`|[A-Za-z0-9_@]+))*)
    |(?P<symbol>=~|!=|<=|>=|[=<>()\[\],|+\-*/^%])""",
    re.VERBOSE | re.DOTALL | re.ASCII,
)
_REGEX = re.compile(r"/((?:[^/\\]|\\.)+)/", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "'": "'", "\\": "\\"}

# Words that name no field unless they stand in backticks.
RESERVED = frozenset(("and", "as", "asc", "by", "desc", "in", "like", "not", "or"))


class Token(NamedTuple):
    """One word. `kind`: period, number, text, name, symbol, or end; `text` as it stands in the query."""

    kind: str
    text: str
    start: int
    end: int

    def is_word(self, *words: str) -> bool:
        """Tell whether it is one of some keywords; their case is no matter."""
        return self.kind == "name" and self.text.lower() in words

    def is_symbol(self, *symbols: str) -> bool:
        """Tell whether it is one of some signs."""
        return self.kind == "symbol" and self.text in symbols

    @property
    def name(self) -> str:
        """A field's name, without backticks."""
        return self.text.replace("`", "")


class Tokens:
    """A query as it is read from front to back; what comes next depends on who asks.

    Attributes:
        text: The whole query.
        end: Where the last token that was taken ends.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.end = 0
        self._position = 0
        # Each rule asks what comes next: a list of 4000 values was read 60,000 times, in 0.16 s.
        self._next: tuple[int, Token] | None = None

    def peek(self) -> Token:
        """Return the next token and leave it there.

        Raises:
            MalformedQueryException: There is none that the language has.
        """
        if self._next is None or self._next[0] != self._position:
            self._next = self._position, self._read()
        return self._next[1]

    def _read(self) -> Token:
        start = _SKIPPED.match(self.text, self._position).end()  # type: ignore[union-attr]
        if start == len(self.text):
            return Token("end", "<EOF>", start, start)
        found = _TOKEN.match(self.text, start)
        if found is None:
            raise unexpected(self.text[start], self.text, start)
        return Token(str(found.lastgroup), found[0], start, found.end())

    def take(self) -> Token:
        """Return the next token and go on behind it."""
        token = self.peek()
        self._position = self.end = token.end
        return token

    def take_word(self, *words: str) -> bool:
        """Take the next token where it is one of some keywords; tell whether it was."""
        if not self.peek().is_word(*words):
            return False
        self.take()
        return True

    def take_symbol(self, *symbols: str) -> str:
        """Take the next token where it is one of some signs, and return it; '' where it is not."""
        token = self.peek()
        if not token.is_symbol(*symbols):
            return ""
        self.take()
        return token.text

    def expect(self, symbol: str) -> None:
        """Take a sign that has to come now."""
        if not self.take_symbol(symbol):
            raise self.surprise()

    def regex(self) -> tuple[str, int, int] | None:
        """Take a regular expression `/.../`; None where something else comes next.

        Returns:
            The expression, its slashes without backslashes; where it starts; where it ends.
        """
        token = self.peek()
        if not token.is_symbol("/"):
            return None
        found = _REGEX.match(self.text, token.start)
        if found is None:
            raise malformed("the regular expression is not closed", token.start, len(self.text))
        self._position = self.end = found.end()
        return found[1].replace("\\/", "/"), token.start, found.end()

    def surprise(self) -> Exception:
        """Return the error for the token that comes next."""
        token = self.peek()
        return unexpected(token.text, self.text, token.start)


def unquoted(text: str) -> str:
    """Return what a quoted text says; a backslash before another sign than these stays."""
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[0]), text[1:-1], flags=re.DOTALL)
