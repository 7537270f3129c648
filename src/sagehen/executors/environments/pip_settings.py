"""The host's pip configuration, for `requirements.txt` in sandboxes: indexes, find-links, certificates.

A sandbox sees neither the host's pip.conf nor its folders, so both are handed in: the settings as
PIP_* variables, local folders (and a certificate bundle) as read-only mounts at their own paths.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from sagehen.executors.base import Mount

# pip's options that lead to packages; those that choose where to install (user, target) are the sandbox's
# own.
_KEYS = (
    "index-url", "extra-index-url", "find-links", "trusted-host", "no-index",
    "cert", "default-timeout", "retries",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PipSettings:
    """What a sandbox is given so that its pip finds what the host's does.

    Args:
        environment: PIP_* variables.
        mounts: The local folders and files that they name, read-only.
    """

    environment: Mapping[str, str]
    mounts: tuple[Mount, ...]


def of_host(environment: Mapping[str, str] = os.environ) -> PipSettings:
    """Read pip's configuration files and variables as pip itself would: variables win."""
    settings = _from_files(environment)
    for key in _KEYS:
        if value := environment.get(_variable(key)):
            settings[key] = value
    variables = {_variable(key): value for key, value in settings.items()}
    variables["PIP_DISABLE_PIP_VERSION_CHECK"] = "1"
    variables["PIP_ROOT_USER_ACTION"] = "ignore"
    mounts = [Mount(path, str(path)) for path in sorted(_local_paths(settings))]
    return PipSettings(variables, tuple(mounts))


def _from_files(environment: Mapping[str, str]) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    home = Path(environment.get("HOME", "/nonexistent"))
    candidates = [
        Path("/etc/xdg/pip/pip.conf"), Path("/etc/pip.conf"), home / ".pip/pip.conf",
        home / ".config/pip/pip.conf", Path(sys.prefix) / "pip.conf",
    ]  # fmt: skip
    if explicit := environment.get("PIP_CONFIG_FILE"):
        candidates.append(Path(explicit))
    try:
        parser.read(candidates)
    except configparser.Error:
        return {}  # pip itself will complain of it, where the user can see it
    found: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            found |= {k: " ".join(v.split()) for k, v in parser.items(section) if k in _KEYS}
    return found


def _variable(key: str) -> str:
    return "PIP_" + key.upper().replace("-", "_")


def _local_paths(settings: Mapping[str, str]) -> set[Path]:
    """Return the folders and files of this machine that the settings name."""
    words = " ".join(settings.get(key, "") for key in ("index-url", "extra-index-url", "find-links", "cert"))
    paths: set[Path] = set()
    for word in words.split():
        path = Path(unquote(urlsplit(word).path) if word.startswith("file:") else word)
        if path.is_absolute() and path.exists():
            # A file index is served as <folder>/simple, and its links may lead beside it.
            paths.add(path.parent if word.startswith("file:") and path.name == "simple" else path)
    return paths
