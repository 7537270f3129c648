"""Supply: the offers of all instance types, kept in the data folder, and the wait for what cannot be had."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import replace

from sagehen.domain.clock import Clock, wait_for
from sagehen.services.sagemaker.instances.capacity import InsufficientCapacity
from sagehen.services.sagemaker.instances.supply.offer import Offer
from sagehen.store.database import Database, Row, Transaction

MIGRATIONS = (
    """
    CREATE TABLE sagemaker_supply (
        instance_type TEXT PRIMARY KEY, available INTEGER NOT NULL, quota INTEGER
    ) WITHOUT ROWID;
    """,
)
# AWS asks EC2 again for some ten minutes to an hour before it gives up (from memory: what people report of
# CapacityError). Who rehearses it here waits for so long, on the platform's clock.
PATIENCE_S = 20.0


class Supply:
    """What the operator offers.

    Args:
        database: None: everything can be had, and nothing is changed.
    """

    def __init__(self, database: Database | None = None) -> None:
        self._database = database
        self._changed = asyncio.Event()
        if database is not None:
            database.migrate("sagemaker_supply", MIGRATIONS)

    def offer(self, instance_type: str) -> Offer:
        """Return what can be had of a type."""
        if self._database is None:
            return Offer(instance_type)
        row = self._database.one("SELECT * FROM sagemaker_supply WHERE instance_type = ?", (instance_type,))
        return _offer(row) if row else Offer(instance_type)

    def offers(self) -> list[Offer]:
        """Return all of which there is something to say, by name."""
        if self._database is None:
            return []
        rows = self._database.all("SELECT * FROM sagemaker_supply ORDER BY instance_type")
        return [_offer(row) for row in rows]

    def limited(self, instance_types: Collection[str]) -> dict[str, Offer]:
        """Return those of the types that have a quota, by name."""
        found = (self.offer(name) for name in instance_types)
        return {offer.instance_type: offer for offer in found if offer.limit is not None}

    async def change(self, instance_type: str, step: Callable[[Offer], Offer]) -> Offer:
        """Store what is offered from now on, and return it; who waits for the type is told."""
        assert self._database is not None

        def apply(tx: Transaction) -> Offer:
            row = tx.execute(
                "SELECT * FROM sagemaker_supply WHERE instance_type = ?", (instance_type,)
            ).fetchone()
            offer = step(_offer(row) if row else Offer(instance_type))
            tx.execute("DELETE FROM sagemaker_supply WHERE instance_type = ?", (instance_type,))
            if not offer.is_usual:
                values = (instance_type, offer.available, offer.limit)
                tx.execute("INSERT INTO sagemaker_supply VALUES (?, ?, ?)", values)
            return offer

        offer = await self._database.write(apply)
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()
        return offer

    async def provide(
        self,
        instance_types: Collection[str],
        clock: Clock,
        on_refusal: Callable[[], object],
        patience_s: float | None = PATIENCE_S,
    ) -> None:
        """Return when new instances of all these types come up.

        Args:
            clock: The platform's.
            on_refusal: Called once, if there are none at first.
            patience_s: For how long to ask again; None: until cancelled.

        Raises:
            InsufficientCapacity: There were none all the time.
        """
        deadline = None if patience_s is None else clock.monotonic() + patience_s
        refused = False
        while not all(self.offer(name).available for name in instance_types):
            changed = self._changed
            left = None if deadline is None else deadline - clock.monotonic()
            if left is not None and left <= 0:
                raise InsufficientCapacity
            if not refused:
                refused = True
                on_refusal()
            await wait_for(changed, clock, left)


def _offer(row: Row) -> Offer:
    return Offer(row["instance_type"], bool(row["available"]), row["quota"])


def changed(offer: Offer, *, available: bool | None = None, limit: int | None = None) -> Offer:
    """Return an offer with what the operator said of it: `available` alone takes everything back."""
    if available and limit is None:
        return Offer(offer.instance_type)
    return replace(
        offer,
        available=offer.available if available is None else available,
        limit=offer.limit if limit is None else limit,
    )
