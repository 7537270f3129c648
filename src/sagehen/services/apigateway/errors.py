"""The errors of API Gateway's control plane: class name = AWS code."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class BadRequestException(ServiceError):
    pass


class ConflictException(ServiceError):
    pass


class LimitExceededException(ServiceError):
    pass


class NotFoundException(ServiceError):
    pass


class ServiceUnavailableException(ServiceError):
    pass


def no_such_api(account_id: str, api_id: str) -> NotFoundException:
    return NotFoundException(f"Invalid API identifier specified {account_id}:{api_id}")


def no_such_resource() -> NotFoundException:
    return NotFoundException("Invalid Resource identifier specified")


def no_such_method() -> NotFoundException:
    return NotFoundException("Invalid Method identifier specified")


def no_such_integration() -> NotFoundException:
    return NotFoundException("Invalid Integration identifier specified")


def no_such_response() -> NotFoundException:
    return NotFoundException("Invalid Response status code specified")


def no_such_stage() -> NotFoundException:
    return NotFoundException("Invalid Stage identifier specified")


def no_such_deployment() -> NotFoundException:
    return NotFoundException("Invalid Deployment identifier specified")


def no_such_version() -> NotFoundException:
    return NotFoundException("Invalid Documentation version specified")


def no_such_api_key() -> NotFoundException:
    return NotFoundException("Invalid API Key identifier specified")


def no_such_usage_plan() -> NotFoundException:
    return NotFoundException("Invalid Usage Plan ID specified")


def no_such_plan_key() -> NotFoundException:
    return NotFoundException("Invalid Usage Plan Key specified")


def concurrent_change() -> ConflictException:
    return ConflictException(
        "Unable to complete operation due to concurrent modification. Please try again later."
    )


def invalid_mapping(fault: str) -> BadRequestException:
    """Return AWS's answer to a parameter mapping that it does not understand."""
    return BadRequestException(
        f"Invalid mapping expression specified: Validation Result: warnings : [], errors : [{fault}]"
    )
