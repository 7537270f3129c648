"""The errors of CloudWatch: class name = AWS code."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class InvalidFormat(ServiceError):
    pass


class InvalidNextToken(ServiceError):
    pass


class InvalidParameterCombination(ServiceError):
    pass


class InvalidParameterValue(ServiceError):
    pass


class MissingParameter(ServiceError):
    pass


class ResourceNotFound(ServiceError):
    status = 404


class ResourceNotFoundException(ServiceError):
    status = 404


class ValidationError(ServiceError):
    pass
