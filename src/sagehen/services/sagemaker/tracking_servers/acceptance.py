"""What CreateMlflowTrackingServer and UpdateMlflowTrackingServer accept, and when. Pure.

A member that has no effect here is refused with 501 by its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ServiceError, ValidationException
from sagehen.services.sagemaker.tracking_servers.tracking_server import (
    COMING,
    THERE,
    Settings,
    TrackingServer,
)
from sagehen.services.sagemaker.transfers import uris

_UNBUILT = ("S3BucketOwnerAccountId", "S3BucketOwnerVerification")
# Into a status, from those in which it can be asked for (documented: the operations' ConflictException).
_FROM = {
    "Starting": ("Stopped", "StartFailed", "CreateFailed", "UpdateFailed"),
    "Stopping": THERE,
    "Updating": (*THERE, "UpdateFailed"),
}


class ConflictException(ServiceError):
    """It is in another state than the operation needs."""

    status = 409


def created(request: Mapping[str, Any]) -> Settings:
    """Return what is asked for.

    Raises:
        ValidationException: The URI is none of S3's.
        NotImplementedOperation: A member whose effect is not built.
    """
    _refuse_unbuilt(request, "CreateMlflowTrackingServer")
    return Settings(
        artifacts=_artifacts(request["ArtifactStoreUri"]),
        role_arn=request["RoleArn"],
        size=request.get("TrackingServerSize") or "Small",
        version=request.get("MlflowVersion") or "",
        window=request.get("WeeklyMaintenanceWindowStart") or "",
    )


def changed(settings: Settings, request: Mapping[str, Any]) -> Settings:
    """Return the settings after an update.

    Raises:
        ValidationException, NotImplementedOperation: See `created`.
    """
    _refuse_unbuilt(request, "UpdateMlflowTrackingServer")
    uri = request.get("ArtifactStoreUri")
    return replace(
        settings,
        artifacts=_artifacts(uri) if uri else settings.artifacts,
        size=request.get("TrackingServerSize") or settings.size,
        window=request.get("WeeklyMaintenanceWindowStart") or settings.window,
    )


def registering(since: float, request: Mapping[str, Any], now: datetime) -> float:
    """Return from when on models are registered automatically: new ones alone are (documented).

    Args:
        since: From when on they were, in seconds since the epoch; 0: not.
    """
    wanted = request.get("AutomaticModelRegistration")
    if wanted is None:
        return since
    return (since or now.timestamp()) if wanted else 0.0


def begun(server: TrackingServer, to: str, now: datetime, by: Mapping[str, Any]) -> TrackingServer:
    """Return the record after an operation was accepted.

    Raises:
        ConflictException: The state is not one that it can be asked for in; the words are ours.
    """
    if server.status not in _FROM[to]:
        raise ConflictException(
            f"Tracking server {server.arn} is in status {server.status}: it cannot be {to} from there."
        )
    return replace(server, status=to, modified_at=now, modified_by=by, failure="")


def deleting(server: TrackingServer, now: datetime, by: Mapping[str, Any]) -> TrackingServer:
    """Return the record of one that is to go, in any state but one that it is just coming into.

    Raises:
        ValidationException: It is on its way to another state. DeleteMlflowTrackingServer's model has no
            conflict.
    """
    if server.status in (*COMING, "Stopping"):
        raise ValidationException(
            f"Tracking server {server.arn} is in status {server.status}: it cannot be deleted."
        )
    return replace(server, status="Deleting", modified_at=now, modified_by=by)


def _artifacts(uri: str) -> str:
    uris.split(uri)
    # MLflow takes it from its command line, which has no NUL.
    if not uri.startswith("s3://") or not uri.isprintable():
        raise ValidationException(f"Invalid ArtifactStoreUri {uri!r}: it must be a URI of S3.")
    return uri.rstrip("/")


def _refuse_unbuilt(request: Mapping[str, Any], operation: str) -> None:
    given = [member for member in _UNBUILT if request.get(member)]
    if given:
        raise NotImplementedOperation(f"{operation} {', '.join(given)} is not implemented.")
