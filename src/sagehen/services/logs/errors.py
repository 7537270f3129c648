"""The errors of CloudWatch Logs: class name = AWS code."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class InvalidParameterException(ServiceError):
    pass


class LimitExceededException(ServiceError):
    pass


class OperationAbortedException(ServiceError):
    pass


class ResourceAlreadyExistsException(ServiceError):
    pass


class ResourceNotFoundException(ServiceError):
    pass


class TooManyTagsException(ServiceError):
    pass


class ValidationException(ServiceError):
    pass


def no_such_group() -> ResourceNotFoundException:
    return ResourceNotFoundException("The specified log group does not exist.")


def no_such_stream() -> ResourceNotFoundException:
    return ResourceNotFoundException("The specified log stream does not exist.")
