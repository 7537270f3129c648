"""InstanceLoop: keeps one instance as its row says, for as long as there is something to do."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.hosts.host import Doors
from sagehen.services.ec2.instances.console import Consoles
from sagehen.services.ec2.instances.life import plan, states
from sagehen.services.ec2.instances.life.interruption import Interruption
from sagehen.services.ec2.instances.life.plan import Failures
from sagehen.services.ec2.instances.life.run import MachineRun
from sagehen.services.ec2.instances.life.settling import ended_for_good, ending_with
from sagehen.services.ec2.instances.needs import MachineNeeds
from sagehen.services.ec2.instances.wanted import wanted
from sagehen.services.ec2.resources.kinds import INSTANCE
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.volumes.volumes import made, volumes_of
from sagehen.upkeep import keeping
from sagehen.upkeep.pauses import Rest
from sagehen.upkeep.single import SingleLoop

# The platform is leaving: what is on the disks stays.
_LEAVING_GRACE_S = 2.0


class InstanceLoop(SingleLoop[MachineRun]):
    """One instance's task; its run is its machine.

    Args:
        clock: The platform's, for dates.
    """

    def __init__(
        self,
        scope: Scope,
        instance_id: str,
        *,
        state: State,
        clock: Clock,
        needs: MachineNeeds,
        doors: Doors,
        consoles: Consoles,
    ) -> None:
        super().__init__(f"instance {instance_id}", needs.wall_clock, _LEAVING_GRACE_S)
        self.scope = scope
        self.instance_id = instance_id
        self._state = state
        self._dates = clock
        self._needs = needs
        self._doors = doors
        self._consoles = consoles
        self._failures: Failures | None = None
        self._interruption = Interruption(clock, self._interrupt)

    async def rest(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Reboot the machine and do something in between; False, and nothing done, where it is not up."""
        run, done = self.ready_run, False

        async def between() -> None:
            nonlocal done
            done = True
            await work()

        def rebooting(row: Resource) -> None:
            row.body["checks"] = "initializing"

        if run is None:
            return False
        await self._change(rebooting, only=("running",))
        await run.reboot(between)
        return done

    async def _leave(self) -> None:
        self._interruption.end()
        await super()._leave()
        await self._consoles.keep(self.instance_id)

    async def _pass(self) -> plan.Action:
        """Observe, plan, act; return what was done."""
        view = self._state.view(self.scope)
        instance = view.find(INSTANCE, self.instance_id)
        if instance is None:
            self._interruption.end()
            return Rest()
        phase = self._phase()
        await self._follow(view, instance)
        action = plan.plan(instance.body, phase, self._failures, self._clock.monotonic())
        await self._act(action, view, instance)
        return action

    async def _follow(self, view: View, instance: Resource) -> None:
        """Tell a machine that is up what changed of its instance, and the row what changed of the machine."""
        if (run := self.ready_run) is None:
            return
        self._interruption.follow(instance.body, run.host)
        now_wanted = wanted(view, instance, self._needs)
        if now_wanted != run.wanted:
            await run.reopen(now_wanted)
        checks = "ok" if run.booted else "initializing"
        if instance.body.get("checks") != checks or instance.body.get("sshPort") != run.ssh_port:

            def told(row: Resource) -> None:
                row.body |= {"checks": checks, "sshPort": run.ssh_port}

            await self._change(told)

    async def _act(self, action: plan.Action, view: View, instance: Resource) -> None:
        now = self._dates.now()
        match action:
            case keeping.Launch():
                self._launch_machine(view, instance)
            case keeping.Open():

                def up(row: Resource) -> None:
                    states.running(row.body, now)
                    row.body["firstBoot"] = False

                await self._change(up, only=("pending",))
                await self._state.change(self.scope, {}, self._made, quiet=True)
            case plan.Reboot():
                assert self.run is not None

                def rebooting(row: Resource) -> None:
                    row.body.pop("rebootAsked", None)
                    row.body["checks"] = "initializing"

                await self._change(rebooting)
                await self.run.reboot()
            case keeping.End():
                assert self.run is not None
                self.run.stop(0.0 if instance.body.get("forced") else states.GRACE_S)
            case plan.Give(reason):
                await self._give(reason)
            case keeping.Settle():
                await self._consoles.keep(self.instance_id)
                self._failures = None
                await self._settle(instance)
            case Rest():
                self._interruption.end()

    def _launch_machine(self, view: View, instance: Resource) -> None:
        try:
            asked = wanted(view, instance, self._needs)
        except Ec2Error as error:
            self._failures = Failures(1, 0.0, ("Server.InternalError", error.message), final=True)
            return
        console = self._consoles.of(self.instance_id)
        self._launch(MachineRun(asked, console, needs=self._needs, doors=self._doors))

    async def _give(self, reason: tuple[str, str]) -> None:
        now = self._dates.now()

        def give(row: Resource) -> None:
            if reason != states.INSIDE:
                states.failed(row.body, now, reason)
                return
            terminate = row.body["shutdownBehavior"] == "terminate" or row.body.get("InstanceLifecycle")
            states.end(row.body, "shutting-down" if terminate else "stopping", now, reason)

        await self._change(give, only=("pending", "running"))

    async def _interrupt(self) -> None:
        now = self._dates.now()

        def interrupt(row: Resource) -> None:
            states.end(row.body, "shutting-down", now, states.SPOT)

        await self._change(interrupt, only=("pending", "running"))
        self.poke()

    async def _settle(self, instance: Resource) -> None:
        """Nothing of it runs: its state is final, and of one that is terminated nothing is left by then."""
        now = self._dates.now()
        if states.name_of(instance.body) == "shutting-down":
            for volume_id in ending_with(self._state.view(self.scope), instance):
                await self._needs.hosts.remove_volume(volume_id)

        def work(view: View) -> None:
            row = view.find(INSTANCE, instance.id)
            if row is None or states.name_of(row.body) != states.name_of(instance.body):
                return  # somebody terminated it meanwhile: the next pass has it
            states.ended(row.body, now)
            row.body.pop("forced", None)
            if states.name_of(row.body) == "terminated":
                ended_for_good(view, row, now)
            view.save(row)

        await self._state.change(self.scope, {}, work, quiet=True)

    async def _change(self, change: Callable[[Resource], None], only: tuple[str, ...] = ()) -> None:
        def work(view: View) -> None:
            row = view.find(INSTANCE, self.instance_id)
            if row is not None and (not only or states.name_of(row.body) in only):
                change(row)
                view.save(row)

        await self._state.change(self.scope, {}, work, quiet=True)

    def _note_end(self, run: MachineRun, served_s: float | None, now: float) -> None:
        if run.refused is not None:
            self._failures = Failures(1, now, run.refused, final=True)
        elif run.gone is not None:
            self._failures = plan.ended(self._failures, served_s, now, run.gone)

    def _made(self, view: View) -> None:
        """Its disks are there: snapshots that they were made of may go."""
        for volume in volumes_of(view, self.instance_id):
            made(view, volume)
