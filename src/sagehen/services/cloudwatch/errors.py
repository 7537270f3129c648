"""The errors of CloudWatch: class name = AWS code."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class DashboardInvalidInput(ServiceError):
    """A dashboard's body is wrong; `dashboardValidationMessages` lists how."""

    code = "InvalidParameterInput"


class InternalServiceFault(ServiceError):
    """Something failed that is not the client's doing. Documented: the code of this name in the model."""

    code = "InternalServiceError"
    status = 500
    fault = "server"


class InvalidFormat(ServiceError):
    """StateReasonData is no JSON."""


class InvalidNextToken(ServiceError):
    """A token that was not handed out here, or by another listing."""


class InvalidParameterCombination(ServiceError):
    """Members that exclude one another, and ranges of too many data points."""


class InvalidParameterValue(ServiceError):
    """A value that the model lets through and CloudWatch does not."""


class MissingParameter(ServiceError):
    """A member that is needed with the others, though the model does not require it."""


class ResourceNotFound(ServiceError):
    """An alarm that SetAlarmState names is not there."""

    status = 404


class ResourceNotFoundException(ServiceError):
    """A resource that the tagging operations name is not there."""

    status = 404


class Throttling(ServiceError):
    """More is asked for at once than is done; SDKs try again. The code is from memory."""


class ValidationError(ServiceError):
    """What alarms, metric math and queries refuse."""
