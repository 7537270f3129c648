"""Failures: what an exception is answered as, in the protocol of the request that met with it."""

from __future__ import annotations

import logging

from sagehen.api.errors import InternalFailure, ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.gateway.operations import dress
from sagehen.gateway.operations.table import Called
from sagehen.gateway.requests import refusals
from sagehen.gateway.requests.incoming import Incoming
from sagehen.protocol.http import HttpResponse

logger = logging.getLogger("sagehen.gateway")


def refuse(incoming: Incoming, called: Called, error: Exception) -> HttpResponse:
    """Answer a failure in the protocol of the request."""
    if isinstance(error, AccessDenied):
        error = refusals.access_denied(called.dialect, error.message)
    elif not isinstance(error, ServiceError):
        error = unforeseen(incoming, error, called.dialect)
    return dress.refused(incoming, called, error)


def unforeseen(incoming: Incoming, error: Exception, dialect: str = "") -> ServiceError:
    """Log what nobody foresaw, and return what it is answered as: no detail of it leaves the platform.

    Returns:
        InternalError, where the dialect is S3's (documented: S3's error responses); else InternalFailure
        (documented: the common errors of each API's reference) with the request's id.
    """
    logger.error(
        "request %s: %s %s failed", incoming.request_id, incoming.method, incoming.path, exc_info=error
    )
    if dialect == "s3":
        text = "We encountered an internal error. Please try again."
        return refusals.Refusal("InternalError", text, 500)
    return InternalFailure(
        "The request processing has failed because of an unknown error, exception or failure. "
        f"Request id: {incoming.request_id}"
    )


def code_of(error: Exception) -> str:
    """Return S3's code of a failure, for the access log."""
    if isinstance(error, AccessDenied):
        return "AccessDenied"
    return error.code if isinstance(error, ServiceError) else "InternalError"
