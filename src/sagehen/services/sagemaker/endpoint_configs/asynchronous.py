"""What an AsyncInferenceConfig means for the data plane. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.transfers import uris
from sagehen.serving.asynchronous import AsyncSettings, Place

# "If no value is provided, SageMaker chooses an optimal value" (AsyncInferenceClientConfig's model). Ours:
# enough that no instance waits for S3 between two requests.
DEFAULT_CONCURRENCY = 4


def check(request: Mapping[str, Any]) -> None:
    """Check CreateEndpointConfig's AsyncInferenceConfig and what stands beside it.

    Raises:
        ValidationException: There is no S3OutputPath, or a path is no S3 URI.
        NotImplementedOperation: Notifications: there is no SNS; capture, and shadow variants beside it.
    """
    config = request.get("AsyncInferenceConfig")
    if not config:
        return
    topics = config["OutputConfig"].get("NotificationConfig") or {}
    given = [f"NotificationConfig.{member}" for member in topics if topics[member]]
    given += [
        f"{member} with AsyncInferenceConfig"
        for member in ("DataCaptureConfig", "ShadowProductionVariants")
        if request.get(member)
    ]
    if given:
        raise NotImplementedOperation(f"CreateEndpointConfig {', '.join(given)} is not implemented.")
    settings_of(config)


def settings_of(config: Mapping[str, Any] | None) -> AsyncSettings | None:
    """Return the settings; None for an endpoint that answers at once.

    Raises:
        ValidationException: See `check`. The words are from memory.
    """
    if not config:
        return None
    output = config["OutputConfig"]
    if not output.get("S3OutputPath"):
        raise ValidationException("S3OutputPath must be specified in AsyncInferenceConfig.OutputConfig.")
    failures = output.get("S3FailurePath")
    client = config.get("ClientConfig") or {}
    return AsyncSettings(
        outputs=Place(*uris.split(output["S3OutputPath"])),
        failures=Place(*uris.split(failures)) if failures else None,
        concurrency=client.get("MaxConcurrentInvocationsPerInstance") or DEFAULT_CONCURRENCY,
        kms_key_id=output.get("KmsKeyId") or None,
    )
