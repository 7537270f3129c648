"""Lambda's errors, one class per AWS code, with AWS's wording.

ServiceError
├── LambdaError                       carries `Type`, as Lambda's shapes do
│   ├── ResourceNotFoundException     404
│   ├── ResourceConflictException     409: the name is taken, or an update is under way
│   ├── PreconditionFailedException   412: a RevisionId that is not the latest
│   ├── TooManyRequestsException      429: throttled, with Reason and retryAfterSeconds
│   ├── RequestEntityTooLargeException  413
│   └── InvalidParameterValueException, InvalidRequestContentException, … 400
└── ServiceException                  500
"""

from __future__ import annotations

from typing import Any

from sagehen.api.errors import ServiceError

_REVISION = (
    "The Revision Id provided does not match the latest Revision Id. "
    "Call the {source} API to retrieve the latest Revision Id"
)


class LambdaError(ServiceError):
    """Base of Lambda's errors: `Type` says whose fault it is.

    Args:
        untyped: Some checks of concurrency and of aliases answer without a `Type` (recorded).
    """

    def __init__(self, message: str = "", *, untyped: bool = False, **members: Any) -> None:
        super().__init__(message, **(members if untyped else {"Type": "User"} | members))


class ResourceNotFoundException(LambdaError):
    """There is no such function, version, alias, layer, policy or statement."""

    status = 404


class CodeSigningConfigNotFoundException(LambdaError):
    """There is no such code signing configuration: there is none here at all."""

    status = 404


class ResourceConflictException(LambdaError):
    """The name is taken, or an update is under way."""

    status = 409


class InvalidParameterValueException(LambdaError):
    """A value that the model allows and Lambda does not."""

    status = 400


class InvalidRequestContentException(LambdaError):
    """An event, or a client context, that is no JSON."""

    status = 400


class PreconditionFailedException(LambdaError):
    """A RevisionId that is not the latest."""

    status = 412


class PolicyLengthExceededException(LambdaError):
    """A resource policy would be longer than 20 kB."""

    status = 400


class CodeStorageExceededException(LambdaError):
    """An account's packages would be more than it may store."""

    status = 400


class ProvisionedConcurrencyConfigNotFoundException(LambdaError):
    """Nothing is provisioned on a version or alias."""

    status = 404

    def __init__(self) -> None:
        super().__init__("No Provisioned Concurrency Config found for this function")


class RequestEntityTooLargeException(LambdaError):
    """Not in the model; what AWS answers for packages and events that are too large."""

    status = 413


class TooManyRequestsException(LambdaError):
    """A throttled invocation. There is no queue for synchronous calls: they fail at once, unless the platform
    was told to let them wait (`invocations/excess.py`).

    Args:
        reason: One of the model's ThrottleReason values.
        retry_after_s: Whole seconds, also sent as the Retry-After header. Functions that have used up
            what is reserved for them are not told when to come again (recorded).
    """

    status = 429

    def __init__(self, reason: str, retry_after_s: int = 1) -> None:
        super().__init__("Rate Exceeded.", Reason=reason)
        if not reason.startswith("Reserved"):
            self.members["retryAfterSeconds"] = self.headers["Retry-After"] = str(retry_after_s)
        self.reason = reason


class RecursiveInvocationException(LambdaError):
    """A function was found in a loop with itself (the model tells when; the text is ours)."""

    status = 400

    def __init__(self) -> None:
        super().__init__("The function was invoked in a recursive loop, and the invocation was stopped.")


class EnvironmentStartException(ServiceError):
    """The environment could not be started: Lambda's ServiceException."""

    code = "ServiceException"
    status = 500
    fault = "server"

    def __init__(self, message: str) -> None:
        super().__init__(message, Type="Service")


def function_not_found(arn: str) -> ResourceNotFoundException:
    """Return what most operations answer where a function, or the version that its ARN names, is not
    there."""
    return ResourceNotFoundException(f"Function not found: {arn}")


def no_such_function() -> ResourceNotFoundException:
    """What operations on asynchronous invocations answer, whatever is missing (recorded)."""
    return ResourceNotFoundException("The function doesn't exist.")


def alias_not_found(arn: str) -> ResourceNotFoundException:
    """Return what GetAlias answers; UpdateAlias has words of its own (recorded)."""
    return ResourceNotFoundException(f"Cannot find alias arn: {arn}")


def wrong_revision(source: str = "GetFunction/GetAlias") -> PreconditionFailedException:
    """Return the refusal of an outdated RevisionId (recorded).

    Args:
        source: Which operations AWS's message recommends; it differs between functions, policies and layers.
    """
    return PreconditionFailedException(_REVISION.format(source=source))
