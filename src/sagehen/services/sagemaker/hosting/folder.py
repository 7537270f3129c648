"""InstanceFolder: every path of one instance on disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sagehen.executors.folders.removal import remove_tree


@dataclass(frozen=True, slots=True)
class InstanceFolder:
    """Paths of one instance.

    Attributes:
        sandbox: The executor's own.
        run: Writable inside, at /run/sagehen: the model server's socket.
        packages: Writable inside: what requirements.txt installs.
        models: Read-only inside: those that an instance of several has brought.
        role: Read-only inside: the role's credentials, renewed in place.
    """

    root: Path

    @property
    def sandbox(self) -> Path:
        return self.root / "sandbox"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def packages(self) -> Path:
        return self.root / "packages"

    @property
    def role(self) -> Path:
        return self.root / "role"

    @property
    def models(self) -> Path:
        return self.root / "models"

    @property
    def socket(self) -> Path:
        return self.run / "server.sock"

    def clear_models(self) -> None:
        """Make the folder of several models, empty whatever an earlier life left. Blocking."""
        remove_tree(self.models)
        self.models.mkdir(parents=True)

    def make(self) -> None:
        """Make the folders. Blocking."""
        for folder in (self.sandbox, self.run, self.packages, self.role):
            folder.mkdir(parents=True, exist_ok=True)
        # An earlier life's socket would refuse connections, and its bind the new server.
        self.socket.unlink(missing_ok=True)
        remove_tree(self.root / "image")  # what it wrote over its image
