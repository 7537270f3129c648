"""A scope of its own: as an ordinary user `sagehen up` asks systemd for a cgroup that it may divide.

Without one, memory is watched from outside and processors are shared out coarsely. What is done is what
`sagehen doctor` advises, `systemd-run --user --scope -p Delegate=yes sagehen up`: the process stays the same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

# `off`: do not ask. `entered`: we did, whatever came of it.
SWITCH = "SAGEHEN_SCOPE"
_CONTROLLERS = frozenset({"memory", "cpu", "pids"})
_ANSWER_TIMEOUT_S = 5
_SHOW_CONTROLLERS = 'exec cat "/sys/fs/cgroup$(sed -n s/^0:://p /proc/self/cgroup)/cgroup.controllers"'


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the decision rests on; what costs time is asked only where the rest speaks for it.

    Args:
        is_root: Root makes cgroups without asking.
        switch: Of the environment.
        systemd_run: Its path, or None.
        has_user_manager: Whether systemd has a socket for this user.
        needs_one: Tells whether the machine lets us make no cgroups as it is.
        controllers: Returns what a delegated scope would let us divide; empty where systemd does not answer.
    """

    is_root: bool
    switch: str
    systemd_run: str | None
    has_user_manager: bool
    needs_one: Callable[[], bool]
    controllers: Callable[[], frozenset[str]]


def wants_scope(here: Surroundings) -> bool:
    """Decide whether to start once more, inside a scope."""
    if here.is_root or here.switch or here.systemd_run is None or not here.has_user_manager:
        return False
    return here.needs_one() and here.controllers() >= _CONTROLLERS


def scope_command(systemd_run: str, command: Sequence[str]) -> list[str]:
    """Return the command line that runs `command`, as the same process, in a delegated scope."""
    return [systemd_run, "--user", "--scope", "--quiet", "--collect", "-p", "Delegate=yes", "--", *command]


def enter_scope(arguments: Sequence[str]) -> None:
    """Become `sagehen ARGUMENTS` in a scope of its own where that helps; else return."""
    here = _surroundings(os.environ)
    if not wants_scope(here):
        return
    assert here.systemd_run is not None
    typer.echo(f"limits by cgroups: in a scope of its own, by systemd-run ({SWITCH}=off: without)", err=True)
    command = scope_command(here.systemd_run, [sys.executable, "-m", "sagehen.cli", *arguments])
    try:
        os.execve(here.systemd_run, command, {**os.environ, SWITCH: "entered"})  # noqa: S606 - no shell is wanted
    except OSError as error:
        typer.echo(f"no scope: {error}", err=True)


def _surroundings(environment: Mapping[str, str]) -> Surroundings:
    systemd_run = shutil.which("systemd-run")
    runtime = environment.get("XDG_RUNTIME_DIR", "")
    return Surroundings(
        is_root=os.geteuid() == 0,
        switch=environment.get(SWITCH, ""),
        systemd_run=systemd_run,
        has_user_manager=bool(runtime) and Path(runtime, "systemd", "private").exists(),
        needs_one=_has_no_cgroups,
        controllers=lambda: _controllers_of_scope(systemd_run),
    )


def _has_no_cgroups() -> bool:
    from sagehen.executors.limits.backends import best_backend, remove_groups
    from sagehen.executors.limits.watchdog import WatchdogBackend

    backend = best_backend(f"sagehen-probe-{os.getpid()}")
    remove_groups(backend)
    return isinstance(backend, WatchdogBackend)


def _controllers_of_scope(systemd_run: str | None) -> frozenset[str]:
    """Ask for a scope, for a moment: older systemds delegate no processors to users."""
    if systemd_run is None:
        return frozenset()
    try:
        answer = subprocess.run(
            scope_command(systemd_run, ["/bin/sh", "-c", _SHOW_CONTROLLERS]),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_ANSWER_TIMEOUT_S,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return frozenset()
    return frozenset(answer.stdout.split())
