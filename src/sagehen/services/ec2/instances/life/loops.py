"""InstanceLoops: the loops of all instances for which there is something to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime

from sagehen.domain.background import Rounds
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.ec2.hosts.host import Doors, Host
from sagehen.services.ec2.instances.console import Consoles
from sagehen.services.ec2.instances.life import bill, states
from sagehen.services.ec2.instances.life.loop import InstanceLoop
from sagehen.services.ec2.instances.life.run import MachineRun
from sagehen.services.ec2.instances.needs import MachineNeeds
from sagehen.services.ec2.resources.kinds import INSTANCE, SNAPSHOT, VOLUME
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.snapshots.making import Making
from sagehen.services.ec2.volumes.volumes import FROM_SNAPSHOT
from sagehen.upkeep.loops import Loops

_SWEEP_S = 60.0


class InstanceLoops:
    """Begins a loop for each instance that there is something to do for, and for each that is changed.

    Args:
        clock: The platform's.
        consoles: Where machines' consoles are kept.
        making: Takes snapshots, for as long as machines are kept.
    """

    def __init__(
        self,
        *,
        state: State,
        clock: Clock,
        needs: MachineNeeds,
        doors: Doors,
        consoles: Consoles,
        making: Making,
    ) -> None:
        self._making = making
        self._state = state
        self._clock = clock
        self._needs = needs
        self._doors = doors
        self._consoles = consoles
        self._loops = Loops[str, InstanceLoop]()
        self._sweeping = Rounds(
            "terminated-instances",
            self.sweep,
            clock,
            _SWEEP_S,
            tale="forgetting terminated instances",
            at_once=False,
        )

    async def start(self) -> None:
        """Bring back what an earlier life of the platform ran; disks of no volume go."""
        volumes: set[str] = set()
        snapshots: set[str] = set()
        for scope in self._state.scopes():
            view = self._state.view(scope)
            volumes |= {volume.id for volume in view.all(VOLUME)}
            snapshots |= {snapshot.id for snapshot in view.all(SNAPSHOT)}
            snapshots |= set(view.everywhere(VOLUME, FROM_SNAPSHOT))
        there = await self._needs.hosts.keep_only(volumes, snapshots)
        await self._making.start(there)
        self._loops.open()
        for scope in self._state.scopes():
            await self._recover(scope)
        self._sweeping.start()

    async def _recover(self, scope: Scope) -> None:
        now = self._clock.now()
        live: list[str] = []

        def work(view: View) -> None:
            for instance in view.all(INSTANCE):
                name = states.name_of(instance.body)
                if name == "running":
                    bill.end(instance.body)  # when the platform was last seen, not now
                    if instance.body["MaintenanceOptions"]["AutoRecovery"] == "disabled":
                        states.enter(instance.body, "stopping", now, states.HOST_FAILED)
                    else:
                        states.recovered(instance.body, now)
                    view.save(instance)
                if name in states.LIVE:
                    live.append(instance.id)

        if any(states.name_of(row.body) in states.LIVE for row in self._state.view(scope).all(INSTANCE)):
            await self._state.change(scope, {}, work)
        for instance_id in live:
            self.watch(scope, instance_id)

    async def stop(self) -> None:
        """End every machine; rows stay."""
        await self._making.stop()
        await self._sweeping.stop()
        await self.count_costs()
        await self._loops.close()

    async def reset(self) -> None:
        """Forget all; the tables were emptied before."""
        await self.stop()
        await self.start()

    def watch(self, scope: Scope, instance_id: str) -> None:
        """The row of an instance is new, or changed: bring what there is in line with it.

        Before `start`, and after `stop`, it only waits for the next one, which finds it by itself.
        """
        self._loops.watch(
            instance_id,
            lambda: InstanceLoop(
                scope,
                instance_id,
                state=self._state,
                clock=self._clock,
                needs=self._needs,
                doors=self._doors,
                consoles=self._consoles,
            ),
        )

    async def rest(self, scope: Scope, instance_id: str, work: Callable[[], Awaitable[None]]) -> bool:
        """See `images.creation.Reboots`."""
        loop = self._loops.get(instance_id)
        return loop is not None and loop.scope == scope and await loop.rest(work)

    def poke(self, scope: Scope) -> None:
        """Something that machines of this account and region see was changed: tags, groups, addresses."""
        for loop in self._loops.values():
            if loop.scope == scope:
                loop.poke()

    def runs(self) -> list[tuple[Scope, MachineRun]]:
        """Return the machines that are up, with their scopes."""
        return [(loop.scope, run) for loop in self._loops.values() if (run := loop.ready_run) is not None]

    def host(self, scope: Scope, instance_id: str) -> Host | None:
        """Return the machine of an instance that runs; None where it does not."""
        loop = self._loops.get(instance_id)
        run = loop.ready_run if loop is not None and loop.scope == scope else None
        return run.host if run else None

    def scope_of(self, instance_id: str) -> Scope | None:
        """Return whose an instance is that may run; None of others."""
        loop = self._loops.get(instance_id)
        return loop.scope if loop else None

    async def sweep(self) -> None:
        """Forget instances that were terminated an hour ago; count what the others cost."""
        await self.count_costs()
        now = self._clock.now()
        for scope in self._state.scopes():
            gone = [
                row.id
                for row in self._state.view(scope).all(INSTANCE)
                if states.name_of(row.body) == "terminated" and _age(row.body["changedAt"], now)
            ]
            for instance_id in gone:
                await self._consoles.forget(instance_id)

            def work(view: View, gone: list[str] = gone) -> None:
                for instance_id in gone:
                    if (row := view.find(INSTANCE, instance_id)) is not None:
                        view.remove(row)

            if gone:
                await self._state.change(scope, {}, work)

    async def count_costs(self) -> None:
        """Write down of each machine that it has run until now."""
        now = self._clock.now()
        scopes = {loop.scope for loop in self._loops.values()}

        def work(view: View) -> None:
            for row in view.all(INSTANCE):
                if states.name_of(row.body) == "running":
                    bill.go_on(row.body, now)
                    view.save(row)

        for scope in scopes:
            await self._state.change(scope, {}, work, quiet=True)


def _age(changed_at: str, now: datetime) -> bool:
    return (now - datetime.fromisoformat(changed_at)).total_seconds() >= states.SHOWN_TERMINATED_S
