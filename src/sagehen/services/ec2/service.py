"""Ec2Service: EC2 put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sagehen.api.operation import Service
from sagehen.domain.arn import Arn
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.ec2.bills import Bills
from sagehen.services.ec2.images.operations import Images
from sagehen.services.ec2.images.public_parameters import PublicImageParameters
from sagehen.services.ec2.instance_types.operations import InstanceTypes
from sagehen.services.ec2.instances.assembly import Instances
from sagehen.services.ec2.instances.needs import MachineNeeds
from sagehen.services.ec2.key_pairs.operations import KeyPairs
from sagehen.services.ec2.launch_templates.descriptions import TemplateDescriptions
from sagehen.services.ec2.launch_templates.operations import LaunchTemplates
from sagehen.services.ec2.network.assembly import network
from sagehen.services.ec2.network.default_vpc import furnish
from sagehen.services.ec2.network.for_services import NetworksForServices
from sagehen.services.ec2.regions.operations import Regions
from sagehen.services.ec2.resources.kinds import kind_of
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.tags.operations import Tags
from sagehen.store.database import Database


class Ec2Service:
    """Amazon EC2.

    Args:
        database: Where resources are stored.
        clock: Dates them.
        ids: For resources.
        machines: What instances need; None: there are none, and RunInstances answers 501.

    Attributes:
        machines: As given: what comes later is told to it.
        instances: Machines, for who reaches them.
        bills: What machines and volumes cost.
        networks: Subnets and groups, for services that refer to them.
        public_parameters: What SSM publishes of images.
    """

    def __init__(
        self, *, database: Database, clock: Clock, ids: Ids, machines: MachineNeeds | None = None
    ) -> None:
        self._state = state = State(database, ids, furnish)
        self.bills = Bills(state, clock)
        self.networks = NetworksForServices(state)
        self.public_parameters = PublicImageParameters(state)
        self.machines = machines
        self.instances = Instances(state, database, clock, machines)
        self._service = Service(
            "ec2",
            (
                *(Regions(state), InstanceTypes(state, clock), Images(state)),
                *network(state),
                *(KeyPairs(state, clock), Tags(state)),
                *(LaunchTemplates(state, clock), TemplateDescriptions(state)),
                *self.instances.resources,
            ),
        )

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
        view = self._state.view(Scope(parsed.account_id, parsed.region))
        find = view.find if parsed.account_id else view.anywhere
        found = find(kind, parsed.resource_name)
        return found.tags if found else {}

    async def start(self) -> None:
        """Bring back the machines of an earlier life."""
        await self.instances.start()

    async def stop(self) -> None:
        """End what runs; disks stay."""
        await self.instances.stop()

    async def reset(self) -> None:
        """Forget which regions have their default VPC; end what runs, its rows are gone."""
        self._state.forget()
        await self.instances.reset()
