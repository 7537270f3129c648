"""Warnings and errors of the last hour, as the console shows them: the end of the platform's own log."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sagehen.app.log_lines import escaped
from sagehen.console.documents.doing import LoggedError

_KEPT_FOR = timedelta(hours=1)
_MOST = 200
# Characters of a message: what a client has put into it is no longer of interest then.
_LONGEST = 1000
# Answers with a status of 500 and more are a line of information there: each has an error beside it, or a
# cause outside of the platform.
_ANSWERS = "sagehen.access"


class RecentErrors(logging.Handler):
    """Keeps them in memory. Times are the machine's."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self._kept: deque[LoggedError] = deque(maxlen=_MOST)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record. The name is logging's."""
        if record.levelno < logging.WARNING and record.name != _ANSWERS:
            return
        try:
            text = record.getMessage()
            if record.exc_info and record.exc_info[1] is not None:
                text += f": {type(record.exc_info[1]).__name__}: {record.exc_info[1]}"
        except Exception:
            text = str(record.msg)
        at = datetime.fromtimestamp(record.created, UTC)
        self._kept.append(LoggedError(at, record.levelname, record.name, escaped(text[:_LONGEST])))

    def since_an_hour(self) -> Sequence[LoggedError]:
        """Return what was logged in the last hour, the latest first; of each hour at most the last 200."""
        earliest = datetime.now(UTC) - _KEPT_FOR
        return [logged for logged in reversed(self._kept) if logged.at >= earliest]

    def begin(self) -> None:
        """Listen to every logger."""
        logging.getLogger().addHandler(self)

    def end(self) -> None:
        """Listen no more."""
        logging.getLogger().removeHandler(self)
