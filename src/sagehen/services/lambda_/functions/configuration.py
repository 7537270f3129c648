"""A function's configuration: checked, merged, and shown as AWS shows it. Pure.

What is kept are CreateFunction's members with their defaults filled in; `Layers` hold, beside what
AWS shows, the SHA of each layer's package, so that a function outlives the deletion of its layer.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.process_text import fault_of_argument, first_fault
from sagehen.services.lambda_.code.store import UNZIPPED_BYTES, shown_sha
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.functions.rows import VersionRecord

_KEPT = (
    "Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize", "Environment",
    "EphemeralStorage", "LoggingConfig",
)  # fmt: skip
# Members whose effect would have to be real, and is not built; empty ones ask for nothing.
_UNBUILT = (
    "ImageConfig", "CodeSigningConfigArn", "KMSKeyArn", "FileSystemConfigs", "TenancyConfig",
    "CapacityProviderConfig", "DurableConfig", "RuntimeConfig", "AcceleratorConfig", "PublishTo",
)  # fmt: skip
_RESERVED_VARIABLES = frozenset((
    "_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME", "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_ACCESS_KEY", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN",
    "AWS_LAMBDA_RUNTIME_API", "LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
))  # fmt: skip
# https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html: block-create dates that passed.
_RETIRED_RUNTIMES = frozenset((
    "nodejs", "nodejs4.3", "nodejs4.3-edge", "nodejs6.10", "nodejs8.10", "nodejs10.x", "nodejs12.x",
    "nodejs14.x", "python2.7", "python3.6", "python3.7", "dotnetcore1.0", "dotnetcore2.0",
    "dotnetcore2.1", "dotnetcore3.1", "ruby2.5", "ruby2.7", "go1.x", "java8", "provided",
))  # fmt: skip
# What AWS takes, in the order in which its message names them (recorded).
SUPPORTED_RUNTIMES = (
    "nodejs20.x", "python3.14", "provided.al2023", "python3.12", "python3.13", "nodejs24.x", "nodejs22.x",
    "java25", "python3.10", "python3.11", "java21", "ruby3.3", "ruby3.4", "ruby3.2", "python3.8",
    "python3.9", "java17", "nodejs16.x", "dotnet10", "dotnet8", "java11", "dotnet6", "nodejs18.x",
    "provided.al2", "java8.al2",
)  # fmt: skip
_LOG_LEVELS = {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO"}
_VARIABLES_BYTES = 4096
_TIMEOUT_S = 900
_MEMORY_MIB = 10_240
_HOST_ARCHITECTURE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")


def new_configuration(request: Mapping[str, Any], runtimes: Mapping[str, str]) -> dict[str, Any]:
    """Return what CreateFunction's request asks for; `Layers` are the caller's to add.

    Args:
        request: CreateFunction's.
        runtimes: Those that can run here.

    Raises:
        InvalidParameterValueException, NotImplementedOperation.
    """
    if request.get("PackageType", "Zip") != "Zip":
        raise NotImplementedOperation("Container images as functions are not implemented.")
    if not request.get("Runtime") or not request.get("Handler"):
        raise InvalidParameterValueException(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    defaults: dict[str, Any] = {
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "EphemeralStorage": {"Size": 512},
        "LoggingConfig": {},
    }
    return merged_configuration(defaults, request, runtimes)


def merged_configuration(
    current: Mapping[str, Any], request: Mapping[str, Any], runtimes: Mapping[str, str]
) -> dict[str, Any]:
    """Return `current` with what a request changes, after checking that.

    Raises:
        InvalidParameterValueException, NotImplementedOperation.
    """
    _refuse_unbuilt(request)
    changes = {name: request[name] for name in _KEPT if request.get(name) is not None}
    if (runtime := changes.get("Runtime")) is not None:
        _check_runtime(runtime, runtimes)
    _check_sizes(changes)
    if fault := fault_of_argument(changes.get("Handler", "")):
        raise InvalidParameterValueException(f"Invalid Handler: {fault}.")
    if "Environment" in changes:
        changes["Environment"] = _checked_variables(changes["Environment"].get("Variables") or {})
    if "LoggingConfig" in changes:
        changes["LoggingConfig"] = _merged_logging(current["LoggingConfig"], changes["LoggingConfig"])
    return {**current, **changes}


def check_layers(layers: list[dict[str, Any]], unzipped_bytes: int) -> None:
    """Check the layers of a function against AWS's limits.

    Raises:
        InvalidParameterValueException.
    """
    if len(layers) > 5:
        raise InvalidParameterValueException("Cannot reference more than 5 layers.")
    seen: dict[str, str] = {}
    for layer in layers:
        name = layer["Arn"].rpartition(":")[0]
        if name in seen:
            raise InvalidParameterValueException(
                "Two different versions of the same layer are not allowed to be referenced in the same "
                f"function. {seen[name]} and {layer['Arn']} are versions of the same layer."
            )
        seen[name] = layer["Arn"]
    total = unzipped_bytes + sum(layer["UnzippedSize"] for layer in layers)
    if total > UNZIPPED_BYTES:
        raise InvalidParameterValueException(
            f"Function code combined with layers exceeds the maximum allowed size of {UNZIPPED_BYTES} bytes. "
            f"The actual size is {total} bytes."
        )


def check_architectures(architectures: list[str] | None) -> None:
    """Refuse machine code for processors that this host has not.

    Raises:
        NotImplementedOperation.
    """
    if architectures and architectures != [_HOST_ARCHITECTURE]:
        raise NotImplementedOperation(
            f"Architecture {architectures[0]} is not implemented: this machine is {_HOST_ARCHITECTURE}."
        )


def _refuse_unbuilt(request: Mapping[str, Any]) -> None:
    given = [name for name in _UNBUILT if request.get(name)]
    network = request.get("VpcConfig") or {}
    if network.get("SubnetIds") or network.get("SecurityGroupIds"):
        given.append("VpcConfig")
    if (request.get("DeadLetterConfig") or {}).get("TargetArn"):
        given.append("DeadLetterConfig (queues and topics; use an OnFailure destination that is a function)")
    if (request.get("TracingConfig") or {}).get("Mode") == "Active":
        given.append("TracingConfig Active")
    if (request.get("SnapStart") or {}).get("ApplyOn", "None") != "None":
        given.append("SnapStart")
    if given:
        raise NotImplementedOperation(f"{', '.join(given)} of a function is not implemented.")
    check_architectures(request.get("Architectures"))


def _check_runtime(runtime: str, runtimes: Mapping[str, str]) -> None:
    if runtime not in _RETIRED_RUNTIMES and runtime not in SUPPORTED_RUNTIMES:
        raise InvalidParameterValueException(
            f"Value {runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value "
            f"set: [{', '.join(SUPPORTED_RUNTIMES)}] or be a valid ARN"
        )
    if runtime in _RETIRED_RUNTIMES:
        raise InvalidParameterValueException(
            f"The runtime parameter of {runtime} is no longer supported for creating or updating AWS Lambda "
            "functions. We recommend you use a supported runtime while creating or updating functions."
        )
    if runtime not in runtimes:
        raise NotImplementedOperation(
            f"The runtime {runtime} is not installed on this machine, but {', '.join(sorted(runtimes))}."
        )


def _check_sizes(changes: Mapping[str, Any]) -> None:
    # The model of August 2026 allows more, for kinds of functions that are not built.
    broken = [
        f"Value '{changes[name]}' at '{name[0].lower()}{name[1:]}' failed to satisfy constraint: Member must "
        f"have value less than or equal to {limit}"
        for name, limit in (("Timeout", _TIMEOUT_S), ("MemorySize", _MEMORY_MIB))
        if changes.get(name, 0) > limit
    ]
    if broken:
        plural = "s" if len(broken) > 1 else ""
        raise ValidationException(f"{len(broken)} validation error{plural} detected: {'; '.join(broken)}")


def _checked_variables(variables: Mapping[str, str]) -> dict[str, Any]:
    reserved = [name for name in variables if name in _RESERVED_VARIABLES]
    reason = (
        "Lambda was unable to configure your environment variables because the environment variables you "
    )
    if reserved:
        raise InvalidParameterValueException(
            f"{reason}have provided contains reserved keys that are currently not supported for "
            f"modification. Reserved keys used in this request: {', '.join(reserved)}"
        )
    if fault := first_fault(variables):
        raise InvalidParameterValueException(f"{reason}have provided cannot be set: {fault[0]}: {fault[1]}.")
    text = json.dumps(dict(variables), separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > _VARIABLES_BYTES:
        raise InvalidParameterValueException(
            f"{reason}have provided exceeded the 4KB limit. String measured: {text}"
        )
    return {"Variables": dict(variables)}


def _merged_logging(current: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """Return LoggingConfig as it is kept: of `Text` only the group, of `JSON` the levels as well.

    What a request does not name stays, but for the levels, which end with the format that has them.

    Raises:
        InvalidParameterValueException.
    """
    wanted = {**current, **{name: value for name, value in given.items() if value}}
    if wanted.get("LogFormat") == "JSON":
        return {**_LOG_LEVELS, **wanted}
    if given.get("ApplicationLogLevel") or given.get("SystemLogLevel"):
        raise InvalidParameterValueException(
            "The log level configuration is only supported for the JSON log format."
        )
    return {"LogGroup": wanted["LogGroup"]} if wanted.get("LogGroup") else {}


def log_controls(record: VersionRecord) -> dict[str, str]:
    """Return what an environment is told of a version's logs."""
    kept = {**_LOG_LEVELS, **record.configuration["LoggingConfig"]}
    return {
        "log_format": kept.get("LogFormat", "Text"),
        "application_log_level": kept["ApplicationLogLevel"],
        "system_log_level": kept["SystemLogLevel"],
    }


