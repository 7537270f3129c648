"""Queries: commands between `|`.

Documented: CloudWatch Logs User Guide, "CloudWatch Logs Insights language query syntax", a page a command.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.logs.insights.language.expressions import ExpressionParser
from sagehen.services.logs.insights.language.malformed import malformed
from sagehen.services.logs.insights.language.tokens import RESERVED, Tokens, unquoted
from sagehen.services.logs.insights.language.tree import (
    Command,
    Dedup,
    Expression,
    Field,
    Fields,
    Filter,
    Item,
    Limit,
    Parse,
    Sort,
    Span,
    Stats,
)
from sagehen.services.logs.insights.language.unbuilt import refuse_command

# Documented: API_StartQuery, limit.
MOST_ROWS = 100_000
# Ours: a query has 10,000 characters, and each command is a frame of the stack when it runs.
_MOST_COMMANDS = 50
_GROUP = re.compile(r"(?<!\\)\(\?<([A-Za-z][A-Za-z0-9]*)>")


def parse_query(text: str) -> Sequence[Command]:
    """Read a query.

    Raises:
        MalformedQueryException: It is not well-formed; the error says where.
        NotImplementedOperation: It has a command of AWS's that is not here.
    """
    return _Parser(text).commands()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = Tokens(text)
        self._expressions = ExpressionParser(self._tokens)
        self._rules: dict[str, Callable[[], Command]] = {
            "fields": lambda: Fields(self._items(), only=False),
            "display": lambda: Fields(self._items(), only=True),
            "filter": lambda: Filter(self._expressions.expression()),
            "parse": self._parse,
            "stats": self._stats,
            "sort": self._sort,
            "limit": self._limit,
            "head": self._limit,  # deprecated by AWS, and the same
            "dedup": self._dedup,
        }

    def commands(self) -> Sequence[Command]:
        found: list[Command] = []
        self._tokens.take_symbol("|")  # AWS's console puts it before the first one too (from memory)
        while True:
            if found and isinstance(found[-1], Dedup) and not self._tokens.peek().is_word("limit", "head"):
                raise self._tokens.surprise()  # documented with dedup, the text is recorded
            found.append(self._command())
            if len(found) > _MOST_COMMANDS:
                raise malformed("the query has too many commands", 0, self._tokens.end)
            if self._tokens.peek().kind == "end":
                return tuple(found)
            self._tokens.expect("|")

    def _command(self) -> Command:
        token = self._tokens.peek()
        name = token.text.lower()
        if token.kind == "name":
            refuse_command(name)
        if token.kind != "name" or name not in self._rules:
            raise self._tokens.surprise()
        self._tokens.take()
        return self._rules[name]()

    def _items(self) -> Sequence[Item]:
        items = [self._item()]
        while self._tokens.take_symbol(","):
            items.append(self._item())
        return tuple(items)

    def _item(self) -> Item:
        start = self._tokens.peek().start
        expression = self._expressions.expression()
        text = self._tokens.text[start : self._tokens.end]
        if self._tokens.take_word("as"):
            return Item(expression, self._name(), True, Span(start, self._tokens.end))
        name = expression.name if isinstance(expression, Field) else text
        return Item(expression, name, False, Span(start, self._tokens.end))

    def _name(self) -> str:
        token = self._tokens.peek()
        if token.kind != "name" or token.is_word(*RESERVED):
            raise self._tokens.surprise()
        return self._tokens.take().name

    def _names(self) -> Sequence[str]:
        names = [self._name()]
        while self._tokens.take_symbol(","):
            names.append(self._name())
        return tuple(names)

    def _stats(self) -> Stats:
        items = self._items()
        return Stats(items, self._items() if self._tokens.take_word("by") else ())

    def _sort(self) -> Sort:
        keys: list[tuple[Expression, bool]] = []
        while not keys or self._tokens.take_symbol(","):
            expression = self._expressions.expression()
            descending = self._tokens.take_word("desc")
            if not descending:
                self._tokens.take_word("asc")
            keys.append((expression, descending))
        return Sort(tuple(keys))

    def _limit(self) -> Limit:
        any_of_them = self._tokens.take_word("any")
        token = self._tokens.peek()
        if token.kind != "number" or not token.text.isdigit():
            raise self._tokens.surprise()
        self._tokens.take()
        if len(token.text) > 9 or not 1 <= int(token.text) <= MOST_ROWS:
            raise malformed(f"limit must be between 1 and {MOST_ROWS}", token.start, token.end)
        return Limit(int(token.text), any_of_them)

    def _dedup(self) -> Dedup:
        fields: list[Field] = []
        while not fields or self._tokens.take_symbol(","):
            start = self._tokens.peek().start
            fields.append(Field(self._name(), Span(start, self._tokens.end)))
        return Dedup(tuple(fields))

    def _parse(self) -> Parse:
        start = self._tokens.peek().start
        subject: Expression = Field("@message", Span(start, start))
        regex = self._tokens.regex()
        if regex is None and self._tokens.peek().kind != "text":
            subject = self._expressions_subject()
            regex = self._tokens.regex()
        if self._tokens.peek().is_word("logfmt", "xml", "json", "csv"):
            kind = self._tokens.peek().text
            raise NotImplementedOperation(f"StartQuery: parse {kind} of Logs Insights is not implemented.")
        if regex is not None:
            return self._parse_regex(subject, regex[0], Span(start, regex[2]))
        token = self._tokens.peek()
        if token.kind != "text":
            raise self._tokens.surprise()
        self._tokens.take()
        pattern = unquoted(token.text)
        if not self._tokens.take_word("as"):
            raise self._tokens.surprise()
        names = self._names()
        span = Span(start, self._tokens.end)
        if pattern.count("*") != len(names):
            raise malformed("the number of wildcards is not the number of fields", *span)
        return Parse(subject, pattern, False, names, span)

    def _expressions_subject(self) -> Expression:
        """A field: an expression would take the slash of what follows for a division."""
        start = self._tokens.peek().start
        return Field(self._name(), Span(start, self._tokens.end))

    def _parse_regex(self, subject: Expression, pattern: str, span: Span) -> Parse:
        names = tuple(_GROUP.findall(pattern))
        if not names:
            raise malformed("the regular expression has no named groups", *span)
        return Parse(subject, pattern, True, names, span)
