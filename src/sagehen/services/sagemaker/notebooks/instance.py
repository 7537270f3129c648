"""NotebookInstance: the record of one, with what its Create and Update determine."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources import arns

Status = Literal["Pending", "InService", "Stopping", "Stopped", "Failed", "Deleting", "Updating"]

LOG_GROUP = "/aws/sagemaker/NotebookInstances"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a person chose.

    Args:
        instance_type: Such as `ml.t3.medium`.
        role_arn: Whose credentials everything inside has.
        volume_gb: Of the volume that survives a stop.
        lifecycle_config: Its name; '' for none.
        default_repository: Name of a code repository or a URL; '' for none.
        additional_repositories: Likewise, three at most.
        root_access: Whether users may become root inside.
        internet: DirectInternetAccess.
        platform_identifier: Stored and told.
        subnet_id, security_groups, ip_address_type, kms_key_id, metadata_version: Stored and told, without
            effect: there is no VPC, the volume is as safe as the data folder that it is in, and nothing
            inside answers at the address of EC2's metadata.
    """

    instance_type: str
    role_arn: str
    volume_gb: int = 5
    lifecycle_config: str = ""
    default_repository: str = ""
    additional_repositories: tuple[str, ...] = ()
    root_access: bool = True
    internet: bool = True
    platform_identifier: str = "notebook-al2023-v1"
    subnet_id: str = ""
    security_groups: tuple[str, ...] = ()
    ip_address_type: str = "ipv4"
    kms_key_id: str = ""
    metadata_version: str = "1"

    def document(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Settings:
        """Return what `document` made the document of."""
        lists = ("additional_repositories", "security_groups")
        return cls(**{**document, **{name: tuple(document[name]) for name in lists}})


@dataclass(frozen=True, slots=True, kw_only=True)
class NotebookInstance:
    """One notebook instance.

    Args:
        scope: Account and region.
        name: As it was given.
        status: One of AWS's.
        created_at, modified_at: Aware.
        label: The first label of its host name, unique in the region; see `records`.
        volume_id: Of its volume, see `server.Wanted`.
        settings: What was chosen.
        failure_reason: Why it is Failed; else ''.
        was_set_up: Whether OnCreate has run to its end, or there was none when the instance first came up.
    """

    scope: Scope
    name: str
    status: Status
    created_at: datetime
    modified_at: datetime
    label: str
    volume_id: str
    settings: Settings
    failure_reason: str = ""
    was_set_up: bool = False

    @property
    def arn(self) -> str:
        return arns.resource_arn(self.scope, "notebook-instance", self.name)

    @property
    def key(self) -> tuple[Scope, str]:
        return self.scope, self.name
