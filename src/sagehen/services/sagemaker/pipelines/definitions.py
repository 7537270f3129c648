"""Definitions as requests bring them: as text, or as an object in S3 that the caller may read.

Words of refusals are ours where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ParamSpec, TypeVar

from sagehen.api.bounded.budget import BudgetSpent, in_budget
from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.domain.ports.calls.request_models import RequestModels
from sagehen.domain.ports.storage.objects import NoSuchObject, Objects
from sagehen.services.sagemaker.pipelines.definition import document
from sagehen.services.sagemaker.pipelines.definition.document import Definition
from sagehen.services.sagemaker.pipelines.definition.expressions import function_of
from sagehen.services.sagemaker.pipelines.definition.refusals import Invalid
from sagehen.services.sagemaker.pipelines.definition.step import Step
from sagehen.services.sagemaker.pipelines.definition.step_types import TYPES

P = ParamSpec("P")
T = TypeVar("T")

# Documented: the shape PipelineDefinition, which DescribePipeline has to answer with.
_MOST_BYTES = 1 << 20
# What pipelines themselves say of what they make.
_OURS = {"CreateModelPackage": ("ModelPackageName", "ClientToken")}


class Definitions:
    """Reads them.

    Attributes:
        models: Set by `app` once the front door exists.
    """

    def __init__(self, objects: Objects) -> None:
        self.models: RequestModels | None = None
        self._objects = objects

    async def text(self, context: RequestContext, request: Mapping[str, Any]) -> str | None:
        """Return the text of a request's definition; None where it has none.

        Raises:
            ValidationException: It has two, or what is in S3 cannot be had.
        """
        given, location = request.get("PipelineDefinition"), request.get("PipelineDefinitionS3Location")
        if given is not None and location is not None:
            raise ValidationException(
                "Only one of PipelineDefinition and PipelineDefinitionS3Location can be specified."
            )
        if location is None:
            return None if given is None else str(given)
        return await self._object(context, location)

    async def read(self, text: str) -> Definition:
        """Read a definition that was judged.

        Raises:
            Invalid, NotImplementedOperation: See `document.parse`.
        """
        return await _in_budget(document.parse, text)

    async def judge(self, text: str) -> None:
        """Judge a definition: its form, and whether steps' operations have the arguments that they are given.

        Raises:
            Invalid, NotImplementedOperation: See `document.parse`.
        """
        made = await self.read(text)
        if self.models is not None:
            await _in_budget(_require_all, self.models, made)

    async def _object(self, context: RequestContext, location: Mapping[str, str]) -> str:
        bucket, object_key = location["Bucket"], location["ObjectKey"]
        uri = f"s3://{bucket}/{object_key}"
        try:
            summary, pieces = await self._objects.read(
                context.principal, bucket, object_key, location.get("VersionId")
            )
            if summary.size > _MOST_BYTES:
                raise ValidationException(
                    f"The pipeline definition {uri} is larger than {_MOST_BYTES} bytes."
                )
            return b"".join([piece async for piece in pieces]).decode()
        except (NoSuchObject, AccessDenied, UnicodeDecodeError) as error:
            raise ValidationException(f"Failed to read the pipeline definition {uri}: {error}") from None


async def _in_budget(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return await in_budget(work, *args, **kwargs)
    except BudgetSpent:
        raise Invalid("It takes too long to read.") from None


def _require_all(models: RequestModels, made: Definition) -> None:
    for step in made.steps.values():
        if (kind := TYPES.get(step.kind)) is not None:
            _require_arguments(models, kind.create, step)


def _require_arguments(models: RequestModels, operation: str, step: Step) -> None:
    """Refuse arguments that no request could have: they would be dropped when it is made."""
    for member in _OURS.get(operation, ()):
        if member in step.arguments:
            raise Invalid(f"Unknown Argument member '{member}'.")
    fault = models.fault("sagemaker", operation, step.arguments, lambda value: function_of(value) is not None)
    if fault is None:
        return
    if len(fault) == 1:  # recorded: aws/sagemaker-python-sdk pull 3472
        raise Invalid(f"Unknown Argument member '{fault[0]}'.")
    shape, value, *values = fault
    # Recorded in a public repository, of ProcessingS3InputMode.
    raise Invalid(
        f"Model Validation failed: Value '{value}' for '{shape}' failed to satisfy enum value set: "
        f"[{', '.join(values)}]"
    )
