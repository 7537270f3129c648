"""InvokeEndpointAsync."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, on, operation
from sagehen.domain.ids import Ids
from sagehen.services.sagemaker_runtime.asynchronous.queue import AsyncQueue
from sagehen.services.sagemaker_runtime.asynchronous.request import (
    MOST_INLINE_BYTES,
    EndpointKey,
    accepted,
)
from sagehen.services.sagemaker_runtime.bodies import whole_body
from sagehen.services.sagemaker_runtime.errors import ValidationError
from sagehen.services.sagemaker_runtime.failures import not_found
from sagehen.serving.directory import EndpointDirectory

# Members that become headers of the request to the container.
_FORWARDED = {
    "ContentType": "content-type",
    "Accept": "accept",
    "CustomAttributes": "x-amzn-sagemaker-custom-attributes",
}


class AsyncInvocations:
    """The operation on an asynchronous endpoint.

    Args:
        directory: Where endpoints are found.
        queue: Takes what is accepted.
    """

    def __init__(self, directory: EndpointDirectory, queue: AsyncQueue, ids: Ids) -> None:
        self._directory = directory
        self._queue = queue
        self._ids = ids

    @operation("InvokeEndpointAsync", access=on("endpoint/{EndpointName}", lower=True))
    async def invoke_endpoint_async(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        """Queue a request; its answer, or its error, will be an object in S3.

        Raises:
            ValidationError: No such endpoint, or not an asynchronous one; no input, two, or one that is no S3
                URI.
            ServiceUnavailable: The queue is full.
        """
        name = request["EndpointName"]
        endpoint = self._directory.find(context.scope, name)
        if endpoint is None or endpoint.router is None:
            raise not_found(context, name)
        settings = endpoint.asynchronous
        if settings is None:  # the words are ours
            raise ValidationError(
                f"Endpoint {name} of account {context.scope.account_id} is not asynchronous. "
                "Use InvokeEndpoint."
            )
        body = await whole_body(request.get("Body"), MOST_INLINE_BYTES)
        if bool(body) == bool(request.get("InputLocation")):  # documented: Body's model
            raise ValidationError("Provide exactly one of Body and InputLocation.")
        headers = {header: value for member, header in _FORWARDED.items() if (value := request.get(member))}
        role_arn = next((v.role_arn for v in endpoint.router.variants.values()), "")
        kept = accepted(request, settings, role_arn, headers, self._ids.uuid())
        key = EndpointKey(context.scope, endpoint.name, endpoint.created_at)
        await self._queue.accept(key, kept, body or None)
        answer = {
            "InferenceId": kept.inference_id,
            "OutputLocation": "s3://{}/{}".format(*kept.output),
        }
        if kept.failure is not None:
            answer["FailureLocation"] = "s3://{}/{}".format(*kept.failure)
        return answer
