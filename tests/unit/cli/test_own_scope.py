"""`sagehen up` asks systemd for a scope where that gives it cgroups, once, and only there."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from sagehen.cli.up.own_scope import SWITCH, Surroundings, scope_command, wants_scope

_LAPTOP = Surroundings(
    is_root=False,
    switch="",
    systemd_run="/usr/bin/systemd-run",
    has_user_manager=True,
    needs_one=lambda: True,
    controllers=lambda: frozenset({"cpu", "cpuset", "io", "memory", "pids"}),
)


def _never() -> bool:
    raise AssertionError("asked although the answer was known")


def test_a_laptop_s_user_gets_a_scope() -> None:
    assert wants_scope(_LAPTOP)
    command = scope_command("/usr/bin/systemd-run", ["python", "-m", "sagehen.cli", "up"])
    assert command[command.index("-p") + 1] == "Delegate=yes"
    assert command[command.index("--") + 1 :] == ["python", "-m", "sagehen.cli", "up"]


@pytest.mark.parametrize(
    "here",
    [
        replace(_LAPTOP, is_root=True, needs_one=_never),
        replace(_LAPTOP, switch="off", needs_one=_never),
        replace(_LAPTOP, switch="entered", needs_one=_never),  # it did not help: never in a circle
        replace(_LAPTOP, systemd_run=None, needs_one=_never),
        replace(_LAPTOP, has_user_manager=False, needs_one=_never),
        replace(_LAPTOP, needs_one=lambda: False, controllers=_never),  # cgroups as it is
        replace(_LAPTOP, controllers=frozenset),  # systemd does not answer
        replace(_LAPTOP, controllers=lambda: frozenset({"memory", "pids"})),  # before systemd 244
    ],
)
def test_nobody_else_does(here: Surroundings) -> None:
    assert not wants_scope(here)


def test_it_becomes_the_command_in_the_scope_and_says_so(tmp_path: Path) -> None:
    """A systemd-run that grants everything: asked once what it delegates, then it runs us."""
    pretended = tmp_path / "systemd-run"
    pretended.write_text(
        '#!/bin/sh\nwhile [ "$1" != -- ]; do shift; done; shift\n'
        'if [ "$1" = /bin/sh ]; then echo cpu memory pids; else echo "in scope, $SAGEHEN_SCOPE:" "$@"; fi\n'
    )
    pretended.chmod(pretended.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "systemd").mkdir()
    (tmp_path / "systemd" / "private").touch()
    program = (
        "import os, sagehen.cli.up.own_scope as own_scope\n"
        "os.geteuid = lambda: 1000\n"
        "own_scope._has_no_cgroups = lambda: True\n"
        "own_scope.enter_scope(['up', '--port', '0'])\n"
        "print('without')\n"
    )

    def run(**switch: str) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if k != SWITCH}
        environment |= {
            "PATH": f"{tmp_path}:{os.environ['PATH']}",
            "XDG_RUNTIME_DIR": str(tmp_path),
            **switch,
        }
        return subprocess.run(
            [sys.executable, "-c", program],
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )

    entered = run()
    assert entered.stdout == f"in scope, entered: {sys.executable} -m sagehen.cli up --port 0\n"
    assert "in a scope of its own" in entered.stderr
    assert run(**{SWITCH: "entered"}).stdout == "without\n"
