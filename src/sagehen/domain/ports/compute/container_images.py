"""Images that sandboxes run on. Between who runs them and the registry that has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sagehen.domain.identity import Principal


@dataclass(frozen=True, slots=True)
class ContainerImage:
    """An image, unpacked and held for whoever runs it.

    Args:
        digest: Of its manifest.
        folder: Its root, read-only; files have the owners that they have inside, where the platform is root.
        entrypoint, command: Words; the command is given to the entry point.
        environment: Variables.
        uid, gid, groups: Of its user.
        home: That user's home, as the image's /etc/passwd says; `/` where it says none.
        working_directory: Absolute.
        stop_signal: What asks it to end.
        config: The digest of its configuration.
        layers: What it was unpacked of, the lowest first: files named by their digests, and their digests
            unpacked.
        release: To be called once nothing runs on it any more.
    """

    digest: str
    folder: Path
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    environment: Mapping[str, str]
    uid: int
    gid: int
    groups: tuple[int, ...]
    home: str
    working_directory: str
    stop_signal: int
    release: Callable[[], None]
    config: str
    layers: tuple[tuple[Path, str], ...]


class ContainerImages(Protocol):
    """The registries of this platform."""

    def has(self, uri: str) -> bool | None:
        """Tell whether an image is there; None where there is not even a repository of that name.

        Args:
            uri: `{account}.dkr.ecr.{region}.amazonaws.com/{repository}`, with `:{tag}` or `@{digest}`.
        """
        ...

    def resolved(self, uri: str) -> str | None:
        """Return the URI that names an image whatever becomes of its tag; None where there is none."""
        ...

    async def bring(self, uri: str, principal: Principal | None) -> ContainerImage:
        """Unpack an image, where it is not, and hold it.

        Args:
            principal: Who pulls it; must be let do what a pull asks of ECR. None: somebody was, before.

        Raises:
            AccessDenied: He is not.
            ServiceError: It is not there, or cannot be run here; the message says why.
        """
        ...
