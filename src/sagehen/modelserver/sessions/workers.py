"""WorkerSessions: which worker process holds the memory of a session.

Each worker has its own copy of the user's code and its state, so that all requests of a session must
reach the worker that opened it. Nothing is done here for code that opens no sessions.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Generic, TypeVar

from sagehen.modelserver.messages import Answer
from sagehen.modelserver.sessions.headers import (
    CLOSED_SESSION_ID,
    NEW_SESSION_ID,
    MalformedSession,
    parse_new_session,
)
from sagehen.modelserver.sessions.table import SessionTable, SessionTaken, TableFull

Worker = TypeVar("Worker")


class WorkerSessions(Generic[Worker]):
    """Args:
    wall: Seconds since 1970, the clock by which the user's code sets Expires.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._table: SessionTable[Worker] = SessionTable()

    def worker_of(self, session_id: str) -> Worker | None:
        """Return who holds a session; None where it is not open (any more)."""
        return self._table.find(session_id, self._wall())

    def count(self, worker: Worker) -> int:
        """Return how many sessions a worker holds: a new one goes to who has the fewest."""
        return self._table.count(worker)

    def note(self, worker: Worker, answer: Answer) -> Answer:
        """Take note of the sessions that an answer opens or closes.

        Returns:
            The answer to send: an error where its session cannot be kept apart from others.
        """
        if closed := answer.headers.get(CLOSED_SESSION_ID):
            self._table.close(closed, worker)
        opened = answer.headers.get(NEW_SESSION_ID)
        if opened is None or answer.status >= 400:
            return answer
        try:
            session_id, expires_at = parse_new_session(opened)
            self._table.open(session_id, worker, expires_at, self._wall())
        except MalformedSession as error:
            return _refused(500, str(error))
        except SessionTaken:
            return _refused(500, f"another worker process holds a session {session_id}: ids must be unique")
        except TableFull:
            return _refused(503, "too many sessions are open")
        return answer

    def worker_lost(self, worker: Worker) -> None:
        """Forget the sessions of a worker that has ended: its memory is gone."""
        self._table.close_all_of(worker)


def not_open(session_id: str) -> Answer:
    """Make the answer to a request of a session that no worker holds (any more)."""
    text = f"Session {session_id} is not open: it was closed or has expired, or its worker process ended."
    return ended(Answer(400, "text/plain", text.encode()), session_id)


def ended(answer: Answer, session_id: str) -> Answer:
    """Return an answer that also tells the platform that a session is over."""
    return replace(answer, headers={**answer.headers, CLOSED_SESSION_ID: session_id})


def _refused(status: int, reason: str) -> Answer:
    text = f"The session cannot be opened: {reason}."
    print(text, file=sys.stderr, flush=True)  # noqa: T201 - the endpoint's log
    return Answer(status, "text/plain", text.encode())
