"""Starts a sandbox as a new process, through bubblewrap."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from sagehen.domain.timeouts import timeout
from sagehen.executors.base import SandboxUnavailable
from sagehen.executors.isolation import bubblewrap
from sagehen.executors.limits.group import LimitGroup
from sagehen.executors.limits.rlimits import inner_rlimits
from sagehen.executors.processes.output import OutputPipes, pipe_file
from sagehen.executors.processes.running import Started
from sagehen.executors.sandbox.plan import Plan

# Enters the limit groups as the very process that becomes the sandbox, then makes room for it.
# $1 = how many files; exec keeps the pid, so that the platform stays its parent.
_ENTER = 'n=$1; shift; while [ "$n" -gt 0 ]; do echo 0 >"$1" || exit 125; shift; n=$((n-1)); done; exec "$@"'
_START_TIMEOUT_S = 30.0  # ours: far more than a start takes, also on a machine that swaps
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
# What glibc itself ignores in privileged programs (its unsecvars.h), besides LD_*.
_LOADER_VARIABLES = frozenset(
    (
        "GCONV_PATH", "GETCONF_DIR", "GLIBC_TUNABLES", "HOSTALIASES", "LOCALDOMAIN", "LOCPATH",
        "MALLOC_TRACE", "NIS_PATH", "NLSPATH", "RESOLV_HOST_CONF", "RES_OPTIONS", "TZDIR",
    )
)  # fmt: skip


def keep_descriptors() -> None:
    """Make no process inherit what this one has open, unless it is passed on by its number.

    Python opens nothing else, but a shell may have started the platform with more than the three
    standard descriptors, and uvloop closes none of them in what it spawns.
    """
    for entry in list(Path("/proc/self/fd").iterdir()):
        with contextlib.suppress(OSError):  # the one that listed the folder is closed by now
            if int(entry.name) > 2:
                os.set_inheritable(int(entry.name), False)


async def spawn(bwrap: str, plan: Plan, pipes: OutputPipes, limits: LimitGroup) -> Started:
    """Start `plan` through bubblewrap and return once its pid 1 exists.

    Raises:
        SandboxUnavailable: bubblewrap was refused something; its message is in the text.
    """
    status_read, status_write = os.pipe()
    seccomp_fd = _as_file(plan.seccomp) if plan.seccomp else None
    isolation = bubblewrap.Isolation(
        plan.hostname, not plan.namespaces, plan.drop_to, status_write, seccomp_fd
    )
    # Options go through a file: on a command line every user of the host could read the credentials.
    early, late = _split_environment(plan.environment)
    options_fd = _as_file(bubblewrap.options(isolation, plan.steps, plan.spec.working_directory, early))
    entry_files = [str(file) for file in limits.entry_files]
    line = ["/bin/sh", "-c", _ENTER, "sh", str(len(entry_files)), *entry_files, *_join(plan.namespaces)]
    line += [bwrap, "--args", str(options_fd), "--", *_inner_prefix(plan, limits, late), *plan.command]
    passed = [status_write, options_fd, *([] if seccomp_fd is None else [seccomp_fd])]
    try:
        process = await asyncio.create_subprocess_exec(
            *line, stdin=asyncio.subprocess.DEVNULL, stdout=pipes.writers[0], stderr=pipes.writers[1],
            pass_fds=passed, env={"PATH": _SYSTEM_PATH}, cwd="/",
        )  # fmt: skip
    except OSError as error:
        os.close(status_read)
        raise SandboxUnavailable(f"bubblewrap could not be started: {error}") from error
    finally:
        os.close(status_write)
        os.close(options_fd)
        if seccomp_fd is not None:
            os.close(seccomp_fd)
    reader, transport = await _open_status(status_read)
    pid = await _first_pid(reader)
    if pid is None:
        transport.close()
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise SandboxUnavailable("bubblewrap could not make the sandbox; its message is in the output.")

    async def exit_code() -> int:
        code = await process.wait()
        transport.close()  # not before: bubblewrap writes its last word there, and would die of SIGPIPE
        return 128 - code if code < 0 else code

    return Started(pid, process.pid, exit_code)


def _split_environment(environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """Return the variables that are set from the start, and those that wait until root was given up.

    A library named in the user's LD_PRELOAD must not be loaded into the program that drops root.
    """
    late = {
        name: value
        for name, value in environment.items()
        if name.startswith("LD_") or name in _LOADER_VARIABLES
    }
    return {name: value for name, value in environment.items() if name not in late}, late


def _inner_prefix(plan: Plan, limits: LimitGroup, late_environment: Mapping[str, str]) -> list[str]:
    """Return what runs inside before the command: rlimits, the drop from root, the late variables."""
    prefix: list[str] = []
    prlimit = shutil.which("prlimit", path=_SYSTEM_PATH)
    if prlimit:
        rlimits = inner_rlimits(plan.spec, limits)
        # `--`: what follows may be the user's own first word.
        prefix += [prlimit, *(f"--{name}={value}:{value}" for name, value in rlimits.items()), "--"]
    if plan.drop_to is not None:
        setpriv = shutil.which("setpriv", path=_SYSTEM_PATH)
        if setpriv is None:
            raise SandboxUnavailable("As root, a sandbox needs `setpriv` of util-linux to give root up.")
        prefix += bubblewrap.drop_command(plan.drop_to, setpriv)
    if late_environment:
        env = shutil.which("env", path=_SYSTEM_PATH) or "/usr/bin/env"
        prefix += [env, "--", *(f"{name}={value}" for name, value in late_environment.items())]
        if "=" in plan.command[0]:  # env would take it for one more variable; a shell drops odd names
            prefix += ["nice", "-n", "0", "--"]
    return prefix


def _join(namespaces: Sequence[int]) -> list[str]:
    if not namespaces:
        return []
    # By our own /proc entry: inherited descriptors would stay open in the sandbox.
    ours = f"/proc/{os.getpid()}/fd"
    user = []
    if len(namespaces) > 1:  # there our own user counts as root already, and groups cannot be set
        user = [f"--user={ours}/{namespaces[1]}", "--preserve-credentials"]
    return ["nsenter", *user, f"--net={ours}/{namespaces[0]}", "--"]


def _as_file(content: bytes) -> int:
    fd = os.memfd_create("seccomp", os.MFD_CLOEXEC)
    os.write(fd, content)
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


async def _open_status(status_read: int) -> tuple[asyncio.StreamReader, asyncio.BaseTransport]:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe_file(status_read)
    )
    return reader, transport


async def _first_pid(reader: asyncio.StreamReader) -> int | None:
    """Return the pid that bubblewrap reports, or None where it ended before it had one."""
    try:
        async with timeout(_START_TIMEOUT_S):
            while line := await reader.readline():
                told = json.loads(line)
                if "child-pid" in told:
                    return int(told["child-pid"])
    except (TimeoutError, ValueError):
        pass
    return None
