"""TrackingServer: one MLflow tracking server as it is recorded, and what its life makes of the record. Pure.

Creating -> Created      Updating -> Updated      Starting -> Started      Stopping -> Stopped
   |                        |                        |
CreateFailed             UpdateFailed             StartFailed               Deleting -> gone
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.resources import arns

KIND = "mlflow-tracking-server"
# In these its process is to run.
COMING = ("Creating", "Updating", "Starting")
THERE = ("Created", "Updated", "Started")
_AFTER = {"Creating": "Created", "Updating": "Updated", "Starting": "Started"}
_FAILED = {
    "Creating": "CreateFailed", "Updating": "UpdateFailed", "Starting": "StartFailed",
    **dict.fromkeys(THERE, "StartFailed"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Settings:
    """What was asked for.

    Args:
        artifacts: The S3 URI below which artifacts lie.
        size: `Small`, `Medium` or `Large`.
        version: As asked for, or ''.
        window: WeeklyMaintenanceWindowStart, or ''. Nothing is maintained here.
    """

    artifacts: str
    role_arn: str
    size: str = "Small"
    version: str = ""
    window: str = ""

    def to_json(self) -> dict[str, str]:
        """Return it as it is stored."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class TrackingServer:
    """A tracking server's record.

    Args:
        id: Of its folder; never another's, not even of one that had the name.
        label: The first label of its page's host name.
        mlflow: The version that runs, once one has.
        failure: Why it failed, or ''. AWS tells no reason; its log has it.
        created_by, modified_by: UserContexts.
        registers_since: From when on new models go into SageMaker's registry, too, in seconds since the
            epoch; 0: they do not.
    """

    scope: Scope
    name: str
    created_at: datetime
    modified_at: datetime
    status: str
    id: str
    label: str
    settings: Settings
    mlflow: str = ""
    failure: str = ""
    created_by: Mapping[str, Any] = field(default_factory=dict)
    modified_by: Mapping[str, Any] = field(default_factory=dict)
    registers_since: float = 0.0

    @property
    def arn(self) -> str:
        return arns.resource_arn(self.scope, KIND, self.name)

    @property
    def key(self) -> tuple[Scope, str]:
        """What names it."""
        return self.scope, self.name

    @property
    def is_wanted(self) -> bool:
        """Whether its process is to run."""
        return self.status in (*COMING, *THERE)

    def answering(self, mlflow: str) -> TrackingServer:
        """Return the record once its process answers."""
        return replace(self, status=_AFTER.get(self.status, self.status), mlflow=mlflow, failure="")

    def failed(self, reason: str) -> TrackingServer:
        """Return the record of one that does not come up, or cannot be kept up."""
        status = _FAILED.get(self.status)
        return self if status is None else replace(self, status=status, failure=reason[:1024])

    def stopped(self) -> TrackingServer:
        """Return the record when nothing of it runs any more."""
        return replace(self, status="Stopped") if self.status == "Stopping" else self


def describe(server: TrackingServer, url: str) -> dict[str, Any]:
    """Return DescribeMlflowTrackingServer's answer."""
    settings = server.settings
    told = summarize(server) | {
        "ArtifactStoreUri": settings.artifacts,
        "TrackingServerSize": settings.size,
        "RoleArn": settings.role_arn,
        "TrackingServerUrl": url,
        "WeeklyMaintenanceWindowStart": settings.window or None,
        "AutomaticModelRegistration": server.registers_since > 0,
        "CreatedBy": server.created_by or None,
        "LastModifiedBy": server.modified_by or None,
    }
    return {name: value for name, value in told.items() if value is not None}


def summarize(server: TrackingServer) -> dict[str, Any]:
    """Return ListMlflowTrackingServers' summary."""
    return {
        "TrackingServerArn": server.arn,
        "TrackingServerName": server.name,
        "CreationTime": server.created_at,
        "LastModifiedTime": server.modified_at,
        "TrackingServerStatus": server.status,
        "IsActive": "Active" if server.status in THERE else "Inactive",
        "MlflowVersion": server.mlflow or server.settings.version or None,
    }
