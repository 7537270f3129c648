"""Row: an event, or a group of events, on its way through a query."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.services.logs.insights.evaluation.discovery import UNREAD, discovered, document_of
from sagehen.services.logs.insights.evaluation.lambda_lines import lambda_fields, lambda_type
from sagehen.services.logs.insights.evaluation.values import Value


@dataclass(frozen=True, slots=True)
class Source:
    """The stream that an event is of.

    Args:
        stream_id: As the database has it.
        stream: Its name.
        log: `ACCOUNT:GROUP`.
        of_lambda: It is a function's.
        discovers: Its group's class has discovered fields.
    """

    stream_id: int
    stream: str
    log: str
    of_lambda: bool = False
    discovers: bool = True


class Row:
    """What stages hand on.

    Attributes:
        source: None for a group of events.
        made: Fields that the query has made.
    """

    __slots__ = ("_document", "_lambda", "at_ms", "made", "message", "sequence", "source")

    def __init__(self, source: Source | None, at_ms: int, sequence: int, message: str) -> None:
        self.source = source
        self.at_ms = at_ms
        self.sequence = sequence
        self.message = message
        self.made: dict[str, Value] = {}
        self._document: Any = UNREAD
        self._lambda: Mapping[str, Value] | None = None

    @property
    def document(self) -> Any:
        """The JSON object that the event is, or for a function's line the first one in it; None without."""
        if self._document is UNREAD:
            source = self.source
            reads = source is not None and source.discovers
            self._document = (
                document_of(self.message, embedded=source.of_lambda) if reads and source is not None else None
            )
        return self._document

    def json_field(self, name: str) -> Value:
        """Return a member of the event's JSON by its path."""
        document = self.document
        if document is None:
            return None
        if name in document:  # most are at the top
            value = document[name]
            if not isinstance(value, dict | list):
                return value  # type: ignore[no-any-return]
        return discovered(document, name)

    def lambda_field(self, name: str) -> Value:
        """Return what AWS discovers in lines of functions: `@duration`, `@requestId` and their like."""
        if self._lambda is None:
            if self.source is None or not self.source.of_lambda or not self.source.discovers:
                return None
            if name == "@type":
                return lambda_type(self.message)
            self._lambda = lambda_fields(self.message)
        return self._lambda.get(name)

    @property
    def held_bytes(self) -> int:
        """What it takes of memory, roughly."""
        return 400 + len(self.message) + 100 * len(self.made)
