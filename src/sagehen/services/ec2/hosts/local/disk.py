"""What a root disk holds at first."""

from __future__ import annotations

import shutil
import sys
import sysconfig
from pathlib import Path

from sagehen.executors.isolation.python import installed_at
from sagehen.services.ec2.hosts.local.around import COMMANDS, PYTHON

_FOLDERS = (
    "dev", "etc/profile.d", "home", "media", "mnt", "opt", "proc", "root/.ssh", "run", "srv", "tmp", "usr",
    "var/cache", "var/lib/cloud/instance/scripts", "var/log", "var/spool", "var/tmp",
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


def fill(root: Path, user: str) -> None:
    """Write it into a new folder. Blocking."""
    for name in (*_FOLDERS, f"home/{user}/.ssh"):
        (root / name).mkdir(parents=True, exist_ok=True)
    for name in ("tmp", "var/tmp"):
        (root / name).chmod(0o1777)
    for name in ("root", "root/.ssh", f"home/{user}", f"home/{user}/.ssh"):
        (root / name).chmod(0o700)
    (root / "etc/profile").write_text(_PROFILE)
    (root / "etc/os-release").symlink_to("../usr/lib/os-release")
    _make_python(root / PYTHON[1:])


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


def write_commands(folder: Path) -> None:
    """Write the commands that stand for what only a whole machine has. Blocking."""
    source = Path(__file__).with_name("inside") / "commands.sh"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in _COMMANDS:
        shutil.copyfile(source, folder / name)
        (folder / name).chmod(0o755)
    folder.chmod(0o755)


_COMMANDS = (
    "sudo", "su", "runuser", "whoami", "id", "chown", "chgrp", "shutdown", "poweroff", "halt", "reboot",
    "systemctl", "service", "cloud-init", "useradd", "adduser", "usermod", "groupadd", "mount", "umount",
    "mkfs", "mkfs.ext4", "mkfs.xfs", "yum", "dnf", "apt", "apt-get",
)  # fmt: skip


def may_own_local() -> bool:
    """Tell whether machines may have a /usr/local of their own: Python may lie in the host's."""
    local = Path("/usr/local")
    prefixes = (sys.prefix, sys.base_prefix, sysconfig.get_path("purelib"))
    return local.is_dir() and not any(Path(prefix).resolve().is_relative_to(local) for prefix in prefixes)
