"""What a root disk holds at first."""

from __future__ import annotations

import os
import shutil
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

from sagehen.executors.folders.ownership import give_tree
from sagehen.executors.isolation.python import installed_at
from sagehen.executors.machines.roots.choice import RootKind
from sagehen.services.ec2.hosts.local import accounts
from sagehen.services.ec2.hosts.local.around import BECOME, BOOT_LOG, COMMANDS, PYTHON

_FOLDERS = (
    "dev", "etc", "home", "media", "mnt", "opt", "proc", "root/.ssh", "run", "srv", "tmp", "usr",
    "var/cache/apt/archives/partial", "var/lib/apt/lists/partial", "var/lib/cloud/instance/scripts",
    "var/lib/dpkg", "var/log/apt", "var/spool", "var/tmp",
)  # fmt: skip
# Programs of packages that machines find by name -> (package, module that `python -m` runs).
_PROGRAMS = {
    "aws": ("awscli", "awscli"),
    "pip": ("pip", "pip"),
    "pip3": ("pip", "pip"),
    "torchrun": ("torch", "torch.distributed.run"),
    "jupyter": ("jupyter_core", "jupyter"),
    "jupyter-lab": ("jupyterlab", "jupyterlab"),
}
_PROFILE = f"""# Read by login shells.
export PATH="{COMMANDS}:{PYTHON}/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
if [ -n "$BASH_VERSION" ]; then PS1='[$USER@\\h \\W]\\$ '; fi
for script in /etc/profile.d/*.sh; do [ -r "$script" ] && . "$script"; done
unset script
[ -t 1 ] && [ -r /etc/motd ] && cat /etc/motd
[ -n "$BASH_VERSION" ] && [ -r "$HOME/.bashrc" ] && . "$HOME/.bashrc"
true
"""
_ACTIVATE = f"""# This environment is always active here.
export VIRTUAL_ENV="{PYTHON}"
export PATH="{PYTHON}/bin:$PATH"
"""


def fill(tree: Path | None, written: Mapping[str, Path], users: Sequence[str], kind: RootKind) -> None:
    """Write it into new folders. Blocking.

    Args:
        tree: The root; None: there is one, in which its users may have put links that lead anywhere.
        written: Where that goes which is written over what the host has, by the names of `roots.own`.
        users: Of people, the first the default user.
        kind: Of its root.
    """
    if tree is not None:
        _fill_tree(tree, users[0], kind)
    etc = written.get("etc") or (tree / "etc" if tree is not None else None)
    if etc is None:
        return
    (etc / "profile.d").mkdir(exist_ok=True)
    (etc / "profile").write_text(_PROFILE)
    (etc / "os-release").unlink(missing_ok=True)
    (etc / "os-release").symlink_to("../usr/lib/os-release")
    if kind is RootKind.NONE:
        return
    for name, text in accounts.files(users, sudoers=users, one_user=kind is RootKind.ONE).items():
        (etc / name).write_text(text)
    (etc / "shadow").chmod(0o640)
    if kind is RootKind.ONE:
        _let_root_have(etc / "jupyter")
        return
    os.chown(etc / "shadow", 0, accounts.SHADOW_GID)
    become = written["usr"] / Path(BECOME).relative_to("/usr")
    become.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_system_program("setpriv"), become)
    os.chown(become, 0, accounts.SUDO_GID)
    become.chmod(0o4750)


def _fill_tree(tree: Path, user: str, kind: RootKind) -> None:
    for name in (*_FOLDERS, f"home/{user}/.ssh"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    for name in ("tmp", "var/tmp"):
        (tree / name).chmod(0o1777)
    for name in ("root", "root/.ssh", f"home/{user}", f"home/{user}/.ssh"):
        (tree / name).chmod(0o700)
    if Path(sys.base_prefix).is_relative_to("/root"):  # through which everybody finds Python then
        (tree / "root").chmod(0o711)
    _make_python(tree / PYTHON[1:])
    if kind is RootKind.MANY:
        log = tree / BOOT_LOG[1:]
        log.touch(0o640)
        os.chown(log, 0, accounts.ADM_GID)
        for folder in (f"home/{user}", PYTHON[1:]):
            give_to_people(tree / folder, {})


def give_to_people(folder: Path | None, _: Mapping[str, Path]) -> None:
    """Let a new folder be the default user's. Blocking."""
    if folder is not None:
        give_tree(folder, accounts.FIRST_UID, accounts.FIRST_UID)


def _let_root_have(folder: Path) -> None:
    """Let JupyterLab start: it refuses a root that nobody is beside."""
    folder.mkdir(exist_ok=True)
    (folder / "jupyter_server_config.py").write_text("c.ServerApp.allow_root = True\n")


def _system_program(name: str) -> str:
    found = shutil.which(name, path="/usr/bin:/bin")
    if found is None:
        raise OSError(f"{name} of util-linux is missing")
    return found


def _make_python(folder: Path) -> None:
    """Make a virtual environment of the machine's own, that finds what is installed in the platform's."""
    base = Path(sys._base_executable).resolve()  # type: ignore[attr-defined]
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    packages = folder / "lib" / f"python{version}" / "site-packages"
    packages.mkdir(parents=True)
    (folder / "bin").mkdir()
    (folder / "pyvenv.cfg").write_text(
        f"home = {base.parent}\ninclude-system-site-packages = false\nversion = {sys.version.split()[0]}\n"
    )
    for name in ("python", "python3", f"python{version}"):
        (folder / "bin" / name).symlink_to(base)
    (packages / "_host.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (folder / "bin" / "activate").write_text(_ACTIVATE)
    for name, (package, module) in _PROGRAMS.items():
        if installed_at(package) is not None:
            program = folder / "bin" / name
            program.write_text(f'#!/bin/sh\nexec {PYTHON}/bin/python -m {module} "$@"\n')
            program.chmod(0o755)


def write_commands(folder: Path, kind: RootKind) -> None:
    """Write the commands that stand for what only a whole machine has. Blocking.

    Args:
        folder: It is made anew.
        kind: Of the machine's root.
    """
    source = Path(__file__).with_name("inside") / "commands.sh"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in _commands(kind):
        shutil.copyfile(source, folder / name)
        (folder / name).chmod(0o755)
    folder.chmod(0o755)


_COMMANDS = (
    "sudo", "shutdown", "poweroff", "halt", "reboot", "systemctl", "service", "cloud-init", "mount", "umount",
    "mkfs", "mkfs.ext4", "mkfs.xfs", "yum", "dnf",
)  # fmt: skip
_OF_ONE_USER = ("su", "runuser", "whoami", "id", "useradd", "adduser", "usermod", "groupadd")
_OF_NO_ROOT = ("chown", "chgrp", "apt", "apt-get")


def _commands(kind: RootKind) -> tuple[str, ...]:
    names: tuple[str, ...] = _COMMANDS
    if kind is not RootKind.MANY:
        names += _OF_ONE_USER
    if kind is RootKind.NONE:
        return names + _OF_NO_ROOT
    return names + tuple(name for name in ("apt", "apt-get") if not shutil.which(name, path="/usr/bin"))


def may_own_local() -> bool:
    """Tell whether machines may have a /usr/local of their own: Python may lie in the host's."""
    local = Path("/usr/local")
    prefixes = (sys.prefix, sys.base_prefix, sysconfig.get_path("purelib"))
    return local.is_dir() and not any(Path(prefix).resolve().is_relative_to(local) for prefix in prefixes)
