"""Tables: what every write and every remembered read of this service goes through."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from sagehen.store.database import Database, Transaction

T = TypeVar("T")

# Who asks for the policies of ever other functions, there or not, gets no more memory than this.
_MOST_REMEMBERED = 10_000


class Tables:
    """The database, and what was read from it since the last write.

    An invocation needs four reads (target, policy, shares, configuration of its events); they are
    remembered until anything is written. That is right only because this service is the tables' one writer.

    Attributes:
        database: For reads that are not remembered.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._remembered: dict[Any, Any] = {}

    async def change(self, work: Callable[[Transaction], T]) -> T:
        """Write in one transaction, and forget what was remembered, also where `work` raises."""
        try:
            return await self.database.write(work)
        finally:
            self.forget()

    def forget(self) -> None:
        """Read everything anew from here on."""
        self._remembered.clear()

    def remember(self, key: Any, read: Callable[[], T]) -> T:
        """Return what `read` returned since the last write; what it raises is not remembered.

        Args:
            key: Unlike every other caller's: its first member says whose it is.
        """
        try:
            known: T = self._remembered[key]
        except KeyError:
            if len(self._remembered) >= _MOST_REMEMBERED:
                self._remembered.clear()
            known = self._remembered[key] = read()
        return known
