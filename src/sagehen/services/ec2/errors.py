"""The errors of EC2. Its codes have dots, so that a class's name is the code without them.

Source: https://docs.aws.amazon.com/ec2/latest/devguide/errors-overview.html
"""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class Ec2Error(ServiceError):
    """An error whose code depends on the kind of resource (`InvalidVpcID.NotFound`).

    Args:
        code: AWS's.
        message: AWS's wording.
        status: Of HTTP.
    """

    def __init__(self, code: str, message: str, status: int = 400) -> None:
        super().__init__(message)
        # On the instance: the class has none of its own.
        self.code, self.status = code, status  # type: ignore[misc]


class DryRunOperation(ServiceError):
    """The request would have succeeded: that is how a dry run ends."""

    status = 412

    def __init__(self) -> None:
        super().__init__("Request would have succeeded, but DryRun flag is set.")


class InvalidParameterValue(ServiceError):
    """A value that the parameter does not have."""


class InvalidParameterCombination(ServiceError):
    """Parameters that exclude one another, or that need one another."""


class InvalidParameter(ServiceError):
    """A parameter that does not belong to this request."""


class MissingParameter(ServiceError):
    """A parameter that the request must have."""

    def __init__(self, parameter: str) -> None:
        super().__init__(f"The request must contain the parameter {parameter}")


class InvalidNextToken(ServiceError):
    """The token is none of this listing's."""

    code = "InvalidNextToken"


class FilterLimitExceeded(ServiceError):
    """Too many filters, or too many values for one."""


class TagLimitExceeded(ServiceError):
    """A resource would have more than fifty tags."""


class DependencyViolation(ServiceError):
    """Something else still uses the resource."""


class OperationNotPermitted(ServiceError):
    """The resource does not take this, as it is."""


class InvalidPermissionDuplicate(ServiceError):
    """The group has this rule already."""

    code = "InvalidPermission.Duplicate"


class InvalidPermissionNotFound(ServiceError):
    """The group has no such rule."""

    code = "InvalidPermission.NotFound"


class InvalidGroupDuplicate(ServiceError):
    """The VPC has a group of that name."""

    code = "InvalidGroup.Duplicate"


class CannotDelete(ServiceError):
    """A VPC keeps its default group as long as it lives."""


class IdempotentParameterMismatch(ServiceError):
    """A client token was used before, with other parameters."""
