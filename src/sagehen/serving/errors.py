"""Why an invocation got no answer from a model.

InvocationFailed
├── EndpointGone        the endpoint is being deleted
├── NoSuchVariant       Target-Variant names none of the endpoint's
├── Throttled           a serverless variant has as many requests under way as it may
├── NotReady            no environment of a serverless variant, or none of several models, came up in time
├── NoHealthyReplica    the variant has no instance that could be asked
├── Overloaded          every instance is busy and the queue is full: failed at once
├── InvocationTimeout   no whole answer in time
├── ReplicaLost         the instance broke off, and the one resend was spent or impossible
├── ModelUnavailable    a multi-model endpoint's model cannot be brought to an instance
├── ModelNotLoaded      its container cannot load it
├── NoSuchContainer     the instance has several, and none of the name that is asked for
├── NotMultiModel       a model was named, and the variant serves one alone
├── SessionLost         the session is not open, or its instance is gone
├── SessionElsewhere    the session is another variant's than the one that was asked for
├── SessionRefused      the container opened or closed a session in a way that cannot be followed
└── TooManySessions     the endpoint can remember no more
"""

from __future__ import annotations


class InvocationFailed(Exception):
    """See the module's text. `variant` is '' where none was chosen."""

    def __init__(self, message: str, variant: str = "") -> None:
        super().__init__(message)
        self.variant = variant


class EndpointGone(InvocationFailed):
    """It is being deleted: as if it were not there."""


class NoSuchVariant(InvocationFailed):
    """TargetVariant names none of the endpoint's; the message is that name."""


class Throttled(InvocationFailed):
    """MaxConcurrency is used up: told at once."""


class NotReady(InvocationFailed):
    """What the request waited for is still being brought up."""


class NoHealthyReplica(InvocationFailed):
    """There is no instance to wait for, or no variant with a weight."""


class Overloaded(InvocationFailed):
    """All slots are taken and the queue is full: told at once, in microseconds."""


class InvocationTimeout(InvocationFailed):
    """No slot came free, or no whole answer came, before `ServingLimits.timeout_s` was over."""


class ReplicaLost(InvocationFailed):
    """An instance ended while it held the request, and it has been sent twice or may not be."""


class ModelUnavailable(InvocationFailed):
    """What was asked for is no model, or may not be read; the message is the caller's."""


class ModelNotLoaded(InvocationFailed):
    """The container answered a load with an error, which are `status` and the message."""

    def __init__(self, status: int, message: str, variant: str = "") -> None:
        super().__init__(message, variant)
        self.status = status


class NoSuchContainer(InvocationFailed):
    """The message is the name."""


class NotMultiModel(InvocationFailed):
    """A request for one of several models came to a variant of one."""


class SessionLost(InvocationFailed):
    """The session is not open, or the one instance that holds it is gone."""


class SessionElsewhere(InvocationFailed):
    """TargetVariant names another variant than the session's, which is `variant`."""


class SessionRefused(InvocationFailed):
    """The container opened or closed a session in a way that cannot be followed; the message says how."""


class TooManySessions(InvocationFailed):
    """The endpoint has `modelserver.sessions.table.MOST_SESSIONS` open."""
