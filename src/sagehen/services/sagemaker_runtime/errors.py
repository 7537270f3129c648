"""Errors of the SageMaker runtime.

ServiceError
├── ValidationError           400
├── ModelError                424, the container answered with an error, or not at all
├── ModelStreamError          in mid-stream: the container broke off or took too long
├── ModelNotReadyException    429, what is asked for is still being brought up
├── ThrottlingException       429, a serverless endpoint has as many requests under way as it may
├── ServiceUnavailable        503, no instance can take the request now
└── InternalFailure           500 (api.errors)
"""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class ValidationError(ServiceError):
    """The request is at fault: no such endpoint, variant or session, or a body too long."""

    status = 400


class ModelError(ServiceError):
    """The container answered with an error, not in time, or not at all."""

    status = 424


class ModelStreamError(ServiceError):
    """An event of the stream: the container broke off, or streamed for more than eight minutes."""

    status = 400


class ModelNotReadyException(ServiceError):
    """A serverless endpoint's resources, or one of several models, are still being brought up."""

    status = 429


class ThrottlingException(ServiceError):
    """More requests at once than a serverless endpoint may have; SDKs try it again."""

    status = 429


class ServiceUnavailable(ServiceError):
    """No instance can take the request now; SDKs try it again."""

    status = 503
    fault = "server"
