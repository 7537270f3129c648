"""validate: the constraints of the model, in AWS's wording."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from typing import Any

from sagehen.api.errors import ServiceError, ValidationException
from sagehen.protocol.errors import (
    InvalidArgument,
    InvalidParameterException,
    InvalidParameterValue,
    InvalidRequest,
    MalformedACLError,
    MalformedXML,
    MissingParameter,
    MissingRequestBodyError,
    ValidationError,
)
from sagehen.protocol.models.description import Operation
from sagehen.protocol.validation.constraints import Failure, structure_check

Validator = Callable[[Mapping[str, Any]], None]


def validate(operation: Operation, protocol: str, request: Mapping[str, Any]) -> None:
    """Check required members, length, range, pattern and enum.

    Raises:
        ValidationException: In the JSON and REST-JSON services.
        InvalidParameterException: In CloudWatch Logs.
        ValidationError: In query, and in the services that moved on from it.
        MissingParameter, InvalidParameterValue: In ec2.
        MalformedXML, MissingRequestBodyError, InvalidArgument: In rest-xml.
    """
    validator_of(operation, protocol)(request)


@functools.cache
def validator_of(operation: Operation, protocol: str) -> Validator:
    """Compile the validator of an operation; members without constraints cost nothing."""
    if operation.input is None:
        return lambda request: None
    check = structure_check(operation.input, enforce_text=protocol != "rest-xml")
    if check is None:
        return lambda request: None
    refuse = {"ec2": _refuse_ec2, "rest-xml": _refuse_s3}.get(protocol, _refuse)

    def validator(request: Mapping[str, Any]) -> None:
        failures: list[Failure] = []
        check(request, "", failures)
        if failures:
            raise refuse(operation, protocol, failures)

    return validator


def _refuse(operation: Operation, protocol: str, failures: list[Failure]) -> ServiceError:
    plural = "s" if len(failures) > 1 else ""
    quoted = operation.service.name != "iam"
    texts = "; ".join(failure.text(_within(operation, failure), quoted=quoted) for failure in failures)
    message = f"{len(failures)} validation error{plural} detected: {texts}"
    if protocol == "query" or operation.service.query_compatible or _names_it_so(operation):
        return ValidationError(message)
    if operation.service.name == "logs":
        return InvalidParameterException(message)  # recorded; all of its operations have it
    return ValidationException(message)


def _within(operation: Operation, failure: Failure) -> str:
    """Return the input's name where API Gateway puts it: before what is in a body (recorded)."""
    if operation.service.name != "apigateway" or operation.input is None:
        return ""
    member = operation.input.members[failure.wire_path.partition(".")[0]]
    return "" if member.location is not None else f"{operation.name[0].lower()}{operation.name[1:]}Input"


def _names_it_so(operation: Operation) -> bool:
    """Tell whether the model has ValidationError where others have ValidationException: sagemaker-runtime."""
    declared = {error["shape"] for error in operation.traits.get("errors", ())}
    return "ValidationError" in declared and "ValidationException" not in declared


def _refuse_ec2(operation: Operation, protocol: str, failures: list[Failure]) -> ServiceError:
    failure = failures[0]
    parameter = failure.wire_path
    if failure.missing:
        return MissingParameter(f"The request must contain the parameter {parameter}")
    return InvalidParameterValue(f"Value ({failure.shown}) for parameter {parameter} is invalid.")


# S3's texts where they are known (recorded).
_ARGUMENTS = {
    "encoding-type": "Invalid Encoding Method specified in Request",
    "x-amz-metadata-directive": "Unknown metadata directive.",
    "x-amz-tagging-directive": "Unknown tagging directive.",
    "x-amz-server-side-encryption": "The encryption method specified is not supported",
}
_CHECKSUM_HEADERS = {
    "x-amz-sdk-checksum-algorithm": "Value for x-amz-sdk-checksum-algorithm header is invalid.",
    "x-amz-checksum-algorithm": "Checksum algorithm provided is unsupported. Please try again with any "
    "of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]",
}


def _refuse_s3(operation: Operation, protocol: str, failures: list[Failure]) -> ServiceError:
    failure = failures[0]
    assert operation.input is not None
    name = failure.wire_path.partition(".")[0]
    member = operation.input.members[name]
    if member.location is not None:
        wire = member.wire_name or name
        if wire in _CHECKSUM_HEADERS:
            return InvalidRequest(_CHECKSUM_HEADERS[wire])
        text = _ARGUMENTS.get(wire, f"Invalid value for {wire}.")
        return InvalidArgument(text, wire, None if failure.missing else failure.shown)
    if failure.missing and failure.wire_path == operation.input.payload:
        return MissingRequestBodyError("Request Body is empty")
    if name == "AccessControlPolicy":
        return MalformedACLError()
    return MalformedXML()
