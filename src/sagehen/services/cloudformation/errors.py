"""The errors of CloudFormation: class name = AWS code."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class ValidationError(ServiceError):
    """Almost everything that a client can get wrong."""

    status = 400


class TransformFailed(ValidationError):
    """A macro refuses a template. Recorded, in public issues: these words stand before its own."""

    code = "ValidationError"

    def __init__(self, macro: str, words: str) -> None:
        super().__init__(f"Transform {macro} failed with: {words}")


class AlreadyExistsException(ServiceError):
    """A stack or change set of that name is there."""

    status = 400


class ChangeSetNotFound(ServiceError):
    """There is no such change set."""

    code = "ChangeSetNotFound"
    status = 404


class InvalidChangeSetStatus(ServiceError):
    """A change set that cannot be executed or deleted now."""

    status = 400


class InsufficientCapabilitiesException(ServiceError):
    """The template makes IAM resources and nobody said that it may."""

    status = 400


class LimitExceededException(ServiceError):
    """Too many stacks."""

    status = 400
