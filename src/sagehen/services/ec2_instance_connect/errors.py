"""The errors of EC2 Instance Connect: class name = AWS code. Sentences are from memory."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class EC2InstanceNotFoundException(ServiceError):
    """There is no such instance that runs."""


class InvalidArgsException(ServiceError):
    """The key is none, or the instance lies elsewhere."""
