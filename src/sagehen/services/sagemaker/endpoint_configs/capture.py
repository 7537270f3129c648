"""What a DataCaptureConfig means for the data plane. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.services.sagemaker.transfers import uris
from sagehen.serving.capture import CaptureSettings


def settings_of(config: Mapping[str, Any] | None) -> CaptureSettings | None:
    """Return the settings; None where nothing is captured.

    Raises:
        ValidationException: DestinationS3Uri is none.
    """
    if not config:
        return None
    bucket, prefix = uris.split(config["DestinationS3Uri"])
    modes = {option["CaptureMode"] for option in config["CaptureOptions"]}
    types = config.get("CaptureContentTypeHeader") or {}
    settings = CaptureSettings(
        bucket=bucket,
        prefix=prefix,
        percentage=config["InitialSamplingPercentage"],
        inputs=bool(modes & {"Input", "InputAndOutput"}),
        outputs=bool(modes & {"Output", "InputAndOutput"}),
        csv_types=_lower(types.get("CsvContentTypes")),
        json_types=_lower(types.get("JsonContentTypes")),
        kms_key_id=config.get("KmsKeyId") or None,
    )
    # Documented: EnableCapture's model, "defaults to enabled".
    return None if config.get("EnableCapture") is False else settings


def _lower(types: Any) -> tuple[str, ...]:
    return tuple(one.lower() for one in types or ())
