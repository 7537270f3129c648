"""ServerFolder: the paths on disk of a sandbox in which a server listens on a socket."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sagehen.executors.folders.removal import remove_tree


@dataclass(frozen=True, slots=True)
class ServerFolder:
    """Paths of one server.

    Attributes:
        sandbox: The executor's own.
        run: Writable inside, at /run/sagehen: the server's socket.
        packages: Writable inside: what pip installs.
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
    def socket(self) -> Path:
        return self.run / "server.sock"

    def make(self) -> None:
        """Make the folders for a start. Blocking."""
        # An earlier life's socket would refuse connections, and its bind the new server; code inside may have
        # put anything in its place.
        remove_tree(self.run)
        for folder in (self.sandbox, self.run, self.packages, self.role):
            folder.mkdir(parents=True, exist_ok=True)
