"""OwnEtc: sandboxes' own files in /etc, as they lie on the host while those run."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path
from urllib.parse import quote

from sagehen.executors.base import SandboxSpec
from sagehen.executors.isolation.surroundings import etc_files


class OwnEtc:
    """A folder with one in it for each sandbox.

    Args:
        folder: Made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, spec: SandboxSpec, uid: int, gid: int) -> Path:
        """Write a sandbox's; return the folder that holds them alone. Blocking.

        Args:
            uid, gid: Of its user, as numbered inside.
        """
        etc = self._of(spec.name)
        etc.mkdir(parents=True, exist_ok=True)
        for name, content in etc_files(spec, uid, gid).items():
            (etc / name).write_text(content)
            (etc / name).chmod(0o644)
        etc.chmod(0o755)
        return etc

    def forget(self, sandbox: str) -> None:
        """Remove a sandbox's; none is fine. Blocking."""
        _remove(self._of(sandbox))

    def sweep(self, alive: Collection[str]) -> None:
        """Remove those of all others. Blocking."""
        kept = {self._of(sandbox) for sandbox in alive}
        for etc in self._folder.iterdir() if self._folder.exists() else ():
            if etc not in kept:
                _remove(etc)

    def _of(self, sandbox: str) -> Path:
        return self._folder / quote(sandbox, safe="")


def _remove(etc: Path) -> None:
    with contextlib.suppress(OSError):
        for file in etc.iterdir():
            file.unlink()
        etc.rmdir()
