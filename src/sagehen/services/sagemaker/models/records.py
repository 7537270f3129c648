"""The record of models: CreateModel's request, unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.kept_requests import KeptRequest, KeptRequests
from sagehen.store.database import Database

# A member of the request that is ours: its containers as they were, where it names packages.
RESOLVED = "SagehenContainers"


@dataclass(frozen=True, slots=True)
class ModelRecord(KeptRequest):
    """A model as endpoints need it."""

    @property
    def arn(self) -> str:
        return arns.model_arn(self.scope, self.name)

    @property
    def containers(self) -> list[dict[str, Any]]:
        """What runs: every ContainerDefinition, with packages' containers in their place."""
        return list(self.request.get(RESOLVED) or containers_asked(self.request))

    @property
    def execution_role_arn(self) -> str | None:
        role: str | None = self.request.get("ExecutionRoleArn")
        return role

    @property
    def network_isolation(self) -> bool:
        return bool(self.request.get("EnableNetworkIsolation"))


class ModelRecords(KeptRequests[ModelRecord]):
    """Reads and writes of models."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, table="sagemaker_models", kind="model", make=ModelRecord)


def containers_asked(request: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the ContainerDefinitions of CreateModel's request, the primary one alone where there is one."""
    primary = request.get("PrimaryContainer")
    return [primary] if primary else list(request.get("Containers") or ())


def data_uri(container: Mapping[str, Any]) -> str | None:
    """Return the S3 URI of a ContainerDefinition's model data, whichever member names it; None without."""
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    uri: str | None = source.get("S3Uri") or container.get("ModelDataUrl")
    return uri


def data_layout(container: Mapping[str, Any]) -> str:
    """Return what lies at a ContainerDefinition's model data: `archive`, `object` or `prefix`."""
    source = container.get("ModelDataSource", {}).get("S3DataSource", {})
    if source.get("CompressionType", "Gzip") == "Gzip":
        return "archive"
    return "prefix" if source["S3DataType"] == "S3Prefix" else "object"


def is_multi_model(container: Mapping[str, Any]) -> bool:
    """Tell whether a ContainerDefinition serves all models below its prefix."""
    return bool(container.get("Mode") == "MultiModel")


def caches_models(container: Mapping[str, Any]) -> bool:
    """Tell whether these models stay in memory once they have answered. Documented: by default they do."""
    return bool((container.get("MultiModelConfig") or {}).get("ModelCacheSetting") != "Disabled")
