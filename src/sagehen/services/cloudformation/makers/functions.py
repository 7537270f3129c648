"""Custom resources: a function is told what to do, and says so at a URL of the platform's."""

from __future__ import annotations

import asyncio
import json
import secrets
import string
import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sagehen.api.errors import ServiceError
from sagehen.domain.access import AccessDenied
from sagehen.domain.arn import Arn
from sagehen.domain.ports.calls.operation_calls import OperationCalls
from sagehen.domain.timeouts import timeout
from sagehen.services.cloudformation.makers.answers import answer_of, as_text
from sagehen.services.cloudformation.makers.contract import Job, MakerFailed
from sagehen.services.cloudformation.makers.replies import Replies
from sagehen.services.cloudformation.types.known import Known

# Documented: ServiceTimeout's default and its most.
_LONGEST_S = 3600
_LETTERS = string.ascii_uppercase + string.digits


class CustomResources:
    """Makes `AWS::CloudFormation::CustomResource` and `Custom::*`, as who acts for the stack.

    Args:
        calls: The platform's operations.
        replies: What functions say.
        url: Where they say it: what comes before a key.
    """

    def __init__(self, calls: OperationCalls, replies: Replies, url: str) -> None:
        self._calls = calls
        self._replies = replies
        self._url = url

    def identity(self, job: Job) -> str:
        """See Maker."""
        return f"{job.stack_name}-{job.logical_id}-{''.join(secrets.choice(_LETTERS) for _ in range(12))}"

    async def create(self, job: Job, known: Known) -> Known:
        """See Maker."""
        return await self._answered(job, known, {"RequestType": "Create"})

    async def change(self, job: Job, old: Known, new: Known) -> Known:
        """See Maker. One that names another function is none of AWS's updates."""
        if old.properties.get("ServiceToken") != new.properties.get("ServiceToken"):
            raise MakerFailed("Modifying service token is not allowed.")
        more = {"PhysicalResourceId": old.identity, "OldResourceProperties": as_text(old.properties)}
        return await self._answered(job, new, {"RequestType": "Update", **more})

    async def take_back(self, job: Job, old: Known, new: Known) -> Known:
        """See Maker. As on AWS, it is one more update."""
        return await self.change(job, old, new)

    async def settle(self, job: Job, known: Known) -> None:
        """See Maker."""

    async def delete(self, job: Job, known: Known) -> None:
        """See Maker."""
        await self._answered(job, known, {"RequestType": "Delete", "PhysicalResourceId": known.identity})

    async def _answered(self, job: Job, known: Known, about: Mapping[str, Any]) -> Known:
        token, longest_s = _token_of(job, known.properties), _longest_s(known.properties)
        async with self._replies.one() as (key, reply):
            request = {
                **about,
                "ResponseURL": f"{self._url}{key}",
                "StackId": job.stack_arn,
                "RequestId": str(uuid.uuid4()),
                "ResourceType": job.type_name,
                "LogicalResourceId": job.logical_id,
                "ServiceToken": token,
                "ResourceProperties": as_text(known.properties),
            }
            await self._invoke(job, token, request)
            try:
                async with timeout(longest_s):
                    answer = answer_of(await asyncio.shield(reply), request)
            except TimeoutError:
                raise MakerFailed(
                    "CloudFormation did not receive a response from your Custom Resource. Please check your "
                    f"logs for requestId [{request['RequestId']}]."
                ) from None
        return replace(known, identity=answer["PhysicalResourceId"], result=answer)

    async def _invoke(self, job: Job, token: str, request: Mapping[str, Any]) -> None:
        payload = {"InvocationType": "Event", "Payload": json.dumps(request).encode()}
        try:
            await self._calls.call(
                job.principal, job.scope, "lambda", "Invoke", {"FunctionName": token, **payload}
            )
        except (ServiceError, AccessDenied) as error:
            code = getattr(error, "code", "AccessDenied")
            raise MakerFailed(f"{error.message} (Service: lambda, Code: {code})") from None


def _token_of(job: Job, properties: Mapping[str, Any]) -> str:
    """Return a function's ARN. MakerFailed where it is none of this region."""
    token = properties.get("ServiceToken")
    try:
        arn = Arn.parse(str(token))
    except ValueError:
        raise MakerFailed("Invalid service token.") from None
    if arn.service == "sns":
        raise MakerFailed("Custom resources by SNS topics are not implemented here.")
    if arn.service != "lambda" or arn.region != job.scope.region:
        raise MakerFailed("Invalid service token.")
    return str(token)


def _longest_s(properties: Mapping[str, Any]) -> int:
    try:
        seconds = int(properties.get("ServiceTimeout", _LONGEST_S))
    except (TypeError, ValueError):
        seconds = 0
    if not 1 <= seconds <= _LONGEST_S:
        raise MakerFailed(f"ServiceTimeout must be a number of seconds between 1 and {_LONGEST_S}.")
    return seconds
