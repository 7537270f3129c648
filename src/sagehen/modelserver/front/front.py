"""Front: what all connections of a model server share."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from sagehen.modelserver.front.dispatcher import Dispatcher
from sagehen.modelserver.lanes.lending import Lanes
from sagehen.modelserver.messages import Answer, Call
from sagehen.modelserver.wire.access_log import AccessLog


class ModelRequests(Protocol):
    """What answers requests to /models."""

    def answer(self, method: str, path: str, query: str, call: Call) -> asyncio.Future[Answer]:
        """Return the answer to come."""


class Closable(Protocol):
    """A connection."""

    def close_if_idle(self) -> None:
        """Close, but not while a request is being read or answered."""


@dataclass(slots=True)
class Front:
    """What is asked, of whom, and what becomes known of it.

    Args:
        at_once: How many calls keep all workers busy; None: nobody can say.
        models: Answers what is asked below /models, where there are several.
        lanes: Lends connections to workers; None: all stay here.
    """

    dispatcher: Dispatcher
    is_ready: Callable[[], bool]
    log: AccessLog
    at_once: Callable[[], int] | None = None
    models: ModelRequests | None = None
    most_body_bytes: int = 128 * 1024 * 1024
    lanes: Lanes | None = None
    connections: set[Closable] = field(default_factory=set)
    stopping: bool = False

    def stop(self) -> None:
        """Answer what is under way, then close; idle connections close now, those lent when they are back."""
        self.stopping = True
        self.keep_connections()
        for connection in list(self.connections):
            connection.close_if_idle()

    def keep_connections(self) -> None:
        """Lend no connections any more."""
        if self.lanes is not None:
            self.lanes.forbid()
