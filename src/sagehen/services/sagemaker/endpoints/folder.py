"""EndpointFolder: every path of one endpoint, or of one inference component, on disk."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from sagehen.services.sagemaker.endpoints.owner import Owner
from sagehen.services.sagemaker.hosting.folder import InstanceFolder


@dataclass(frozen=True, slots=True)
class EndpointFolder:
    """Paths of one owner; its name has no say in them, so a new one of the same name starts clean."""

    root: Path

    @classmethod
    def of(cls, parent: Path, owner: Owner) -> EndpointFolder:
        """Return an owner's folder below `parent`. Nothing is made."""
        identity = f"{owner.arn} {owner.created_at.timestamp()}"
        return cls(parent / hashlib.sha256(identity.encode()).hexdigest()[:20])

    def model(self, generation: int, variant: str) -> Path:
        """Return where the untarred model of a variant lies, shared by its instances."""
        return self.root / "models" / f"{generation}-{variant}"

    def old_models(self, kept: Collection[int]) -> list[Path]:
        """Return where the models, and code, of generations lie that are gone. Blocking."""
        models, old = self.root / "models", []
        for path in models.iterdir() if models.is_dir() else ():
            generation = path.name.split("-", 1)[0]
            if generation.isdigit() and int(generation) not in kept:
                old.append(path)
        return old

    def code(self, generation: int, variant: str) -> Path:
        """Return where a variant's code lies that came apart from its model, shared by its instances."""
        return self.root / "models" / f"{generation}-{variant}.code"

    def container(self, instance_id: str, number: int) -> InstanceFolder:
        """Return the folder of one of an instance's containers; the first one's is the instance's own."""
        instance = self.instance(instance_id)
        return InstanceFolder(instance.root / "containers" / str(number)) if number else instance

    def instance(self, instance_id: str) -> InstanceFolder:
        """Return an instance's folder. Nothing is made."""
        return InstanceFolder(self.root / "instances" / instance_id)
