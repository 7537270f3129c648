"""The errors of IAM and STS; each class is one code of their service models (or a common query error)."""

from __future__ import annotations

from sagehen.api.errors import ServiceError


class NoSuchEntity(ServiceError):
    """What was named does not exist."""


class EntityAlreadyExists(ServiceError):
    """The name is taken (names are compared without case)."""


class DeleteConflict(ServiceError):
    """Something still hangs on what was to be deleted."""


class LimitExceeded(ServiceError):
    """An account quota would be exceeded."""


class InvalidInput(ServiceError):
    """A parameter's value cannot be used."""


class MalformedPolicyDocument(ServiceError):
    """The document breaks the grammar of policies."""


class PolicyNotAttachable(ServiceError):
    """AWS reserves this policy for its own roles."""


class UnmodifiableEntity(ServiceError):
    """The role belongs to an AWS service."""


class ValidationError(ServiceError):
    """A common query error: a parameter does not satisfy a rule."""

    status = 400


class PackedPolicyTooLarge(ServiceError):
    """Session policies and tags do not fit into the session."""
