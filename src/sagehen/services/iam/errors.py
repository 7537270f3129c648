"""The errors of IAM and STS; each class is one code of their service models (or a common query error)."""

from __future__ import annotations

from sagehen.api.errors import ServiceError
from sagehen.domain.policies import FaultReason


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
    """The document breaks the grammar of policies; `reason` and `value` are for other services' words."""

    def __init__(self, message: str, reason: FaultReason = FaultReason.SYNTAX, value: str = "") -> None:
        super().__init__(message)
        self.reason = reason
        self.value = value


class PolicyNotAttachable(ServiceError):
    """AWS reserves this policy for its own roles."""


class UnmodifiableEntity(ServiceError):
    """The role belongs to an AWS service."""


class ValidationError(ServiceError):
    """A common query error: a parameter does not satisfy a rule."""

    status = 400


def invalid_marker(message: str) -> ValidationError:
    """Return what IAM says of a marker that it did not give out (recorded); `message` is the paginator's."""
    return ValidationError("Invalid Marker.")


class PackedPolicyTooLarge(ServiceError):
    """Session policies and tags do not fit into the session."""


class InvalidAuthorizationMessageException(ServiceError):
    """An encoded message of a refusal that nobody here can read."""


class InvalidClientTokenId(ServiceError):
    """A session token that does not count here."""

    status = 403


class InvalidParameterValue(ServiceError):
    """STS's word for session tags that cannot be."""

    status = 400


class PasswordPolicyViolation(ServiceError):
    """The password is none that the account's policy takes."""


class EntityTemporarilyUnmodifiable(ServiceError):
    """Another request is changing it."""


class InvalidUserType(ServiceError):
    """The caller is no IAM user."""


class InvalidAuthenticationCode(ServiceError):
    """The one-time passwords are not those of the device."""


class InvalidIdentityToken(ServiceError):
    """The token is none, is not signed by its issuer, or is for somebody else."""


class ExpiredTokenException(ServiceError):
    """The token's time is over."""
