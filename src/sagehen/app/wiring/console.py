"""The console's documents: of the platform itself, and of what the services tell of themselves.

Each is loaded when it is first asked for: a platform starts without them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any

from sagehen.app.wiring.ground import Ground
from sagehen.app.wiring.rooms import Rooms
from sagehen.console.documents.asking import Ask
from sagehen.console.documents.doing import Doing
from sagehen.gateway.pages.console.documents import Document, MakeDocument


def documents(ground: Ground, rooms: Rooms, doing: Callable[[], Doing]) -> Mapping[str, Document]:
    """Return the documents by name.

    Args:
        doing: Tells what only the platform knows.
    """
    return {
        **_of_the_platform(ground, rooms, doing),
        **_of_identities(rooms),
        "rollout": Document("GetRollout", _in_room(rooms, "sagemaker", partial(_rollout, rooms))),
        "rehearsal": Document("Rehearse", _when_asked(_rehearsal), is_long=True),
    }


def _of_the_platform(ground: Ground, rooms: Rooms, doing: Callable[[], Doing]) -> Mapping[str, Document]:
    """The machine below, what all would cost, and how much may be had."""

    def machine() -> MakeDocument:
        from sagehen.console.documents.machine import Machine

        return Machine(ground.executor, ground.folder.root, doing)

    def cost() -> MakeDocument:
        from sagehen.console.documents.cost.cost import cost

        return partial(cost, rooms.ec2.bills, rooms.ledger)

    def prices() -> MakeDocument:
        from sagehen.console.documents.cost.cost import prices

        return prices

    def quotas() -> MakeDocument:
        from sagehen.console.documents.quotas import quotas

        return quotas

    return {
        "machine": Document("GetMachine", _when_asked(machine)),
        "cost": Document("GetCost", _in_room(rooms, "ec2", cost)),
        "prices": Document("GetPrices", _when_asked(prices)),
        "quotas": Document("ListQuotas", _when_asked(quotas)),
    }


def _of_identities(rooms: Rooms) -> Mapping[str, Document]:
    """What roles may do, what they were refused, and what they called."""
    journal = rooms.iam.access_journal

    def chain() -> MakeDocument:
        from sagehen.console.documents.chain.chain import Chain

        return Chain(rooms.iam.role_rights, journal)

    def refusals() -> MakeDocument:
        from sagehen.console.documents.refusals import Refusals

        return Refusals(journal)

    def called() -> MakeDocument:
        from sagehen.console.documents.called import Called

        return Called(journal)

    return {
        "chain": Document("GetChain", _when_asked(chain)),
        "refusals": Document("ListRefusals", _when_asked(refusals)),
        "called": Document("ListCalledActions", _when_asked(called)),
    }


def _rollout(rooms: Rooms) -> MakeDocument:
    from sagehen.console.documents.rollout import rollout

    return partial(rollout, rooms.sagemaker.rollouts)


def _rehearsal() -> MakeDocument:
    from sagehen.console.documents.rehearsal.rehearsal import Rehearsals

    return Rehearsals()


def _when_asked(load: Callable[[], MakeDocument]) -> MakeDocument:
    """Return what makes a document with what is loaded, once, for its first reader."""
    loaded = cache(load)

    async def make(ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
        return await loaded()(ask, query)

    return make


def _in_room(rooms: Rooms, name: str, load: Callable[[], MakeDocument]) -> MakeDocument:
    """Return what makes a document of what a room tells, which may not be there before."""
    loaded = _when_asked(load)

    async def make(ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
        await rooms.need(name)
        return await loaded(ask, query)

    return make
