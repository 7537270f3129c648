"""Descriptions: a function as AWS shows it, FunctionConfiguration in full and as listings have it."""

from __future__ import annotations

from typing import Any

from sagehen.services.lambda_.execution.contract import Environments
from sagehen.services.lambda_.functions.configuration import HOST_ARCHITECTURE, KEPT
from sagehen.services.lambda_.functions.log_settings import log_group
from sagehen.services.lambda_.functions.records import FunctionRecords
from sagehen.services.lambda_.functions.rows import VersionRecord
from sagehen.services.lambda_.functions.targets import Targets
from sagehen.services.lambda_.names import LATEST, FunctionReference
from sagehen.services.lambda_.shown import shown_time


class Descriptions:
    """Finds what a reference describes, and shows it."""

    def __init__(self, records: FunctionRecords, targets: Targets, environments: Environments) -> None:
        self._records = records
        self._targets = targets
        self._environments = environments

    def described(self, reference: FunctionReference) -> VersionRecord:
        """Return the version that a reference describes: an alias's main one.

        Raises:
            ResourceNotFoundException.
        """
        self._records.require_function(reference)
        return self._targets.versions(reference)[-1][0]

    def shown(self, record: VersionRecord, *, qualified: bool | None = None) -> dict[str, Any]:
        """Return a version as FunctionConfiguration, with the version of the runtime that runs it here.

        Args:
            qualified: Whether the ARN carries the version; by default for all but `$LATEST`.
        """
        answer = shown(record, qualified=qualified)
        if record.is_image:
            return answer
        arn = self._environments.runtime_version_arn(answer["Runtime"], record.reference.scope.region)
        return answer | {"RuntimeVersionConfig": {"RuntimeVersionArn": arn}} if arn else answer


def shown(record: VersionRecord, *, qualified: bool | None = None) -> dict[str, Any]:
    """Return a version as FunctionConfiguration.

    Args:
        qualified: Whether the ARN carries the version; by default for all but `$LATEST`.
    """
    kept = record.configuration
    reference = record.reference
    with_version = reference.qualifier != LATEST if qualified is None else qualified
    answer: dict[str, Any] = {
        "FunctionName": reference.name,
        "FunctionArn": reference.arn if with_version else reference.unqualified_arn,
        **{name: kept[name] for name in KEPT if name in kept and name != "LoggingConfig"},
        "CodeSize": record.code_size,
        "CodeSha256": record.shown_code_sha,
        "LastModified": shown_time(record.modified_at),
        "Version": record.version,
        "RevisionId": record.revision_id,
        "PackageType": "Image" if record.is_image else "Zip",
        "Architectures": [HOST_ARCHITECTURE],
        # Recorded defaults of what is not built: the only values that can be told truthfully.
        "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {
            "LogFormat": "Text",
            **kept["LoggingConfig"],
            "LogGroup": log_group(record),
        },
    }
    if kept.get("ImageConfig"):
        answer["ImageConfigResponse"] = {"ImageConfig": kept["ImageConfig"]}
    if kept.get("Layers"):
        answer["Layers"] = [{"Arn": one["Arn"], "CodeSize": one["CodeSize"]} for one in kept["Layers"]]
    return answer | _shown_state(record)


def listed(record: VersionRecord, *, qualified: bool) -> dict[str, Any]:
    """Return a version as listings show it: without its states and its runtime's version (recorded;
    documented at https://docs.aws.amazon.com/lambda/latest/api/API_ListFunctions.html)."""
    left_out = ("State", "LastUpdate")
    answer = shown(record, qualified=qualified)
    return {name: value for name, value in answer.items() if not name.startswith(left_out)}


def _shown_state(record: VersionRecord) -> dict[str, Any]:
    answer: dict[str, Any] = {"State": record.state}
    if record.state == "Pending":
        # Recorded: no LastUpdateStatus while the function is Pending.
        answer |= {"StateReason": "The function is being created.", "StateReasonCode": "Creating"}
        return answer
    if record.state == "Failed":
        answer |= {"StateReason": record.reason, "StateReasonCode": _failure_code(record)}
    answer["LastUpdateStatus"] = record.update_status
    if record.update_status == "InProgress":
        answer["LastUpdateStatusReason"] = "The function is being created."
        answer["LastUpdateStatusReasonCode"] = "Creating"
    elif record.update_status == "Failed":
        answer["LastUpdateStatusReason"] = record.reason
        answer["LastUpdateStatusReasonCode"] = _failure_code(record)
    return answer


def _failure_code(record: VersionRecord) -> str:
    # The ways in which a preparation fails here; both are in the model.
    return "ImageDeleted" if record.is_image else "InvalidZipFileException"
