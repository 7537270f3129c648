"""Plan: everything decided about one sandbox before it is started."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sagehen.executors.base import SandboxSpec
from sagehen.executors.folders.ownership import give_trees, require_readable
from sagehen.executors.isolation import footing, image_footing
from sagehen.executors.isolation.image_view import image_view
from sagehen.executors.isolation.own_etc import OwnEtc
from sagehen.executors.isolation.python import PythonEnvironment, python_arguments, shown
from sagehen.executors.isolation.seccomp import system_call_filter
from sagehen.executors.isolation.steps import Step
from sagehen.executors.isolation.surroundings import complete_environment
from sagehen.executors.isolation.view import system_steps, view

INNER_UID = 1000  # as a process finds itself numbered where the platform is no root


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything decided about one sandbox before it is started.

    Args:
        spec: What is wanted.
        command: With `python` replaced by the environment's interpreter.
        environment: Complete.
        steps: The view of the file system.
        hostname: As seen inside.
        drop_to: Host uid of its processes, or None where a user namespace is used. With users of its own,
            that of their root.
        namespaces: Descriptors of the network to join, [net] or [net, user]; empty for one of its own.
        seccomp: Filter to load, or None.
    """

    spec: SandboxSpec
    command: tuple[str, ...]
    environment: dict[str, str]
    steps: list[Step]
    hostname: str
    drop_to: int | None
    namespaces: Sequence[int]
    seccomp: bytes | None


class Planner:
    """Makes plans, and the files that a sandbox has of its own in /etc.

    Args:
        folder: The executor's own; a sandbox's /etc lies in `etc/<name>/` of it meanwhile.
        python: The environment that is shown.
        seccomp: Filter to load, or None.
        hides: What no sandbox sees, even where it lies in the environment.
    """

    def __init__(
        self, folder: Path, python: PythonEnvironment, seccomp: bytes | None, hides: Path | None = None
    ) -> None:
        self._etc = OwnEtc(folder / "etc")
        self._python = python
        self._system = system_steps()
        self._seccomp = seccomp
        self._hides = hides

    def plan(
        self, spec: SandboxSpec, uid: int | None, gpu_devices: Sequence[str], namespaces: Sequence[int]
    ) -> Plan:
        """Decide everything, write the sandbox's /etc, hand its folders over. Blocks: call it in a thread.

        Args:
            spec: What is wanted.
            uid: Host uid that it gets, or None where a user namespace is used.
            gpu_devices: Device files that it may open.
            namespaces: See `Plan`.

        Raises:
            SandboxUnavailable: Its user may not read what it is to see.
        """
        inner_uid = INNER_UID if uid is None else uid
        etc = self._etc.write(spec, inner_uid, inner_uid)
        python = shown(spec.python, self._python)
        if spec.image is not None:
            steps = image_view(spec, spec.image, etc, gpu_devices)
            image_footing.prepare(spec.image, steps, spec.working_directory)
        else:
            steps = view(spec, self._system, python, etc, gpu_devices, self._hides)
        if any(mount.writable and mount.target == "/" for mount in spec.mounts):
            steps = footing.prepare(steps)
        if uid is not None:
            require_readable(mount.source for mount in spec.mounts if not mount.writable)
            writable = (mount.source for mount in spec.mounts if mount.writable)
            if spec.image is not None:  # numbered as inside
                give_trees(writable, spec.image.uid, spec.image.gid)
            elif spec.root is None:  # else the mounts say whose they are
                give_trees(writable, uid, uid)
        command = spec.command
        if spec.image is None and python_arguments(command) is not None:
            command = (python.executable, *command[1:])
        return Plan(
            spec=spec,
            command=command,
            environment=complete_environment(spec, python),
            steps=steps,
            hostname=spec.hostname or spec.name,
            drop_to=uid,
            namespaces=namespaces,
            seccomp=self._filter(spec, uid),
        )

    def _filter(self, spec: SandboxSpec, uid: int | None) -> bytes | None:
        one_user = spec.has_own_users and uid is None
        return system_call_filter(one_user=True) if self._seccomp and one_user else self._seccomp

    def forget(self, name: str) -> None:
        """Remove the /etc of the sandbox `name`; none is fine."""
        self._etc.forget(name)
