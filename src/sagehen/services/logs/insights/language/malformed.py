"""A query that is not well-formed, as AWS tells it: message, and the place in the query's text."""

from __future__ import annotations

from sagehen.services.logs.errors import MalformedQueryException


def malformed(message: str, start: int, end: int) -> MalformedQueryException:
    """Return the error for a part of a query that cannot be compiled (the form is recorded)."""
    return _error(f"{message} ([{start},{end}])", message, start, end)


def unexpected(symbol: str, text: str, start: int) -> MalformedQueryException:
    """Return the error for a symbol that may not stand where it does (the text is recorded)."""
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1)
    message = f"unexpected symbol found {symbol} at line {line} and position {column}"
    return _error(message, message, start, start + (len(symbol) if start < len(text) else 0))


def _error(shown: str, message: str, start: int, end: int) -> MalformedQueryException:
    location = {"startCharOffset": start, "endCharOffset": end}
    return MalformedQueryException(shown, queryCompileError={"location": location, "message": message})
