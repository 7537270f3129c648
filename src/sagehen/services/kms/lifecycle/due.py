"""DueKeys: what the clock does to keys: deletions, ends of imported material, rotations."""

from __future__ import annotations

from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock
from sagehen.services.kms.keys.records import KeyRecords
from sagehen.services.kms.lifecycle.imports import Imports
from sagehen.services.kms.lifecycle.rotation import Rotation

# Deletions, rotations and expiries are planned in days.
_LOOK_EVERY_S = 60.0


class DueKeys(Rounds):
    """Looks at every key once a minute; a look that fails is logged and comes again."""

    def __init__(self, records: KeyRecords, rotation: Rotation, imports: Imports, clock: Clock) -> None:
        super().__init__(
            "kms-due", self.do_what_is_due, clock, _LOOK_EVERY_S, tale="deleting or rotating a key"
        )
        self._records = records
        self._rotation = rotation
        self._imports = imports
        self._now = clock.now

    async def do_what_is_due(self) -> None:
        """Delete keys whose window is over, expire imported material, rotate."""
        now = self._now()
        for key in self._records.every_key():
            if key.deletion_at is not None and key.deletion_at <= now:
                await self._records.delete(key.id)
        await self._imports.expire()
        await self._rotation.rotate_due()
