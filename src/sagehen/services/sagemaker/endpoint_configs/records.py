"""The record of endpoint configurations: CreateEndpointConfig's request, with AWS's defaults."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.kept_requests import KeptRequest, KeptRequests
from sagehen.store.database import Database

# As AWS words it in errors.
KIND = "endpoint configuration"


@dataclass(frozen=True, slots=True)
class EndpointConfigRecord(KeptRequest):
    """An endpoint configuration."""

    @property
    def arn(self) -> str:
        return arns.endpoint_config_arn(self.scope, self.name)

    @property
    def production_variants(self) -> list[dict[str, Any]]:
        return list(self.request["ProductionVariants"])

    @property
    def shadow_variants(self) -> list[dict[str, Any]]:
        return list(self.request.get("ShadowProductionVariants") or ())


class EndpointConfigRecords(KeptRequests[EndpointConfigRecord]):
    """Reads and writes of endpoint configurations."""

    def __init__(self, database: Database) -> None:
        super().__init__(
            database,
            table="sagemaker_endpoint_configs",
            kind=KIND,
            make=EndpointConfigRecord,
        )
