"""Strangers: clients who have not said yet who they are, and which of them makes room for another."""

from __future__ import annotations

from collections import Counter
from typing import Generic, TypeVar

Client = TypeVar("Client")


class Strangers(Generic[Client]):
    """In the order in which they came."""

    def __init__(self) -> None:
        self._sources: dict[Client, str] = {}

    def came(self, client: Client, source: str) -> None:
        """One more."""
        self._sources[client] = source

    def left(self, client: Client) -> None:
        """One less: gone, or known. Twice does no harm."""
        self._sources.pop(client, None)

    def to_leave(self) -> Client | None:
        """Return who leaves where there is no more room: of the address with the most, who came first.

        So who opens connections and says nothing keeps nobody else out: a login takes some tens of
        milliseconds, and he would have to come back as often as there is room in that time.
        """
        if not self._sources:
            return None
        [(crowded, _)] = Counter(self._sources.values()).most_common(1)
        return next(client for client, source in self._sources.items() if source == crowded)
