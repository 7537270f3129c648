"""The errors of API Gateway's control plane: class name = AWS code.

Where a text says "recorded", AWS's own answer stands in public snapshot tests; "reported", users quote it
from AWS; else it is from memory.
"""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class BadRequestException(ServiceError):
    """400: what was asked for cannot be."""


class ConflictException(ServiceError):
    """409: it contradicts what is there."""


class LimitExceededException(ServiceError):
    """429: a quota, or a bound of ours, is reached."""


class NotFoundException(ServiceError):
    """404: what was named is not there, in this account and region."""


class ServiceUnavailableException(ServiceError):
    """503: too much is asked at once; clients try again."""


def no_such_api(account_id: str, api_id: str) -> NotFoundException:
    """Return the answer to an unknown API; it names the account too (recorded)."""
    return NotFoundException(f"Invalid API identifier specified {account_id}:{api_id}")


def no_such_resource() -> NotFoundException:
    """Return the answer to an unknown resource, and by some operations to an unknown API (recorded)."""
    return NotFoundException("Invalid Resource identifier specified")


def no_such_method() -> NotFoundException:
    """Return the answer to a verb that the resource has not (recorded)."""
    return NotFoundException("Invalid Method identifier specified")


def no_such_integration() -> NotFoundException:
    """Return the answer to a method without integration (reported)."""
    return NotFoundException("Invalid Integration identifier specified")


def no_such_response() -> NotFoundException:
    """Return the answer to an unknown method or integration response (from memory)."""
    return NotFoundException("Invalid Response status code specified")


def no_such_stage() -> NotFoundException:
    """Return the answer to an unknown stage (from memory)."""
    return NotFoundException("Invalid Stage identifier specified")


def no_such_deployment() -> NotFoundException:
    """Return the answer to an unknown deployment (from memory)."""
    return NotFoundException("Invalid Deployment identifier specified")


def no_such_version() -> NotFoundException:
    """Return the answer to an unknown documentation version (reported)."""
    return NotFoundException("Invalid Documentation version specified")


def no_such_api_key() -> NotFoundException:
    """Return the answer to an unknown API key (reported)."""
    return NotFoundException("Invalid API Key identifier specified")


def no_such_usage_plan() -> NotFoundException:
    """Return the answer to an unknown usage plan (from memory)."""
    return NotFoundException("Invalid Usage Plan ID specified")


def no_such_plan_key() -> NotFoundException:
    """Return the answer to a key that is not in the plan (from memory)."""
    return NotFoundException("Invalid Usage Plan Key specified")


def concurrent_change() -> ConflictException:
    """Return the answer to a change that another one overtook (reported)."""
    return ConflictException(
        "Unable to complete operation due to concurrent modification. Please try again later."
    )


def invalid_mapping(fault: str) -> BadRequestException:
    """Return AWS's answer to a parameter mapping that it does not understand."""
    return BadRequestException(
        f"Invalid mapping expression specified: Validation Result: warnings : [], errors : [{fault}]"
    )
