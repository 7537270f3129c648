"""What is different from engine to engine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sagehen.executors.base import Mount, SandboxUnavailable

# Podman writes a mount of this API as a word of its own command's `--mount`, and reads that again: behind a
# comma, `source=/` would be another folder of the host's. Some versions read it as CSV, where quotes and ends
# of lines mean something. Source: podman 5, pkg/api/handlers/compat/containers_create.go, `addField`.
_ENDS_A_WORD = frozenset(',"\r\n')


@dataclass(frozen=True, slots=True)
class Engine:
    """One that answers.

    Args:
        name: `Docker 20.10.24`, `Podman Engine 4.3.1`.
        is_podman: Podman takes a host name for a container that shares another one's network; Docker gives it
            that one's, and refuses to be told. Docker takes any path.
    """

    name: str
    is_podman: bool


def mount_said(mount: Mount, engine: Engine) -> dict[str, Any]:
    """Return a mount as JSON.

    Raises:
        SandboxUnavailable: This engine would read another one.
    """
    source = str(mount.source.absolute())
    for what, path in (("The target of a mount", mount.target), ("A folder that is mounted", source)):
        if engine.is_podman and not _ENDS_A_WORD.isdisjoint(path):
            raise SandboxUnavailable(
                f"{what} cannot be given to Podman, which reads its own words behind a comma, a quote or an "
                f"end of line: {path[:200]!a}"
            )
    return {"Type": "bind", "Source": source, "Target": mount.target, "ReadOnly": not mount.writable}
