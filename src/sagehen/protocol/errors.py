"""What the protocols themselves refuse, whatever the service; codes and texts are AWS's."""

from __future__ import annotations

from sagehen.api.errors import ServiceError
from sagehen.protocol.models.description import ServiceDescription


class IdentificationError(ServiceError):
    """No operation was found; still known is how the client expects to be answered.

    Attributes:
        service: The service that the request seems to be for.
        protocol: The one to answer in.
    """

    code = "UnknownOperationException"

    def __init__(self, message: str, *, service: ServiceDescription, protocol: str) -> None:
        super().__init__(message)
        self.service = service
        self.protocol = protocol


class UnknownOperationException(IdentificationError):
    """A target or a path that the JSON, CBOR and REST services do not have."""

    status = 404


class InvalidAction(IdentificationError):
    """An Action that the query service does not have."""

    status = 400


class MissingAction(IdentificationError):
    """A query service was called without Action."""

    status = 400


class MethodNotAllowed(IdentificationError):
    """S3's answer to a method that no operation of the path has."""

    status = 405


class SerializationException(ServiceError):
    """A body that does not have the shapes of the model, in the JSON and CBOR protocols."""

    status = 400


class MalformedInput(ServiceError):
    """A parameter that cannot be read, in the query protocols."""

    status = 400


class MalformedXML(ServiceError):
    """A body that is not the XML of the model, in rest-xml."""

    status = 400
    TEXT = "The XML you provided was not well-formed or did not validate against our published schema"

    def __init__(self, message: str = TEXT) -> None:
        super().__init__(message)


class InvalidArgument(ServiceError):
    """A header or query parameter that cannot be read, in rest-xml."""

    status = 400

    def __init__(self, message: str, name: str | None = None, value: str | None = None) -> None:
        super().__init__(message, ArgumentName=name, ArgumentValue=value)


class MalformedACLError(ServiceError):
    """S3's MalformedXML where the body is an ACL."""

    status = 400

    def __init__(self) -> None:
        super().__init__(MalformedXML.TEXT)


class InvalidRequest(ServiceError):
    """A header of S3's that names no checksum algorithm."""

    status = 400


class MissingRequestBodyError(ServiceError):
    """A required XML body that was not sent, in rest-xml."""

    status = 400


class ValidationError(ServiceError):
    """Input that does not satisfy the model, in the query services."""

    status = 400


class MissingParameter(ServiceError):
    """A required parameter that is absent, in ec2."""

    status = 400


class UnknownParameter(ServiceError):
    """A parameter that the operation does not have, in ec2."""

    status = 400


class InvalidParameterException(ServiceError):
    """Input that does not satisfy the model, in CloudWatch Logs."""

    status = 400


class InvalidParameterValue(ServiceError):
    """A parameter outside of the model's constraints, in ec2."""

    status = 400
