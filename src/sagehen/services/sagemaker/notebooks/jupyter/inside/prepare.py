"""Makes a home as AWS's has one: environments that pip can install into, and commands that scripts expect.

Run once a start, as the user, before anything of the user's. Each environment is a virtual one of a few files
over one of this machine's, which stays read-only: what pip installs lies in front of it, and is gone with the
machine, as on AWS.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

# Whose words people's scripts begin with. There is one user here, and nothing to become: the command is run.
_SUDO = """#!/bin/sh
while [ $# -gt 0 ]; do
  case "$1" in
    -u|-g|-C|-p|-r|-t|-T|-U|-D|-R|-h) shift; [ $# -gt 0 ] && shift ;;
    -i|-s|--login|--shell) login=1; shift ;;
    --) shift; break ;;
    -*) shift ;;
    *=*) export "$1"; shift ;;
    *) break ;;
  esac
done
if [ -n "$login" ]; then
  cd "$HOME"
  [ $# -eq 0 ] && exec bash -l
  exec bash -l -c '"$0" "$@"' "$@"
fi
[ $# -eq 0 ] && { echo "usage: sudo command" >&2; exit 1; }
exec "$@"
"""
_NO_SUDO = """#!/bin/sh
echo "sudo: root access is disabled for this notebook instance (RootAccess)" >&2
exit 1
"""
# `source activate NAME`, and what conda's own command of that name is used for.
_ACTIVATE = """_name=${{1:-python3}}
[ "$_name" = base ] && _name=python3
_alias={aliases}/$_name
[ -f "$_alias" ] && _name=$(cat "$_alias")
if [ -x "{environments}/$_name/bin/python" ]; then
  export CONDA_DEFAULT_ENV="$_name" VIRTUAL_ENV="{environments}/$_name"
  export PATH="{environments}/$_name/bin:$PATH"
else
  echo "Could not find conda environment: $_name" >&2
  unset _name _alias
  return 1 2>/dev/null || exit 1
fi
unset _name _alias
"""
_DEACTIVATE = """if [ -n "$VIRTUAL_ENV" ]; then
  PATH=$(printf %s "$PATH" | sed "s|^$VIRTUAL_ENV/bin:||"); export PATH
  unset CONDA_DEFAULT_ENV VIRTUAL_ENV
fi
"""
_CONDA = """conda() {{
  case "$1" in
    activate) . "{conda}/bin/activate" "$2" ;;
    deactivate) . "{conda}/bin/deactivate" ;;
    env|info) ls -1 "{environments}" ;;
    *) echo "conda $1: there is no conda here; pip installs, 'conda activate' enters an environment" >&2
       return 1 ;;
  esac
}}
"""
_PIP = """#!{python}
import sys
from pip._internal.cli.main import main
sys.exit(main())
"""


def main() -> None:
    """Do it, as the plan (a JSON file) says."""
    plan = json.loads(Path(sys.argv[1]).read_text())
    home, conda = Path(plan["home"]), Path(plan["conda"])
    environments = conda / "envs"
    for entry in plan["environments"]:
        _environment(environments / entry["folder"], entry)
    aliases = conda / "aliases"
    aliases.mkdir(parents=True, exist_ok=True)
    for name, folder in plan["aliases"].items():
        (aliases / name).write_text(folder)
    names = {"conda": conda, "environments": environments, "aliases": aliases}
    commands = conda / "bin"
    commands.mkdir(parents=True, exist_ok=True)
    (commands / "activate").write_text(_ACTIVATE.format(**names))
    (commands / "deactivate").write_text(_DEACTIVATE)
    # Lifecycle scripts are root on AWS, whatever its users may become (documented: RootAccess).
    _executable(home / ".local" / "lifecycle" / "sudo", _SUDO)
    _executable(home / ".local" / "bin" / "sudo", _SUDO if plan["root_access"] else _NO_SUDO)
    for name in ("pip", "python"):
        (commands / name).symlink_to(environments / "python3" / "bin" / name)
    conda_command = _CONDA.format(**names)
    (home / ".bashrc").write_text(conda_command)
    (home / ".bash_profile").write_text(f"PATH='{plan['path']}'; export PATH\n{conda_command}")


def _environment(folder: Path, entry: dict[str, str]) -> None:
    """Make a virtual environment over another one, without a copy of anything."""
    commands = folder / "bin"
    packages = folder / "lib" / f"python{entry['short']}" / "site-packages"
    for each in (commands, packages):
        each.mkdir(parents=True, exist_ok=True)
    base = Path(entry["base"])
    lines = (f"home = {base.parent}", "include-system-site-packages = false", f"version = {entry['version']}")
    (folder / "pyvenv.cfg").write_text("\n".join(lines) + "\n")
    for name in ("python", "python3", f"python{entry['short']}"):
        (commands / name).symlink_to(base)
    for name in ("pip", "pip3"):
        _executable(commands / name, _PIP.format(python=commands / "python"))
    # Its own .pth files count as well: an editable package is one.
    folders = filter(None, (entry["site"], entry["more"]))
    added = [f"import site; site.addsitedir({each!r})\n" for each in folders]
    (packages / "_base.pth").write_text("".join(added))


def _executable(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


if __name__ == "__main__":
    main()
