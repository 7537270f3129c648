"""Housekeeping: what IAM and STS put in order now and then; no request waits for it."""

from __future__ import annotations

from typing import Protocol

from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock
from sagehen.services.iam.entities.last_used import LastUsed
from sagehen.services.iam.entities.records import Records
from sagehen.services.iam.sessions.records import SessionRecords
from sagehen.store.database import Database

_EVERY_S = 60.0


class Kept(Protocol):
    """What is in memory, and stored now and then."""

    async def store(self, database: Database) -> None: ...


class Housekeeping(Rounds):
    """Sweeps expired sessions and stores what was used, once a minute and when it is stopped."""

    def __init__(
        self, records: Records, sessions: SessionRecords, last_used: LastUsed, calls: Kept, clock: Clock
    ) -> None:
        super().__init__("iam-housekeeping", self._keep, clock, _EVERY_S, tale="housekeeping of IAM")
        self._records = records
        self._sessions = sessions
        self._last_used = last_used
        self._calls = calls
        self._now = clock.now

    async def stop(self) -> None:
        """End it, and store the dates of the last minute."""
        await super().stop()
        await self._store()

    async def _keep(self) -> None:
        await self._sessions.sweep(self._now())
        await self._store()

    async def _store(self) -> None:
        await self._last_used.store(self._records)
        await self._calls.store(self._records.database)
