"""InstanceFolder: every path of one instance on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sagehen.executors.folders.removal import remove_tree
from sagehen.services.sagemaker.instances.server_folder import ServerFolder


@dataclass(frozen=True, slots=True)
class InstanceFolder(ServerFolder):
    """Paths of one instance.

    Attributes:
        models: Read-only inside: those that an instance of several has brought.
    """

    @property
    def models(self) -> Path:
        return self.root / "models"

    def clear_models(self) -> None:
        """Make the folder of several models, empty whatever an earlier life left. Blocking."""
        remove_tree(self.models)
        self.models.mkdir(parents=True)

    def make(self) -> None:
        """Make the folders for a start. Blocking."""
        ServerFolder.make(self)
        remove_tree(self.root / "image")  # what it wrote over its image
