"""The console's documents: of the platform itself, and of what the services tell of themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.app.wiring.rooms import Rooms
from sagehen.console.documents.asking import Ask
from sagehen.console.documents.called import Called
from sagehen.console.documents.machine import Machine
from sagehen.console.documents.refusals import Refusals
from sagehen.gateway.pages.console.documents import Document


def documents(rooms: Rooms, machine: Machine) -> Mapping[str, Document]:
    """Return the documents by name."""
    journal = rooms.iam.access_journal

    async def chain(ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
        from sagehen.console.documents.chain.chain import Chain

        return await Chain(rooms.iam.role_rights, journal)(ask, query)

    return {
        "machine": Document("GetMachine", machine),
        "chain": Document("GetChain", chain),
        "cost": Document("GetCost", _cost),
        "prices": Document("GetPrices", _prices),
        "refusals": Document("ListRefusals", Refusals(journal)),
        "called": Document("ListCalledActions", Called(journal)),
    }


# Loaded when they are first asked for: a platform starts without them.


async def _cost(ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
    from sagehen.console.documents.cost.cost import cost

    return await cost(ask, query)


async def _prices(ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
    from sagehen.console.documents.cost.cost import prices

    return await prices(ask, query)
