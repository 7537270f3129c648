"""A function's configuration: what a request asks for, checked and merged. Pure.

What is kept are CreateFunction's members with their defaults filled in; `Layers` hold, beside what
AWS shows, the SHA of each layer's package, so that a function outlives the deletion of its layer.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.process_text import fault_of_argument, first_fault
from sagehen.services.lambda_.errors import InvalidParameterValueException
from sagehen.services.lambda_.functions import images
from sagehen.services.lambda_.functions.log_settings import merged_logging

KEPT = (
    "Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize", "Environment",
    "EphemeralStorage", "LoggingConfig", "VpcConfig",
)  # fmt: skip
_TAKEN_OVER = tuple(name for name in KEPT if name != "VpcConfig")
# Members whose effect would have to be real, and is not built; empty ones ask for nothing.
_UNBUILT = (
    "CodeSigningConfigArn", "KMSKeyArn", "FileSystemConfigs", "TenancyConfig",
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
# Documented: Lambda quotas. 4 KB of all variables together, 15 minutes, 10,240 MB.
_VARIABLES_BYTES = 4096
_TIMEOUT_S = 900
_MEMORY_MIB = 10_240
HOST_ARCHITECTURE = {"aarch64": "arm64", "arm64": "arm64"}.get(platform.machine(), "x86_64")


def new_configuration(request: Mapping[str, Any], runtimes: Mapping[str, str]) -> dict[str, Any]:
    """Return what CreateFunction's request asks for; `Layers` and `VpcConfig` are the caller's to add.

    Args:
        request: CreateFunction's. Of an image `Image` is the caller's to fill in, too.
        runtimes: Those that can run here.

    Raises:
        InvalidParameterValueException, NotImplementedOperation.
    """
    # AWS checks the kind of package first (from memory).
    is_image = request.get("PackageType", "Zip") == "Image"
    if not is_image and (not request.get("Runtime") or not request.get("Handler")):
        raise InvalidParameterValueException(
            "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    defaults: dict[str, Any] = {
        "Description": "",
        # Documented defaults (botocore's model): 3 s, 128 MB, 512 MB of /tmp.
        "Timeout": 3,
        "MemorySize": 128,
        "EphemeralStorage": {"Size": 512},
        "LoggingConfig": {},
        **({"Image": {}} if is_image else {}),
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
    images.check(request, is_image="Image" in current)
    changes = {name: request[name] for name in _TAKEN_OVER if request.get(name) is not None}
    if (runtime := changes.get("Runtime")) is not None:
        _check_runtime(runtime, runtimes)
    _check_sizes(changes)
    if fault := fault_of_argument(changes.get("Handler", "")):
        raise InvalidParameterValueException(f"Invalid Handler: {fault}.")
    if "Environment" in changes:
        changes["Environment"] = _checked_variables(changes["Environment"].get("Variables") or {})
    if "LoggingConfig" in changes:
        changes["LoggingConfig"] = merged_logging(current["LoggingConfig"], changes["LoggingConfig"])
    if request.get("ImageConfig") is not None:
        changes["ImageConfig"] = images.checked_config(request["ImageConfig"])
    return {**current, **changes}


def check_architectures(architectures: list[str] | None) -> None:
    """Refuse machine code for processors that this host has not.

    Raises:
        NotImplementedOperation.
    """
    if architectures and architectures != [HOST_ARCHITECTURE]:
        raise NotImplementedOperation(
            f"Architecture {architectures[0]} is not implemented: this machine is {HOST_ARCHITECTURE}."
        )


def _refuse_unbuilt(request: Mapping[str, Any]) -> None:
    given = [name for name in _UNBUILT if request.get(name)]
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
    # Recorded. A runtime that AWS takes and this machine has not is ours to refuse: 501.
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
        # Recorded: all that is broken is told in one message, as the model's constraints are.
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
    # Measured as compact JSON: recorded in the message, which quotes it.
    text = json.dumps(dict(variables), separators=(",", ":"), ensure_ascii=False)
    if len(text.encode()) > _VARIABLES_BYTES:
        raise InvalidParameterValueException(
            f"{reason}have provided exceeded the 4KB limit. String measured: {text}"
        )
    return {"Variables": dict(variables)}