def log_group(record: VersionRecord) -> str:
    group: str = record.configuration["LoggingConfig"].get("LogGroup", f"/aws/lambda/{record.reference.name}")
    return group


def shown_time(moment: datetime) -> str:
    """Return a time as Lambda writes them: `2026-11-22T17:30:00.000+0000`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def shown(record: VersionRecord, *, qualified: bool | None = None) -> dict[str, Any]:
    """Return a version as FunctionConfiguration.

    Args:
        qualified: Whether the ARN carries the version; by default for all but `$LATEST`.
    """
    kept = record.configuration
    reference = record.reference
    with_version = reference.qualifier != "$LATEST" if qualified is None else qualified
    answer: dict[str, Any] = {
        "FunctionName": reference.name,
        "FunctionArn": reference.arn if with_version else reference.unqualified_arn,
        **{name: kept[name] for name in _KEPT if name in kept and name != "LoggingConfig"},
        "CodeSize": record.code_size,
        "CodeSha256": shown_sha(record.code_sha),
        "LastModified": shown_time(record.modified_at),
        "Version": record.version,
        "RevisionId": record.revision_id,
        "PackageType": "Zip",
        "Architectures": [_HOST_ARCHITECTURE],
        "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "LoggingConfig": {
            "LogFormat": "Text",
            **kept["LoggingConfig"],
            "LogGroup": log_group(record),
        },
    }
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
        answer |= {"StateReason": "The function is being created.", "StateReasonCode": "Creating"}
        return answer
    if record.state == "Failed":
        answer |= {"StateReason": record.reason, "StateReasonCode": "InvalidZipFileException"}
    answer["LastUpdateStatus"] = record.update_status
    if record.update_status == "InProgress":
        answer["LastUpdateStatusReason"] = "The function is being created."
        answer["LastUpdateStatusReasonCode"] = "Creating"
    elif record.update_status == "Failed":
        answer["LastUpdateStatusReason"] = record.reason
        answer["LastUpdateStatusReasonCode"] = "InvalidZipFileException"
    return answer
