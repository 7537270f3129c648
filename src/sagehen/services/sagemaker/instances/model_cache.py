"""The operator's cache of models (`--model-cache DIR`): jobs and endpoints read it, and cannot change it.

DIR is laid out as `~/.cache` is: `DIR/torch` is TORCH_HOME and `DIR/huggingface` HF_HOME. Each instance has
folders of its own with links to the shared files, so that what is not there yet is downloaded beside them.
"""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Mapping
from pathlib import Path

from sagehen.executors.base import Mount

_log = logging.getLogger(__name__)

_VARIABLES = {"torch": "TORCH_HOME", "huggingface": "HF_HOME"}
_FOLDER = "models"
_SHARED = "/opt/sagehen/models"
# A cache of more files than this is linked in part.
_MOST_LINKS = 50_000


def _shared(cache: Path | None) -> list[Path]:
    return [] if cache is None else [cache / name for name in _VARIABLES if (cache / name).is_dir()]


def mounts(cache: Path | None) -> list[Mount]:
    """Return the shared folders, read-only."""
    return [Mount(folder, f"{_SHARED}/{folder.name}") for folder in _shared(cache)]


def environment(cache: Path | None, packages: str) -> Mapping[str, str]:
    """Return the libraries' variables.

    Args:
        packages: The instance's own writable folder, as it sees it.
    """
    return {_VARIABLES[folder.name]: f"{packages}/{_FOLDER}/{folder.name}" for folder in _shared(cache)}


def link(cache: Path | None, packages: Path, *, mounted: bool) -> None:
    """Fill an instance's own folder with links to the shared files. Blocking.

    Args:
        mounted: Whether the instance sees `mounts`; a plain process (`--sandbox off`) sees the host's paths.
    """
    links = 0
    for shared in _shared(cache):
        for folder, _, names in os.walk(shared):
            own = packages / _FOLDER / shared.name / Path(folder).relative_to(shared)
            own.mkdir(parents=True, exist_ok=True)
            for name in names:
                if links >= _MOST_LINKS:
                    _log.warning("%s has more than %d files: some are not shared", cache, _MOST_LINKS)
                    return
                links += 1
                with contextlib.suppress(FileExistsError):  # the instance is started again
                    (own / name).symlink_to(_seen(Path(folder, name), shared, mounted))


def _seen(file: Path, shared: Path, mounted: bool) -> Path:
    return Path(_SHARED, shared.name, file.relative_to(shared)) if mounted else file
