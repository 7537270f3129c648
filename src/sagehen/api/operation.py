"""The one obvious place to add an operation: a decorated method in the file of its resource.

    class TrainingJobs:
        @operation("StopTrainingJob", access=on("training-job/{TrainingJobName}"))
        async def stop_training_job(self, context, request): ...

`request` and the returned dict use the member names of botocore's service model, with Python
values: str, int, float, bool, bytes, aware datetime, list, dict; a streaming input member is a
`BodyStream`, a streaming output member a `ResponseBody`. None values and absent keys are the
same in both directions. Return a `Reply` to choose status or headers that the model leaves open.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sagehen.api.context import RequestContext
from sagehen.domain.access import Access

Request = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """A result with the freedoms that the model leaves: status (S3's 206, 304) and extra headers.

    Args:
        body: Is sent instead of the written result, with the Content-Type that the headers name: a picture.
        is_large: It takes some ms to write: that is done in a thread.
    """

    result: Mapping[str, Any] = field(default_factory=dict)
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    is_large: bool = False


Handler = Callable[[RequestContext, Request], Awaitable["Mapping[str, Any] | Reply | None"]]
# Called with (resource object, context, request); what it returns must all be allowed.
AccessRule = Callable[[Any, RequestContext, Request], Iterable[Access]]

_MARK = "__sagehen_operation__"
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class _Declaration:
    name: str
    access: AccessRule | None
    anonymous: bool


def operation(name: str, *, access: AccessRule | None = None, anonymous: bool = False) -> Callable[[F], F]:
    """Declare a method as the implementation of an AWS operation.

    Args:
        name: The operation's name in botocore's model (`CreateTrainingJob`).
        access: Returns what must be allowed; by default the action `<prefix>:<name>` on `*`.
            It may read stored state, but must not change any. `on(...)` makes the usual ones.
            Raise a ServiceError only where AWS itself answers it to callers without rights.
        anonymous: Unsigned requests reach authorization too (S3, a few of STS); elsewhere they
            are refused before.
    """

    def mark(function: F) -> F:
        setattr(function, _MARK, _Declaration(name, access, anonymous))
        return function

    return mark


def on(resource: str, *, action: str | None = None, lower: bool = False) -> AccessRule:
    """Make an access rule for one resource named by members of the input.

    Args:
        resource: The resource part of the ARN with `{Member}` holes, such as
            `training-job/{TrainingJobName}`; a full ARN when it begins with `arn:`.
        action: The IAM action's name without prefix where it is not the operation's own.
        lower: Lower-case the filled holes: SageMaker's ARNs carry names lower-cased.
    """

    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        values = {key: value for key, value in request.items() if isinstance(value, str)}
        if lower:
            values = {key: value.lower() for key, value in values.items()}
        filled = resource.format_map(_Holes(values))
        prefix = SERVICE_PREFIXES.get(context.service, context.service)
        arn = filled if filled.startswith("arn:") else context.scope.arn(prefix, filled)
        yield Access(f"{prefix}:{action or context.operation}", arn)

    return rule


class _Holes(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return "*"


# botocore's service name -> IAM prefix, where they differ.
SERVICE_PREFIXES = {
    "sagemaker-runtime": "sagemaker",
    "sagemaker-metrics": "sagemaker",
    "application-autoscaling": "application-autoscaling",
}


@dataclass(frozen=True, slots=True)
class BoundOperation:
    """A declared operation with the object that implements it."""

    service: str
    name: str
    handler: Handler
    anonymous: bool
    _access: AccessRule | None
    _owner: Any

    def accesses(self, context: RequestContext, request: Request) -> Sequence[Access]:
        """Return everything that must be allowed before the handler runs."""
        if self._access is None:
            prefix = SERVICE_PREFIXES.get(self.service, self.service)
            return (Access(f"{prefix}:{self.name}"),)
        return tuple(self._access(self._owner, context, request))


@dataclass(frozen=True, slots=True)
class Service:
    """One AWS service as the front door sees it.

    Args:
        name: botocore's name (`s3`, `sagemaker-runtime`).
        resources: The objects whose decorated methods implement operations.
    """

    name: str
    resources: tuple[object, ...]

    def operations(self) -> Iterator[BoundOperation]:
        """Yield what its resources declare, in order of resources and then of methods' names."""
        for resource in self.resources:
            for attribute in dir(type(resource)):
                declared = getattr(getattr(type(resource), attribute), _MARK, None)
                if isinstance(declared, _Declaration):
                    yield BoundOperation(
                        service=self.name,
                        name=declared.name,
                        handler=getattr(resource, attribute),
                        anonymous=declared.anonymous,
                        _access=declared.access,
                        _owner=resource,
                    )
