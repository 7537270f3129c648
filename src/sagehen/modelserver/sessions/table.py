"""SessionTable: which owner holds a session (a worker in the model server, an instance in the router).

No effects, time passed in. Containers choose ids and expiry times, so both are distrusted: the number
of sessions is bounded, no session outlives a week, and no owner takes a live session from another.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Owner = TypeVar("Owner", bound=Hashable)

# With the longest ids some 40 MB.
MOST_SESSIONS = 65536
# Containers give their sessions minutes; a session of the year 9999 must not stay for ever.
LONGEST_S = 7 * 86400.0
# Looking through a full table takes some 10 ms.
_PURGE_INTERVAL_S = 5.0


class SessionTaken(Exception):
    """Another owner's live session has this id."""


class TableFull(Exception):
    """There are as many sessions as there may be."""


class SessionTable(Generic[Owner]):
    """Sessions that are open. Times are seconds since 1970.

    Args:
        is_live: Whether an owner is still there; the sessions of one that is not are none.
    """

    def __init__(
        self, is_live: Callable[[Owner], bool] = lambda owner: True, most: int = MOST_SESSIONS
    ) -> None:
        self._is_live = is_live
        self._most = most
        self._sessions: dict[str, tuple[Owner, float]] = {}
        self._counts: Counter[Owner] = Counter()
        self._next_purge = 0.0

    def __len__(self) -> int:
        return len(self._sessions)

    def count(self, owner: Owner) -> int:
        """Return how many sessions an owner holds, those that have expired unnoticed included."""
        return self._counts[owner]

    def find(self, session_id: str, now: float) -> Owner | None:
        """Return who holds a session; None where it is not open (any more)."""
        session = self._sessions.get(session_id)
        if session is None:
            return None
        owner, expires_at = session
        if expires_at <= now or not self._is_live(owner):
            self._drop(session_id)
            return None
        return owner

    def has_room(self, now: float) -> bool:
        """Tell whether one more can be opened; every 5 s those that have expired are dropped first."""
        if now >= self._next_purge:
            self._next_purge = now + _PURGE_INTERVAL_S
            for session_id in list(self._sessions):
                self.find(session_id, now)
        return len(self._sessions) < self._most

    def open(self, session_id: str, owner: Owner, expires_at: float, now: float) -> None:
        """Remember a session, or move the end of one that `owner` already holds.

        Raises:
            SessionTaken, TableFull.
        """
        holder = self.find(session_id, now)
        if holder is not None:
            if holder != owner:
                raise SessionTaken(session_id)
            self._drop(session_id)
        if expires_at <= now:
            return
        if not self.has_room(now):
            raise TableFull
        self._sessions[session_id] = owner, min(expires_at, now + LONGEST_S)
        self._counts[owner] += 1

    def close(self, session_id: str, owner: Owner) -> None:
        """Forget a session, if it is `owner`'s."""
        session = self._sessions.get(session_id)
        if session is not None and session[0] == owner:
            self._drop(session_id)

    def close_all_of(self, owner: Owner) -> None:
        """Forget the sessions of an owner that is gone. Looks through all: some ms at most."""
        for session_id in [key for key, (holder, _) in self._sessions.items() if holder == owner]:
            self._drop(session_id)

    def _drop(self, session_id: str) -> None:
        owner, _ = self._sessions.pop(session_id)
        self._counts[owner] -= 1
        if not self._counts[owner]:
            del self._counts[owner]
