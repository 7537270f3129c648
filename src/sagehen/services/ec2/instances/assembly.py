"""Instances: the room put together."""

from __future__ import annotations

from collections.abc import Mapping

from sagehen.domain.clock import Clock
from sagehen.domain.ports.calls.operator_acts import OperatorAct
from sagehen.domain.scope import Scope
from sagehen.services.ec2.hosts.host import Host
from sagehen.services.ec2.images.attributes import Attributes as ImageAttributes
from sagehen.services.ec2.images.creation import Creation
from sagehen.services.ec2.instances.acts import InstanceActs
from sagehen.services.ec2.instances.alarms import InstanceAlarmActions
from sagehen.services.ec2.instances.attributes import Attributes
from sagehen.services.ec2.instances.console import Consoles
from sagehen.services.ec2.instances.expecting import Expecting
from sagehen.services.ec2.instances.guard import InstanceGuard
from sagehen.services.ec2.instances.interfaces import InterfaceAttachments
from sagehen.services.ec2.instances.launch.running import Running
from sagehen.services.ec2.instances.life.loops import InstanceLoops
from sagehen.services.ec2.instances.life_operations import LifeOperations
from sagehen.services.ec2.instances.listing import Listing
from sagehen.services.ec2.instances.metrics import InstanceMetrics
from sagehen.services.ec2.instances.needs import MachineNeeds
from sagehen.services.ec2.instances.parts import Parts
from sagehen.services.ec2.instances.profiles import ProfileAssociations
from sagehen.services.ec2.instances.spot.fulfilment import Fulfilment
from sagehen.services.ec2.instances.spot.operations import SpotRequests
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.snapshots.listing import Listing as SnapshotListing
from sagehen.services.ec2.snapshots.making import Making
from sagehen.services.ec2.snapshots.operations import Snapshots
from sagehen.services.ec2.snapshots.permission import Permission
from sagehen.services.ec2.volumes.attachments import Attachments
from sagehen.services.ec2.volumes.live import LiveDisks
from sagehen.services.ec2.volumes.operations import Volumes
from sagehen.store.database import Database


class Instances:
    """Machines, with what keeps them as they are asked for.

    Args:
        needs: None: no machine can be had, and RunInstances answers 501.

    Attributes:
        resources: What declares operations.
        operator_acts: What the operator may do besides AWS's operations, by name.
        alarm_actions: What alarms do with machines.
        consoles: What machines showed.
    """

    def __init__(self, state: State, database: Database, clock: Clock, needs: MachineNeeds | None) -> None:
        self.consoles = Consoles(database, clock.now)
        self._loops: InstanceLoops | None = None
        self._metrics: InstanceMetrics | None = None
        self._expecting: Expecting | None = None
        making: Making | None = None
        if needs is not None:
            doors = needs.doors(InstanceGuard(state, self._scope_of))
            making = Making(state, clock, needs.hosts, needs.wall_clock)
            self._loops = InstanceLoops(
                state=state, clock=clock, needs=needs, doors=doors, consoles=self.consoles, making=making
            )
            state.listeners.append(self._loops.poke)
            self._expecting = Expecting(state, needs.hosts, doors)
            self._metrics = InstanceMetrics(self._loops, needs.metrics, clock)
        snapshots = Snapshots(state, clock, making)
        live = LiveDisks(needs.hosts if needs else None, self.host)
        parts = Parts(state, clock, self.consoles, needs, self._loops)
        self._fulfilment = Fulfilment(parts)
        self.operator_acts: Mapping[str, OperatorAct] = {"interrupt-instance": InstanceActs(parts).interrupt}
        self.alarm_actions = InstanceAlarmActions(parts)
        self.resources: tuple[object, ...] = (
            *(Running(parts), LifeOperations(parts), Listing(parts), Attributes(parts)),
            *(ProfileAssociations(parts), Volumes(state, clock, live), Attachments(state, clock, live)),
            *(SpotRequests(parts, self._fulfilment), InterfaceAttachments(parts)),
            *(snapshots, SnapshotListing(state), Permission(state)),
            *(Creation(state, clock, making, snapshots, self._loops), ImageAttributes(state)),
        )

    def host(self, scope: Scope, instance_id: str) -> Host | None:
        """Return the machine of an instance that runs; None where it does not."""
        return self._loops.host(scope, instance_id) if self._loops else None

    async def start(self) -> None:
        """Bring back what an earlier life of the platform ran."""
        if self._loops and self._metrics and self._expecting:
            await self._loops.start()
            self._expecting.start()
            self._metrics.rounds.start()
            self._fulfilment.rounds.start()

    async def stop(self) -> None:
        """End what runs; rows and disks stay."""
        if self._loops and self._metrics and self._expecting:
            await self._expecting.stop()
            await self._fulfilment.rounds.stop()
            await self._metrics.rounds.stop()
            await self._loops.stop()

    async def reset(self) -> None:
        """End what runs; its rows are gone."""
        if self._loops:
            await self._loops.reset()

    def _scope_of(self, instance_id: str) -> Scope | None:
        return self._loops.scope_of(instance_id) if self._loops else None
