"""Makes a view of the file system true with mounts of our own, in a forked child of the warm parent."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from sagehen.executors.isolation import kernel
from sagehen.executors.isolation.layers import Users, open_layers
from sagehen.executors.isolation.steps import Step

_DEVICES = ("null", "zero", "full", "random", "urandom", "tty")
_DEVICE_LINKS = {
    "fd": "/proc/self/fd",
    "stdin": "/proc/self/fd/0",
    "stdout": "/proc/self/fd/1",
    "stderr": "/proc/self/fd/2",
    "core": "/proc/kcore",
    "ptmx": "pts/ptmx",
}
# Root may look at these through a new /proc although nobody may change them: closed as bubblewrap does.
_CLOSED_PROC = ("sys", "sysrq-trigger", "irq", "bus")

# The kernel has 3072 for all sandboxes together (kernel.pty.max): none takes them from the others.
_MOST_TERMINALS = 256
_TTY_GROUP = 5  # in every distribution


def enter_root(
    steps: Sequence[Step], base: str, users: Users | None = None, layers: Mapping[str, int] | None = None
) -> None:
    """Build the view on `base` and make it the root. Needs fresh mount and pid namespaces.

    Args:
        steps: Of `view.view`.
        base: An existing folder to build upon; nothing of it remains visible on the host.
        users: Of a sandbox that has many: what it may write belongs to them.
        layers: Of `open_layers`, where that was called already.

    Raises:
        OSError: A mount was refused.
    """
    # Nothing mounted here may reach the host's namespace.
    kernel.mount("none", "/", "none", kernel.MS_REC | kernel.MS_SLAVE)
    layers = open_layers(steps, base, users) if layers is None else layers
    kernel.mount("tmpfs", base, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755")
    previous = os.umask(0o022)
    writable = False
    for step in steps:
        writable = writable or (step.kind in ("rw", "image") and step.target == "/")
        if step.kind in ("layers", "image", "ro-image"):
            _make_folder(base + step.target)
            kernel.move_mount(layers[step.target], base + step.target)
        else:
            _apply(step, base + step.target, users)
    os.umask(previous)
    if not writable:
        kernel.restrict_mount(base, kernel.MOUNT_ATTR_RDONLY, below=False)
    kernel.pivot_into(base)


def _apply(step: Step, target: str, users: Users | None) -> None:
    nodev = kernel.MOUNT_ATTR_NOSUID | kernel.MOUNT_ATTR_NODEV
    match step.kind:
        case "ro":
            _bind(step.source, target, kernel.MOUNT_ATTR_RDONLY | nodev)
        case "rw" if users is not None:
            kernel.move_mount(kernel.mapped_mount(step.source, users.namespace), target)
        case "rw":
            _bind(step.source, target, nodev)
        case "device":
            _bind(step.source, target, kernel.MOUNT_ATTR_NOSUID)
        case "symlink":
            Path(target).symlink_to(step.source)
        case "folder":
            _make_folder(target)
        case "passage":
            _make_folder(target)
            Path(target).chmod(0o111)
        case "tmpfs":
            _make_folder(target)
            options = _tmpfs_options(step, users)
            kernel.mount("tmpfs", target, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, options)
        case "proc":
            _mount_proc(target)
        case "dev":
            _make_dev(target, 0 if users is None else users.first + _TTY_GROUP)
        case _:
            raise ValueError(f"unknown step {step.kind!r}")


def _tmpfs_options(step: Step, users: Users | None) -> str:
    mode = "mode=1777"
    if users is not None and step.target == "/run":  # elsewhere there is nobody to keep from root's files
        mode = f"mode=755,uid={users.first},gid={users.first}"
    return f"{mode},size={step.size}" if step.size else mode


def _make_folder(path: str) -> None:
    Path(path).mkdir(parents=True, exist_ok=True)


def _bind(source: str, target: str, attributes: int) -> None:
    if Path(source).is_dir():
        _make_folder(target)
    elif not Path(target).exists():
        _make_folder(str(Path(target).parent))
        Path(target).touch()
    kernel.mount(source, target, "none", kernel.MS_BIND | kernel.MS_REC)
    kernel.restrict_mount(target, attributes)


def _mount_proc(target: str) -> None:
    _make_folder(target)
    kernel.mount("proc", target, "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)
    for name in _CLOSED_PROC:
        path = f"{target}/{name}"
        if Path(path).exists():
            with contextlib.suppress(PermissionError):  # not ours to cover in a user namespace
                kernel.mount(path, path, "none", kernel.MS_BIND | kernel.MS_REC)
                kernel.restrict_mount(path, kernel.MOUNT_ATTR_RDONLY)


def _make_dev(target: str, terminals: int) -> None:
    _make_folder(target)
    # Room for names only: the sandbox's user may own it.
    kernel.mount("tmpfs", target, "tmpfs", kernel.MS_NOSUID, "mode=755,size=1m")
    for name in _DEVICES:
        _bind(f"/dev/{name}", f"{target}/{name}", kernel.MOUNT_ATTR_NOSUID)
    for name, text in _DEVICE_LINKS.items():
        Path(target, name).symlink_to(text)
    for name in ("shm", "pts"):
        _make_folder(f"{target}/{name}")
    options = f"newinstance,ptmxmode=0666,mode=620,max={_MOST_TERMINALS}"
    options += f",gid={terminals}" if terminals else ""
    kernel.mount("devpts", f"{target}/pts", "devpts", kernel.MS_NOSUID | kernel.MS_NOEXEC, options)
