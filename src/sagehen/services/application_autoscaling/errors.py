"""The errors of Application Auto Scaling: class name = AWS code."""

from __future__ import annotations

from sagehen.api.errors import ServiceError, ValidationException

__all__ = [
    "InvalidNextTokenException",
    "LimitExceededException",
    "ObjectNotFoundException",
    "ResourceNotFoundException",
    "TooManyTagsException",
    "ValidationException",
]


class InvalidNextTokenException(ServiceError):
    pass


class LimitExceededException(ServiceError):
    pass


class ObjectNotFoundException(ServiceError):
    pass


class ResourceNotFoundException(ServiceError):
    pass


class TooManyTagsException(ServiceError):
    pass
