"""The error tree.

Exception
├── ServiceError            an AWS error: class name = code; one subclass per code in each
│   │                       service's errors.py
│   ├── ValidationException shared by every JSON service
│   ├── NotImplementedOperation   501: the operation is not declared, or a part of it is not built
│   ├── ClientDeparted      nobody waits for the answer any more
│   └── InternalFailure     anything unforeseen
└── domain.access.AccessDenied    refused by IAM; the front door picks code and status
"""

from __future__ import annotations

from typing import Any, ClassVar


class ServiceError(Exception):
    """An error that a client sees.

    Args:
        message: AWS's wording.
        members: Further members of the error's shape in the service model (`retryAfterSeconds`).

    Attributes:
        code: The AWS error code; the class's own name unless set.
        status: HTTP status; None means the model's, or 400 for the client's fault and 500 for ours.
        fault: Whose fault it is: `client` (Sender) or `server` (Receiver).
        headers: Response headers that go with it (S3's x-amz-delete-marker on a 404).
    """

    code: ClassVar[str] = ""
    status: ClassVar[int | None] = None
    fault: ClassVar[str] = "client"

    def __init_subclass__(cls) -> None:
        if "code" not in cls.__dict__:
            cls.code = cls.__name__

    def __init__(self, message: str = "", **members: Any) -> None:
        super().__init__(message)
        self.message = message
        self.members = members
        self.headers: dict[str, str] = {}


class ValidationException(ServiceError):
    """Input that does not satisfy the model or a rule, in the JSON services."""

    status = 400


class NotImplementedOperation(ServiceError):
    """What Sagehen does not do it says, instead of pretending. The code is AWS's `NotImplemented`."""

    code = "NotImplemented"
    status = 501
    fault = "server"


class ClientDeparted(ServiceError):
    """Whoever waited is gone: this reaches logs alone. The status is nginx's for it.

    Args:
        message: What was waited for.
    """

    status = 499


class InternalFailure(ServiceError):
    """The unforeseen. The client gets a request id; the traceback goes to the platform's log only."""

    status = 500
    fault = "server"
