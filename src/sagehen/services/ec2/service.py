"""Ec2Service: EC2 put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sagehen.api.operation import Service
from sagehen.domain.arn import Arn
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.ec2.network.assembly import network
from sagehen.services.ec2.network.default_vpc import furnish
from sagehen.services.ec2.regions.operations import Regions
from sagehen.services.ec2.resources.kinds import kind_of
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.tags.operations import Tags
from sagehen.store.database import Database


class Ec2Service:
    """Amazon EC2, without machines.

    Args:
        database: Where resources are stored.
        ids: For resources.
    """

    def __init__(self, *, database: Database, ids: Ids) -> None:
        self._state = state = State(database, ids, furnish)
        self._service = Service("ec2", (Regions(state), *network(state), Tags(state)))

    @property
    def services(self) -> Sequence[Service]:
        """EC2 alone."""
        return (self._service,)

    def resource_tags(self, arn: str) -> Mapping[str, str]:
        """Return the tags of a resource; none where there is no such."""
        try:
            parsed = Arn.parse(arn)
        except ValueError:
            return {}
        kind = kind_of(parsed.resource_name)
        if kind is None:
            return {}
        found = self._state.view(Scope(parsed.account_id, parsed.region)).find(kind, parsed.resource_name)
        return found.tags if found else {}

    async def start(self) -> None:
        """Nothing goes on by itself."""

    async def stop(self) -> None:
        """Nothing went on."""

    async def reset(self) -> None:
        """Forget which regions have their default VPC."""
        self._state.forget()
