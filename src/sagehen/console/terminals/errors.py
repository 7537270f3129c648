"""What is answered where no terminal opens."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class InvalidTicket(ServiceError):
    """The ticket is unknown, was used, is too old, or another origin's: which, it does not say."""

    status = 403


class TargetNotConnected(ServiceError):
    """The instance does not run. The code is that of StartSession (documented)."""

    status = 400


class BadRequest(ServiceError):
    """It is no JSON object of the members that it must have."""

    code = "ValidationException"
    status = 400
