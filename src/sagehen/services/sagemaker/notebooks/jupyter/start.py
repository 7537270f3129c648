"""What one start of a machine is given to read: kernels, JupyterLab's settings, the plan of its home."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sagehen.executors.base import Mount
from sagehen.executors.environments.environment import Environment
from sagehen.services.sagemaker.notebooks.jupyter import companions, places
from sagehen.services.sagemaker.notebooks.jupyter.kernels import Chosen
from sagehen.services.sagemaker.notebooks.server import Wanted

# What asks for language servers, of which there are none here, and for news from another host.
_LEFT_OUT = (
    "@jupyterlab/lsp-extension",
    "@jupyterlab/fileeditor-extension:language-server",
    "@jupyterlab/notebook-extension:language-server",
    "@jupyterlab/apputils-extension:announcements",
)
_COMPANIONS = "companions"
_SYSTEM_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def path_variable() -> str:
    """Return the PATH of everything inside: the user's own, Python's environment, the platform's commands."""
    own = f"{places.HOME}/.local/bin:{places.ENVIRONMENTS}/python3/bin:{places.CONDA}/bin"
    return f"{own}:{Path(sys.executable).parent}:{_SYSTEM_PATH}"


def write(folder: Path, wanted: Wanted, chosen: Sequence[Chosen], token: str) -> None:
    """Write it all into a folder that the machine sees as `places.START`. Blocking.

    Args:
        folder: Exists.
        token: JupyterLab's.
    """
    _write(folder / "jupyter_server_config.json", settings(wanted, token))
    _write(folder / "plan.json", plan(wanted, chosen))
    (folder / "labconfig").mkdir()
    _write(folder / "labconfig" / "page_config.json", {"disabledExtensions": dict.fromkeys(_LEFT_OUT, True)})
    if any(entry["more"] for entry in plan(wanted, chosen)["environments"]):
        companions.write(folder / _COMPANIONS)
    for each in chosen:
        kernel = folder / "kernels" / each.kernel.name
        kernel.mkdir(parents=True, exist_ok=True)
        _write(kernel / "kernel.json", kernel_spec(each))


def metadata(wanted: Wanted) -> dict[str, str]:
    """Return resource-metadata.json: the SDK reads its role there."""
    return {"ResourceArn": wanted.arn, "ResourceName": wanted.name, "ExecutionRoleArn": wanted.role_arn}


def write_metadata(folder: Path, wanted: Wanted) -> None:
    """Write what the machine sees as `places.METADATA`. Blocking."""
    _write(folder / "resource-metadata.json", metadata(wanted))


def settings(wanted: Wanted, token: str) -> dict[str, Any]:
    """Return JupyterLab's settings. It is reached through the platform's door alone, which has the token."""
    root = places.VOLUME
    start = f"{root}/{wanted.start_folder}" if wanted.start_folder else root
    return {
        "ServerApp": {
            "ip": "127.0.0.1",
            "port": places.PORT,
            "port_retries": 0,
            "base_url": wanted.base_path,
            "root_dir": root,
            "preferred_dir": start,
            "open_browser": False,
            "quit_button": False,
            # The door lets nobody in whose Host is another; its names are no addresses of this machine's.
            "allow_remote_access": True,
            "terminado_settings": {"shell_command": ["/bin/bash", "-l"]},
            # The first looks for language servers, Node.js among them, at each start; the second imports
            # IPython for settings of Jupyter's classic server, which nobody has here.
            "jpserver_extensions": {"jupyter_lsp": False, "notebook_shim": False, "jupyterlab": True},
        },
        "IdentityProvider": {"token": token},
        # Its own, and what a file system begins with.
        "ContentsManager": {"hide_globs": ["__pycache__", "*.pyc", "*.pyo", ".DS_Store", "*~", "lost+found"]},
        # A version is the operator's to choose; news come from another host.
        "LabApp": {
            "check_for_updates_class": "jupyterlab.handlers.announcements.NeverCheckForUpdate",
            "news_url": None,
            "extension_manager": "readonly",
        },
    }


def kernel_spec(chosen: Chosen) -> dict[str, Any]:
    """Return kernel.json of a kernel."""
    kernel = chosen.kernel
    spec: dict[str, Any] = {"display_name": kernel.name, "language": "python"}
    if chosen.environment is None:
        command = [sys.executable, f"{places.INSIDE}/missing_kernel.py", "-f", "{connection_file}"]
        return {**spec, "argv": command, "env": {"SAGEHEN_KERNEL_LACK": chosen.lack}}
    folder = f"{places.ENVIRONMENTS}/{kernel.folder}"
    variables = {
        "PATH": f"{folder}/bin:${{PATH}}",
        "VIRTUAL_ENV": folder,
        "CONDA_DEFAULT_ENV": kernel.folder,
    }
    command = [f"{folder}/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    return {**spec, "argv": command, "env": variables, "metadata": {"debugger": True}}


def plan(wanted: Wanted, chosen: Sequence[Chosen]) -> dict[str, Any]:
    """Return what `inside.prepare` makes of the home."""
    entries = {
        each.kernel.folder: _entry(each.kernel.folder, each.environment)
        for each in reversed(chosen)
        if each.environment is not None
    }
    aliases = {each.kernel.name.removeprefix("conda_"): each.kernel.folder for each in chosen}
    return {
        "home": places.HOME,
        "conda": places.CONDA,
        "path": path_variable(),
        "root_access": wanted.root_access,
        "environments": list(entries.values()),
        "aliases": aliases,
    }


def _entry(folder: str, environment: Environment) -> dict[str, str]:
    if environment.interpreter is None:
        executable, site = sys.executable, sysconfig.get_path("purelib")
    else:
        executable = environment.interpreter.executable
        short = ".".join(map(str, environment.interpreter.version))
        site = str(Path(executable).parents[1] / "lib" / f"python{short}" / "site-packages")
    return {
        "folder": folder,
        "more": "" if "ipykernel" in environment.distributions else f"{places.START}/{_COMPANIONS}",
        "base": os.path.realpath(executable),
        "site": site,
        "version": environment.python,
        "short": ".".join(environment.python.split(".")[:2]),
    }


def shown(chosen: Sequence[Chosen]) -> list[Mount]:
    """Return the mounts of the environments that are not the platform's own."""
    folders = {
        folder
        for each in chosen
        if each.environment is not None and each.environment.interpreter is not None
        for folder in each.environment.interpreter.folders
    }
    return [Mount(folder, str(folder)) for folder in sorted(folders)]


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1))
    path.chmod(0o644)
