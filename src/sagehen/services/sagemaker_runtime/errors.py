"""Errors of the SageMaker runtime.

ServiceError
├── ValidationError           400
├── ModelError                424, the container answered with an error, or not at all
├── ModelStreamError          in mid-stream: the container broke off or took too long
├── ServiceUnavailable        503, no instance can take the request now
└── InternalFailure           500 (api.errors)
"""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class ValidationError(ServiceError):
    status = 400


class ModelError(ServiceError):
    status = 424


class ModelStreamError(ServiceError):
    status = 400


class ServiceUnavailable(ServiceError):
    status = 503
    fault = "server"
