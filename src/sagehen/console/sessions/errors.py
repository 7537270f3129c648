"""What the console's sessions answer where they do not open."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class InvalidToken(ServiceError):
    """The token is unknown, was used, or is too old; which of them is nobody's business."""

    status = 403


class NotTheConsole(ServiceError):
    """The request does not come from the console's own page."""

    code = "AccessDenied"
    status = 403


class NotAllowed(ServiceError):
    """The role does not exist, or does not trust the operator."""

    code = "AccessDenied"
    status = 403


class BadRequest(ServiceError):
    """It is no JSON object of the members that it must have."""

    code = "ValidationException"
    status = 400


class TooLarge(ServiceError):
    """The body has more bytes than any of these requests."""

    code = "RequestEntityTooLarge"
    status = 413
