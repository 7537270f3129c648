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
    """A token that no listing here gave out."""


class LimitExceededException(ServiceError):
    """A quota of the User Guide is used up."""


class ObjectNotFoundException(ServiceError):
    """No such target, policy or scheduled action."""


class ResourceNotFoundException(ServiceError):
    """An ARN that is no scalable target's; of the operations on tags."""


class TooManyTagsException(ServiceError):
    """More than 50 tags."""
