"""What CreateTransformJob accepts, beyond the service model's own rules. Pure checks.

A member that has no effect here is refused with 501 by its name. The words are from memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.instances.supply import quotas
from sagehen.services.sagemaker.instances.variables import require_variables
from sagehen.services.sagemaker.jobs import settings_without_effect
from sagehen.services.sagemaker.jobs.groups import acceptance as groups
from sagehen.services.sagemaker.transfers import uris
from sagehen.services.sagemaker.transform.records import paths
from sagehen.services.sagemaker.transform.records.association import Association, format_of
from sagehen.services.sagemaker.transform.settings import DEFAULT_PAYLOAD_MB, MOST_MB


def check(request: Mapping[str, Any]) -> None:
    """Check a request.

    Raises:
        ValidationException: A rule of AWS's is broken.
        NotImplementedOperation: A member whose effect is not built.
        ResourceLimitExceeded: More instances than one job may have.
    """
    resources, source = request["TransformResources"], request["TransformInput"]["DataSource"]["S3DataSource"]
    given = []
    capture = request.get("DataCaptureConfig") or {}
    if capture.get("GenerateInferenceId"):
        given.append("DataCaptureConfig.GenerateInferenceId")
    if resources.get("TransformAmiVersion"):
        given.append("TransformResources.TransformAmiVersion")
    if source["S3DataType"] not in ("S3Prefix", "ManifestFile"):
        given.append(f"S3DataType {source['S3DataType']}")
    if request.get("MaxPayloadInMB") == 0:
        given.append("MaxPayloadInMB 0 (chunked payloads)")
    if given:
        raise NotImplementedOperation(f"CreateTransformJob {', '.join(given)} is not implemented.")
    groups.check(resources, quotas.TRANSFORM, "TransformResources")
    settings_without_effect.check({"ResourceConfig": resources})
    require_variables("Environment", request.get("Environment") or {})
    uris.split(source["S3Uri"])
    uris.split(request["TransformOutput"]["S3OutputPath"])
    if capture:
        uris.split(capture["DestinationS3Uri"])
    _check_payload(request)
    for name, value in (
        ("ContentType", request["TransformInput"].get("ContentType") or ""),
        ("Accept", request["TransformOutput"].get("Accept") or ""),
    ):
        if not value.isascii() or not value.isprintable():  # they become headers
            raise ValidationException(f"Invalid {name}: it must be printable.")
    association_of(request)


def _check_payload(request: Mapping[str, Any]) -> None:
    """Documented: MaxPayloadInMB's and BatchStrategy's models."""
    payload = request.get("MaxPayloadInMB") or DEFAULT_PAYLOAD_MB
    at_once = request.get("MaxConcurrentTransforms") or 1
    if payload > MOST_MB:
        raise ValidationException(f"MaxPayloadInMB must be less than or equal to {MOST_MB}.")
    if at_once * payload > MOST_MB:
        raise ValidationException(
            f"MaxConcurrentTransforms * MaxPayloadInMB must be less than or equal to {MOST_MB}."
        )
    split = request["TransformInput"].get("SplitType") or "None"
    if request.get("BatchStrategy") == "MultiRecord" and split == "None":
        raise ValidationException("BatchStrategy MultiRecord requires SplitType Line, RecordIO or TFRecord.")


def association_of(request: Mapping[str, Any]) -> Association | None:
    """Return what DataProcessing asks for; None where that is nothing.

    Raises:
        ValidationException
    """
    wanted = request.get("DataProcessing") or {}
    joins = wanted.get("JoinSource") == "Input"
    try:
        taken = paths.parse(wanted.get("InputFilter") or "$")
        shown = paths.parse(wanted.get("OutputFilter") or "$")
    except paths.InvalidPath as error:
        raise ValidationException(f"Invalid JSONPath in DataProcessing: {error}.") from None
    if taken.is_whole and shown.is_whole and not joins:
        return None
    source, output = request["TransformInput"], request["TransformOutput"]
    split = source.get("SplitType") or "None"
    found = format_of(source.get("ContentType") or "", split == "Line")
    if found is None or split not in ("None", "Line"):
        raise ValidationException(
            "DataProcessing requires ContentType text/csv, application/json or application/jsonlines, and "
            "SplitType None or Line."
        )
    answered = format_of(output.get("Accept") or source["ContentType"], split == "Line")
    if answered is None or answered.name != found.name:
        raise ValidationException("DataProcessing requires ContentType and Accept of the same format.")
    return Association(found, taken, shown, joins)
