"""JupyterServers: makes the machines of notebook instances."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import replace
from functools import partial
from pathlib import Path

from sagehen.domain.access import AccessDenied
from sagehen.executors.base import Mount, Network, OpenDoor, SandboxUnavailable
from sagehen.executors.environments.resolver import Environments
from sagehen.executors.folders.removal import remove_tree
from sagehen.executors.machines.commands import Command, MachineGone
from sagehen.executors.machines.machine import Machine
from sagehen.executors.machines.machines import Disk, MachineSpec, start
from sagehen.executors.machines.volumes.choice import chosen_volumes
from sagehen.executors.machines.volumes.volume import Volumes, VolumeUnavailable
from sagehen.services.sagemaker.instances import environment as instance_environment
from sagehen.services.sagemaker.instances.means import Means
from sagehen.services.sagemaker.notebooks.jupyter import places
from sagehen.services.sagemaker.notebooks.jupyter import start as starts
from sagehen.services.sagemaker.notebooks.jupyter.kernels import KERNELS, Chosen, choose
from sagehen.services.sagemaker.notebooks.jupyter.server import JupyterServer
from sagehen.services.sagemaker.notebooks.server import LaunchFailed, Output, Wanted
from sagehen.services.sagemaker.roles import sessions
from sagehen.services.sagemaker.roles.credentials import RoleCredentials

_MIB_PER_GB = 1024
# The rest of the machine's disk, emptied at each start: AWS's has 100 GB and more, most of it full.
_SCRATCH_MIB = 30 * _MIB_PER_GB
_PREPARE_DEADLINE_S = 60.0
_WARM_PARENT = "notebook"
# As the catalogue of environments names images, and users' shells do not mind.
_PREPARE = (
    "python", f"{places.INSIDE}/prepare.py", f"{places.START}/plan.json",
)  # fmt: skip
# Of a name that is to be a host's; AWS's are addresses there.
_NO_HOST = re.compile(r"[^a-z0-9-]")


class JupyterServers:
    """Implements `NotebookServers`.

    Args:
        folder: Its own.
        means: What running instances take of the platform.
        environments: Which Pythons there are.
        isolated_door: The platform's door without a way to the internet.
        option: What a printed command needs to reach this platform's data folder, or ''.
    """

    def __init__(
        self,
        folder: Path,
        means: Means,
        environments: Environments,
        isolated_door: OpenDoor,
        option: str = "",
    ) -> None:
        self._folder = folder
        self._means = means
        self._environments = environments
        self._isolated_door = isolated_door
        self._option = option
        self._made: tuple[Volumes, Volumes] | None = None
        self._warming: asyncio.Task[None] | None = None

    async def launch(self, wanted: Wanted, output: Output, progress: Output) -> JupyterServer:
        """See `NotebookServers.launch`.

        Raises:
            LaunchFailed
        """
        if importlib.util.find_spec("jupyterlab") is None:
            raise LaunchFailed("JupyterLab is missing beside Sagehen: pip install 'sagehen[notebooks]'.")
        try:
            return await self._launch(wanted, output, progress)
        except (SandboxUnavailable, VolumeUnavailable, AccessDenied, MachineGone) as error:
            raise LaunchFailed(str(error)) from error

    async def resize(self, volume_id: str, volume_gb: int) -> None:
        """See `NotebookServers.resize`: the next start makes it so large, but fails then, and not now."""
        volumes, _ = await self._volumes()
        if await asyncio.to_thread((self._folder / "volumes" / volume_id).is_dir):
            try:
                await volumes.open(volume_id, volume_gb * _MIB_PER_GB)
            except VolumeUnavailable as error:
                raise LaunchFailed(str(error)) from error

    async def remove_volume(self, volume_id: str) -> None:
        """See `NotebookServers.remove_volume`."""
        for volumes in await self._volumes():
            await volumes.remove(volume_id)
        await asyncio.to_thread(remove_tree, self._start_folder(volume_id))

    async def keep_only(self, volume_ids: Collection[str]) -> None:
        """See `NotebookServers.keep_only`. Nothing is looked for where there never was one."""
        if not await asyncio.to_thread(self._folder.is_dir):
            return
        volumes, scratch = await self._volumes()
        await volumes.keep_only(volume_ids)
        await scratch.keep_only(())
        await asyncio.to_thread(remove_tree, self._folder / "starts")

    async def _volumes(self) -> tuple[Volumes, Volumes]:
        """Return the volumes that stay, and those of one start."""
        if self._made is None:
            await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
            chosen = [
                await asyncio.to_thread(chosen_volumes, self._folder / name)
                for name in ("volumes", "scratch")
            ]
            self._made = chosen[0], chosen[1]
        return self._made

    def _warm_up(self) -> None:
        """While disks are made, what JupyterLab needs is imported, where it is not already."""

        async def warm() -> None:
            with contextlib.suppress(SandboxUnavailable):  # the start itself will say so, or do without
                await self._means.executor.prewarm(_WARM_PARENT)

        if self._warming is None or self._warming.done():
            self._warming = asyncio.create_task(warm(), name="warm up for notebooks")

    async def _launch(self, wanted: Wanted, output: Output, progress: Output) -> JupyterServer:
        self._warm_up()
        volumes, scratch = await self._volumes()
        await scratch.remove(wanted.volume_id)
        home = await scratch.open(wanted.volume_id, _SCRATCH_MIB)
        volume = await volumes.open(wanted.volume_id, wanted.volume_gb * _MIB_PER_GB)
        disks = (Disk(home, places.HOME), Disk(volume, places.VOLUME))
        try:
            return await self._with(disks, wanted, output, progress)
        except BaseException:
            await self._clear(wanted.volume_id)
            raise

    async def _with(
        self, disks: tuple[Disk, ...], wanted: Wanted, output: Output, progress: Output
    ) -> JupyterServer:
        """Start the machine with its disks."""
        means = self._means
        token = secrets.token_urlsafe(32)
        chosen = await asyncio.to_thread(self._choose)
        folder = self._start_folder(wanted.volume_id)
        await asyncio.to_thread(self._write, folder, wanted, chosen, token)
        for line in _told(chosen):
            progress(line)
        role = RoleCredentials(folder / "role", wanted.role_arn, means.roles, means.clock, progress)
        session = await sessions.assume(means.roles, wanted.role_arn)
        await role.write(session.credentials)
        machine = await start(self._spec(wanted, folder, disks, starts.shown(chosen)), means.executor)
        renewing = asyncio.create_task(role.keep_renewed(), name=f"role of {wanted.name}")
        try:
            await self._prepare(machine, progress)
        except BaseException:
            renewing.cancel()
            await machine.stop(0)
            raise
        return JupyterServer(
            machine, token=token, base_path=wanted.base_path, output=output, path=starts.path_variable(),
            on_stop=partial(self._stopped, renewing, wanted.volume_id),
        )  # fmt: skip

    async def _stopped(self, renewing: asyncio.Task[None], volume_id: str) -> None:
        renewing.cancel()
        await self._clear(volume_id)

    async def _clear(self, volume_id: str) -> None:
        """Remove what one start had: its credentials and its token, the rest of its home."""
        _, scratch = await self._volumes()
        try:
            await asyncio.to_thread(remove_tree, self._start_folder(volume_id))
        finally:
            await scratch.remove(volume_id)

    def _start_folder(self, volume_id: str) -> Path:
        return self._folder / "starts" / volume_id

    def _choose(self) -> list[Chosen]:
        return [choose(kernel, self._environments, self._option) for kernel in KERNELS]

    def _write(self, folder: Path, wanted: Wanted, chosen: list[Chosen], token: str) -> None:
        remove_tree(folder)
        for name in ("start", "metadata", "role", "records"):
            (folder / name).mkdir(parents=True)
        starts.write(folder / "start", wanted, chosen, token)
        starts.write_metadata(folder / "metadata", wanted)

    async def _prepare(self, machine: Machine, progress: Callable[[str], None]) -> None:
        command = Command(_PREPARE, directory=places.HOME, preloaded=True)
        code = await machine.run(command, progress, _PREPARE_DEADLINE_S)
        if code != 0:
            raise LaunchFailed(f"The machine's home could not be made: exit code {code}.")

    def _spec(self, wanted: Wanted, folder: Path, disks: tuple[Disk, ...], shown: list[Mount]) -> MachineSpec:
        around = self._means.surroundings
        shared = instance_environment.environment(wanted.scope, wanted.limits, around, isolated=False)
        # There is no folder of packages here, and with it none of the operator's models.
        environment = {
            name: value
            for name, value in shared.items()
            if not value.startswith(instance_environment.PACKAGES)
        }
        name = f"notebook-{wanted.volume_id}"
        doors = {} if wanted.internet else {around.platform_port: self._isolated_door}
        mounts = [
            Mount(folder / "role", instance_environment.ROLE),
            Mount(folder / "start", places.START),
            Mount(folder / "metadata", places.METADATA),
            Mount(Path(__file__).with_name("inside"), places.INSIDE),
            *instance_environment.trust(around),
            *around.pip.mounts,
            *shown,
        ]
        return MachineSpec(
            name=name,
            folder=folder / "records",
            hostname=_NO_HOST.sub("-", wanted.name.lower())[:63],
            limits=replace(wanted.limits, overrun_ends_all=False),
            user_name=places.USER,
            home=places.HOME,
            disks=disks,
            mounts=tuple(mounts),
            environment={**environment, **self._variables(wanted)},
            network=Network(name, platform_door=wanted.internet, doors=doors),
            gpus=wanted.gpus,
            warm_parent=_WARM_PARENT,
        )

    def _variables(self, wanted: Wanted) -> dict[str, str]:
        region = wanted.scope.region
        return {
            "JUPYTER_PATH": places.START,
            "JUPYTER_CONFIG_PATH": places.START,
            "SHELL": "/bin/bash",
            # As in shells of `sagehen env`: a name that resolves nowhere.
            "AWS_ENDPOINT_URL_S3_CONTROL": f"https://s3-control.{region}.amazonaws.com",
        }


def _told(chosen: list[Chosen]) -> list[str]:
    """Return a line for each environment, with the kernels that it stands for."""
    lines: dict[str, list[str]] = {}
    for each in chosen:
        what = (
            each.lack
            if each.environment is None
            else f"{each.environment.label} (Python {each.environment.python})"
        )
        lines.setdefault(what, []).append(each.kernel.name)
    return [f"{', '.join(names)}: {what}" for what, names in lines.items()]
