"""Why an invocation got no answer from a model.

InvocationFailed
├── EndpointGone        the endpoint is being deleted
├── NoSuchVariant       Target-Variant names none of the endpoint's
├── NoHealthyReplica    the variant has no instance that could be asked
├── Overloaded          every instance is busy and the queue is full: failed at once
├── InvocationTimeout   no whole answer in time
├── ReplicaLost         the instance broke off, and the one resend was spent or impossible
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


class EndpointGone(InvocationFailed): ...


class NoSuchVariant(InvocationFailed): ...


class NoHealthyReplica(InvocationFailed): ...


class Overloaded(InvocationFailed): ...


class InvocationTimeout(InvocationFailed): ...


class ReplicaLost(InvocationFailed): ...


class SessionLost(InvocationFailed): ...


class SessionElsewhere(InvocationFailed): ...


class SessionRefused(InvocationFailed): ...


class TooManySessions(InvocationFailed): ...
