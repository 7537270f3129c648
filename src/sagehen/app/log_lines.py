"""The platform's own log: one record, one line, whatever a client has put into a name or a path."""

from __future__ import annotations

import logging
import re

# C0 and C1 controls move cursors, change titles and colours, and begin lines that nobody wrote.
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


class OneLine(logging.Formatter):
    """Formats a record as ever, but with control characters of its message escaped.

    Tracebacks stay on lines of their own; their last line, which holds a message, is escaped too.
    """

    def formatMessage(self, record: logging.LogRecord) -> str:
        """Return the record's line, escaped. The name is logging's."""
        record.message = escaped(record.message)
        return super().formatMessage(record)

    def formatException(self, ei: object) -> str:
        """Return the traceback, each of its lines escaped. The name is logging's."""
        text = super().formatException(ei)  # type: ignore[arg-type]
        return "\n".join(map(escaped, text.split("\n")))


def escaped(text: str) -> str:
    """Return text with control characters as `\\x1b` and newlines as `\\n`."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)
