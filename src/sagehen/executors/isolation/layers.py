"""Folders that a sandbox's root writes over: overlays of the host's, mounted as that root.

    upper   on a disk of the sandbox's own: all that it wrote
    own     in memory, made anew: folders that are root's inside, and copies of what it may write in place
    host    the host's folder, of which nothing is anybody's inside

Overlayfs does what is written with the rights of who mounted it. That is root of the sandbox's user
namespace alone, which has none over what the host's root owns: what the host's root keeps from others stays
unreadable inside, its setuid programs are none. A folder in `own` lets root write beside what the host has
there; a file of the host's is replaced or removed, and not changed in place.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from sagehen.executors.isolation import kernel
from sagehen.executors.isolation.steps import Step

# Room for the names of a large /usr, and copies of some small files.
_OWN_OPTIONS = "mode=755,size=64m"
_IMAGES = ("image", "ro-image")
_Own = dict[str, list[list[str]]]


@dataclass(frozen=True, slots=True)
class Users:
    """Those of a sandbox that has many.

    Args:
        namespace: Descriptor of their user namespace, which has no other right on the host.
        first: Host uid of its root; the others follow.
    """

    namespace: int
    first: int


def open_layers(steps: Iterable[Step], base: str, users: Users | None) -> dict[str, int]:
    """Make the overlays of a view; return a descriptor of each, to be moved to its target.

    In a mount namespace of this process's own, of which nothing reaches the host's from now on.

    Args:
        steps: Of the view.
        base: An existing folder to work upon; nothing remains there.
        users: Whose root mounts them; None: this process is root of its sandbox's namespace already.

    Raises:
        OSError: The kernel refuses.
    """
    wanted = [step for step in steps if step.kind in ("layers", *_IMAGES)]
    if not wanted:
        return {}
    owns = [
        None if step.kind in _IMAGES else json.loads(Path(step.layers[0]).read_bytes()) for step in wanted
    ]
    kernel.mount("none", "/", "none", kernel.MS_REC | kernel.MS_SLAVE)
    kernel.mount("tmpfs", base, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "mode=755")
    for number, step in enumerate(wanted):
        for name in ("own", "host", "place"):
            Path(base, str(number), name).mkdir(parents=True)
        place = f"{base}/{number}/place"
        if users is None:
            kernel.mount(step.source, place, "none", kernel.MS_BIND | kernel.MS_REC)
        else:
            kernel.move_mount(kernel.mapped_mount(step.source, users.namespace), place)
        if step.kind in _IMAGES:
            if users is None:
                kernel.mount(step.layers[0], f"{base}/{number}/host", "none", kernel.MS_BIND)
            else:  # its files are numbered on the disk as inside
                kernel.move_mount(
                    kernel.mapped_mount(step.layers[0], users.namespace), f"{base}/{number}/host"
                )
        elif step.layers[1]:
            # Without what is mounted below it, where that may be left out.
            more = kernel.MS_REC if users is None else 0
            kernel.mount(step.layers[1], f"{base}/{number}/host", "none", kernel.MS_BIND | more)
    # The folders above may be closed to that root: names are said from here.
    os.chdir(base)
    made = _overlays(wanted, owns) if users is None else _overlays_of(users, wanted, owns)
    os.chdir("/")
    kernel.unmount(base)
    return {step.target: fd for step, fd in zip(wanted, made, strict=True)}


def _overlays(wanted: list[Step], owns: list[_Own | None], *, setuid: bool = False) -> list[int]:
    made = []
    for number, (step, own) in enumerate(zip(wanted, owns, strict=True)):
        lower = f"{number}/host"
        if own is not None:
            flags = kernel.MS_NOSUID | kernel.MS_NODEV
            kernel.mount("tmpfs", f"{number}/own", "tmpfs", flags, _OWN_OPTIONS)
            _fill(f"{number}/own", own)
            lower = f"{number}/own:{lower}" if step.layers[1] else f"{number}/own"
        options = {
            "lowerdir": lower, "upperdir": f"{number}/place/upper", "workdir": f"{number}/place/work",
        }  # fmt: skip
        attributes = kernel.MOUNT_ATTR_NODEV | (0 if setuid else kernel.MOUNT_ATTR_NOSUID)
        made.append(kernel.overlay(options, attributes))
    return made


def _overlays_of(users: Users, wanted: list[Step], owns: list[_Own | None]) -> list[int]:
    """Do it in a process that is root of the users' namespace, and take over what it mounted."""
    ours, theirs = socket.socketpair()
    pid = os.fork()
    if pid == 0:
        try:
            signal.alarm(30)
            kernel.become_root_of(users.namespace)
            kernel.unshare(kernel.CLONE_NEWNS)
            socket.send_fds(theirs, [b"!"], _overlays(wanted, owns, setuid=True))
        except BaseException as error:
            theirs.sendall(str(error).encode("utf-8", "replace")[:1000])
        finally:
            os._exit(0)
    theirs.close()
    with ours:
        told, fds, _, _ = socket.recv_fds(ours, 1024, len(wanted))
    os.waitpid(pid, 0)
    if len(fds) != len(wanted):
        raise OSError(told.decode("utf-8", "replace") or "the overlays could not be mounted")
    return fds


def _fill(folder: str, own: _Own) -> None:
    previous = os.umask(0o022)
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        for (name,) in own["folders"]:
            os.mkdir(name, 0o755, dir_fd=top)
        for name, text in own["links"]:
            os.symlink(text, name, dir_fd=top)
        for name, source in own["files"]:
            with contextlib.suppress(OSError), open(source, "rb") as of, _new(top, name) as to:  # noqa: PTH123
                shutil.copyfileobj(of, to)
        for name, text in own["texts"]:
            with _new(top, name) as to:
                to.write(text.encode())
    finally:
        os.close(top)
        os.umask(previous)


def _new(top: int, name: str) -> BinaryIO:
    return os.fdopen(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644, dir_fd=top), "wb")
