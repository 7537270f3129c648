"""Errors about requests, whatever they are about."""

from __future__ import annotations

from typing import Any

from sagehen.api.errors import ServiceError


class AccessDenied(ServiceError):
    """What S3 itself refuses, in its own words; what IAM refuses is `domain.access.AccessDenied`."""

    status = 403

    def __init__(self, message: str = "Access Denied") -> None:
        super().__init__(message)


class InvalidArgument(ServiceError):
    """An argument that S3 does not take. A `value` of None: S3 names the argument alone (recorded)."""

    status = 400

    def __init__(self, message: str, name: str, value: Any) -> None:
        super().__init__(message, ArgumentName=name, ArgumentValue=None if value is None else str(value))


class InvalidRequest(ServiceError):
    """Members that exist, and do not go together or not with what is stored."""

    status = 400


class MalformedXML(ServiceError):
    """Also for documents that parse, and break the schema; AWS does not say where."""

    status = 400

    def __init__(self) -> None:
        super().__init__(
            "The XML you provided was not well-formed or did not validate against our published schema"
        )


class BadRequest(ServiceError):
    """Too many tags: 10 of an object, 50 of a bucket (from memory)."""

    status = 400


class MethodNotAllowed(ServiceError):
    """The method on a delete marker, which has neither bytes nor tags nor an ACL (recorded)."""

    status = 405

    def __init__(self, method: str, resource_type: str) -> None:
        super().__init__(
            "The specified method is not allowed against this resource.",
            Method=method,
            ResourceType=resource_type,
        )
