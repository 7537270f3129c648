"""Signals: what says that something is done, kept until whoever waits for it is gone."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.domain.timeouts import timeout
from sagehen.services.cloudformation.makers.contract import MakerFailed
from sagehen.store.database import Database, Transaction

# Of one resource: whoever has a handle's URL may send them.
_MOST_SIGNALS = 1000
_MOST_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal. Documented: wait condition signal JSON format."""

    unique_id: str
    succeeded: bool
    reason: str = ""
    data: str = ""


def signal_of(body: bytes) -> Signal:
    """Return what a body says. ValueError where it says nothing."""
    if len(body) > _MOST_BYTES:
        raise ValueError("A signal has 4096 bytes at most.")
    try:
        found = read_json(body)
    except NotJson as error:
        raise ValueError(f"A signal is a JSON object: {error}") from None
    if not isinstance(found, dict) or found.get("Status") not in ("SUCCESS", "FAILURE"):
        raise ValueError("A signal's Status is SUCCESS or FAILURE.")
    unique_id, data = found.get("UniqueId"), found.get("Data")
    if not isinstance(unique_id, str) or not unique_id:
        raise ValueError("A signal has a UniqueId.")
    text = data if isinstance(data, str) else "" if data is None else json.dumps(data)
    return Signal(unique_id, found["Status"] == "SUCCESS", str(found.get("Reason") or ""), text)


class Signals:
    """Those of all stacks, by stack and logical id; a unique id counts once."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Several may wait for the signals of one handle.
        self._awaited: defaultdict[tuple[str, str], set[asyncio.Event]] = defaultdict(set)

    async def add(self, stack_id: str, logical_id: str, signal: Signal) -> None:
        """Keep a signal, and wake who waits for it. More than are kept of one resource are dropped."""

        def insert(tx: Transaction) -> None:
            tx.execute(
                "INSERT OR IGNORE INTO cloudformation_signals SELECT ?, ?, ?, ? WHERE (SELECT count(*) "
                "FROM cloudformation_signals WHERE stack_id = ? AND logical_id = ?) < ?",
                (stack_id, logical_id, signal.unique_id, json.dumps(asdict(signal)), stack_id, logical_id,
                 _MOST_SIGNALS),
            )  # fmt: skip

        await self._database.write(insert)
        for event in self._awaited.get((stack_id, logical_id), ()):
            event.set()

    async def forget(self, stack_id: str, logical_id: str) -> None:
        """Forget those of a resource."""
        await self._database.write(
            lambda tx: tx.execute(
                "DELETE FROM cloudformation_signals WHERE stack_id = ? AND logical_id = ?",
                (stack_id, logical_id),
            )
        )

    async def enough(
        self, stack_id: str, logical_id: str, *, count: int, longest_s: float
    ) -> Mapping[str, Signal]:
        """Wait for so many signals of success.

        Raises:
            MakerFailed: One says FAILURE.
            TimeoutError: There were fewer in time; its argument says how many.
        """
        place = (stack_id, logical_id)
        event = asyncio.Event()
        self._awaited[place].add(event)
        try:
            async with timeout(longest_s):
                while True:
                    event.clear()
                    found = self._all(*place)
                    if failed := [one for one in found.values() if not one.succeeded]:
                        raise MakerFailed(
                            f"received failed message: '{failed[0].reason}' for uniqueId: "
                            f"{failed[0].unique_id}"
                        )
                    if len(found) >= count:
                        return found
                    await event.wait()
        except TimeoutError:
            raise TimeoutError(len(self._all(*place))) from None
        finally:
            self._awaited[place].discard(event)
            if not self._awaited[place]:
                del self._awaited[place]

    def _all(self, stack_id: str, logical_id: str) -> dict[str, Signal]:
        rows: Any = self._database.all(
            "SELECT body FROM cloudformation_signals WHERE stack_id = ? AND logical_id = ? "
            "ORDER BY unique_id",
            (stack_id, logical_id),
        )
        every = (Signal(**json.loads(row["body"])) for row in rows)
        return {one.unique_id: one for one in every}
