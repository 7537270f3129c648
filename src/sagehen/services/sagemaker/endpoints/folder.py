"""EndpointFolder: every path of one endpoint on disk."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from sagehen.services.sagemaker.endpoints.endpoint import Endpoint


@dataclass(frozen=True, slots=True)
class InstanceFolder:
    """Paths of one instance.

    Attributes:
        sandbox: The executor's own.
        run: Writable inside, at /run/sagehen: the model server's socket.
        packages: Writable inside: what requirements.txt installs.
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
        """Make the folders. Blocking."""
        for folder in (self.sandbox, self.run, self.packages, self.role):
            folder.mkdir(parents=True, exist_ok=True)
        # An earlier life's socket would refuse connections, and its bind the new server.
        self.socket.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class EndpointFolder:
    """Paths of one endpoint; its name has no say in them, so a new endpoint of the same name starts clean."""

    root: Path

    @classmethod
    def of(cls, parent: Path, endpoint: Endpoint) -> EndpointFolder:
        """Return an endpoint's folder below `parent`. Nothing is made."""
        identity = f"{endpoint.arn} {endpoint.created_at.timestamp()}"
        return cls(parent / hashlib.sha256(identity.encode()).hexdigest()[:20])

    def model(self, generation: int, variant: str) -> Path:
        """Return where the untarred model of a variant lies, shared by its instances."""
        return self.root / "models" / f"{generation}-{variant}"

    def code(self, generation: int, variant: str) -> Path:
        """Return where a variant's code lies that came apart from its model, shared by its instances."""
        return self.root / "models" / f"{generation}-{variant}.code"

    def instance(self, instance_id: str) -> InstanceFolder:
        """Return an instance's folder. Nothing is made."""
        return InstanceFolder(self.root / "instances" / instance_id)
