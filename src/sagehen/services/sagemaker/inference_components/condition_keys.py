"""What a new inference component asks for: rights on itself and its endpoint, with AWS's condition keys."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.services.sagemaker.resources import arns
from sagehen.services.sagemaker.resources.condition_keys import keys_of
from sagehen.services.sagemaker.tags import rights


def of_creation(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """Yield what CreateInferenceComponent asks for.

    Documented: Service Authorization Reference, Actions for Amazon SageMaker (the key sagemaker:ModelArn).
    """
    arn = arns.resource_arn(context.scope, "inference-component", request.get("InferenceComponentName", ""))
    model = (request.get("Specification") or {}).get("ModelName")
    keys = keys_of({"ModelArn": arns.model_arn(context.scope, model) if model else None})
    yield from rights.creation("CreateInferenceComponent", arn, request, keys)
    endpoint = arns.endpoint_arn(context.scope, request.get("EndpointName", ""))
    yield Access("sagemaker:CreateInferenceComponent", endpoint, keys)
