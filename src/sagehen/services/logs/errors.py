"""The errors of CloudWatch Logs: class name = AWS code."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class InvalidParameterException(ServiceError):
    """A member that the service refuses, and what the model does not let through."""


class LimitExceededException(ServiceError):
    """A group has as many filters as it may."""


class MalformedQueryException(ServiceError):
    """A query that is not well-formed."""


class ResourceAlreadyExistsException(ServiceError):
    """A group or stream of that name is there."""


class ResourceNotFoundException(ServiceError):
    """A group, stream or filter is not there."""


class ServiceUnavailableException(ServiceError):
    """There is no turn for it now."""

    fault = "server"


class TooManyTagsException(ServiceError):
    """More than 50 tags."""


class ValidationException(ServiceError):
    """Members that exclude one another, and what deletion protection holds back."""


def no_such_group() -> ResourceNotFoundException:
    """Return the error for a group that is not there (recorded)."""
    return ResourceNotFoundException("The specified log group does not exist.")


def no_such_stream() -> ResourceNotFoundException:
    """Return the error for a stream that is not there (recorded)."""
    return ResourceNotFoundException("The specified log stream does not exist.")
