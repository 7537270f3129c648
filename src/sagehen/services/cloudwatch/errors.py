"""The errors of CloudWatch: class name = AWS code."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class InvalidNextToken(ServiceError):
    pass


class InvalidParameterCombination(ServiceError):
    pass


class InvalidParameterValue(ServiceError):
    pass


class MissingParameter(ServiceError):
    pass


class ValidationError(ServiceError):
    pass
