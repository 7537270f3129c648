"""Ledger: looks at what runs, again and again, and adds up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sagehen.api.operation import Service
from sagehen.console.ledger.passing import Key, key_of, month_of, passed
from sagehen.console.ledger.records import Counted, LedgerRecords
from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock, SystemClock
from sagehen.domain.ports.compute.ec2_bills import Ec2Bills
from sagehen.domain.ports.compute.running_things import Running, RunningThings
from sagehen.domain.scope import Scope
from sagehen.store.database import Database

# Of the machine's clock. By so much less is counted of what has ended.
_PAUSE_S = 20.0


class Ledger:
    """Implements `ServiceComponent`, without operations: the console's cost stands on it.

    Args:
        database: Where sums are.
        clock: The platform's: what is paid for passes by it.
        sources: What is counted by its seconds; more may come.
        bills: EC2's, which counts itself; kept here when instances and volumes are gone. None: not there yet.
    """

    services: Sequence[Service] = ()

    def __init__(
        self,
        database: Database,
        clock: Clock,
        sources: Sequence[RunningThings] = (),
        bills: Ec2Bills | None = None,
    ) -> None:
        self._records = LedgerRecords(database)
        self._clock = clock
        self.sources = [*sources]
        self.bills = bills
        self._last: datetime | None = None
        self._before: dict[Key, Running] = {}
        self._usd: dict[Key, float] = {}
        self._rounds = Rounds("cost-ledger", self.look, SystemClock(), _PAUSE_S, tale="counting what runs")

    async def start(self) -> None:
        """Begin: nothing ran before."""
        self._last = self._clock.now()
        self._rounds.start()

    async def stop(self) -> None:
        """Count once more, before what runs is ended."""
        await self._rounds.stop()
        await self.look()

    async def reset(self) -> None:
        """Forget what ran: the tables were emptied."""
        self._last, self._before, self._usd = self._clock.now(), {}, {}

    async def look(self) -> None:
        """Count what has passed since the last look."""
        now = self._clock.now()
        running = [each for source in self.sources for each in source.running()]
        seconds = passed(self._before, running, self._last or now, now)
        self._last, self._before = now, {key_of(each): each for each in running}
        usd = await self._ec2()
        changed = {key: value for key, value in usd.items() if self._usd.get(key) != value}
        if seconds or changed:
            await self._records.add(_text(now), seconds, changed)
        self._usd = usd

    async def counted(self, scope: Scope) -> list[Counted]:
        """Return what ran this month in an account and region, up to now."""
        await self.look()
        return self._records.of(_text(self._clock.now()), scope)

    async def _ec2(self) -> dict[Key, float]:
        sums: dict[Key, float] = {}
        if (bills := self.bills) is None:
            return sums
        for scope in bills.scopes():
            place = (scope.account_id, scope.region)
            for machine in await bills.machines(scope):
                if machine.usd_this_month:
                    sums[(*place, "instance", machine.id, "", machine.type)] = machine.usd_this_month
            for volume in await bills.volumes(scope):
                what = f"{volume.size_gib} GiB {volume.type}"
                sums[(*place, "volume", volume.id, what, volume.type)] = volume.usd_this_month
        return sums


def _text(moment: datetime) -> str:
    return f"{month_of(moment):%Y-%m}"
