"""Sessions: which instance of an endpoint holds each of its stateful sessions.

In memory only, like the sessions themselves: they live in the container's memory, and instances do not
outlive the platform. A request of a session goes to its instance or nowhere.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass

from sagehen.modelserver.sessions.headers import (
    CLOSED_SESSION_ID,
    NEW_SESSION_ID,
    MalformedSession,
    parse_closed_session,
    parse_new_session,
)
from sagehen.modelserver.sessions.table import SessionTable, SessionTaken, TableFull
from sagehen.serving.connection import ReplicaResponse
from sagehen.serving.errors import SessionElsewhere, SessionLost, SessionRefused, TooManySessions
from sagehen.serving.replica_set import ReplicaSet

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Home:
    """The instance of a session. The set is its deployment's: after an update a namesake is another."""

    replicas: ReplicaSet
    replica_id: str

    def is_there(self) -> bool:
        """Tell whether the instance still takes requests; a session of one that does not is lost."""
        return self.replicas.serves(self.replica_id)


class Sessions:
    """The sessions of one endpoint.

    Args:
        wall: Seconds since 1970. Always the machine's own clock, by which the containers set Expires,
            even where the platform's runs faster.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._table: SessionTable[Home] = SessionTable(Home.is_there)

    def check_room(self) -> None:
        """Raise TooManySessions where a new session could not be remembered."""
        if not self._table.has_room(self._wall()):
            raise TooManySessions("too many sessions are open")

    def home_of(self, session_id: str, variant: str | None) -> Home:
        """Return where a session is.

        Args:
            variant: The one that the caller asks for, if any.

        Raises:
            SessionLost, SessionElsewhere.
        """
        home = self._table.find(session_id, self._wall())
        if home is None:
            raise SessionLost(session_id)
        if variant is not None and variant != home.replicas.variant:
            raise SessionElsewhere(session_id, home.replicas.variant)
        return home

    def note(self, home: Home, response: ReplicaResponse) -> None:
        """Take note of the sessions that an answer closes or opens; an error opens none.

        Raises:
            SessionRefused, TooManySessions: The caller must not believe in the session.
        """
        headers, variant = response.headers, home.replicas.variant
        closed, opened = headers.get(CLOSED_SESSION_ID), headers.get(NEW_SESSION_ID)
        try:
            if closed is not None:
                self._table.close(parse_closed_session(closed), home)
            if opened is not None and response.status < 400:
                session_id, expires_at = parse_new_session(opened)
                self._table.open(session_id, home, expires_at, self._wall())
        except MalformedSession as error:
            _log.warning("instance %s: %s", home.replica_id, error)
            raise SessionRefused(str(error), variant) from None
        except SessionTaken:
            _log.warning("instance %s opened session %s of another", home.replica_id, session_id)
            raise SessionRefused(
                f"another instance holds a session {session_id}: ids must be unique", variant
            ) from None
        except TableFull:
            raise TooManySessions("too many sessions are open", variant) from None
