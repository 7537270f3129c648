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
# Documented: Lambda tries an event again after 1 and after 2 minutes.
_RETRIES_S = (60.0, 120.0, 0.0)
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
        self._invoking: set[asyncio.Task[None]] = set()

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
            invoking = asyncio.create_task(self._invoke(job, token, request))
            self._invoking.add(invoking)  # a function may have something to do after its answer
            invoking.add_done_callback(self._ended)
            try:
                async with timeout(longest_s):
                    await asyncio.wait((invoking, reply), return_when=asyncio.FIRST_COMPLETED)
                    if not reply.done():
                        invoking.result()
                    answer = answer_of(await asyncio.shield(reply), request)
            except TimeoutError:
                raise MakerFailed(
                    "CloudFormation did not receive a response from your Custom Resource. Please check your "
                    f"logs for requestId [{request['RequestId']}]."
                ) from None
        return replace(known, identity=answer["PhysicalResourceId"], result=answer)

    async def _invoke(self, job: Job, token: str, request: Mapping[str, Any]) -> None:
        """Invoke a function as Lambda does of an event, but by no queue that outlives the platform.

        After a restart all is asked anew: what was asked before must not come after it.
        """
        wanted = {"FunctionName": token, "Payload": json.dumps(request).encode()}
        for pause_s in _RETRIES_S:
            try:
                answer = await self._calls.call(job.principal, job.scope, "lambda", "Invoke", wanted)
                if not answer.get("FunctionError"):
                    return
            except (ServiceError, AccessDenied) as error:
                code = getattr(error, "code", "AccessDenied")
                if code != "TooManyRequestsException":
                    raise MakerFailed(f"{error.message} (Service: lambda, Code: {code})") from None
            await asyncio.sleep(pause_s)

    async def end_all(self) -> None:
        """End what is asked; whoever waited has ended, or asks anew after a restart."""
        invoking = list(self._invoking)
        for one in invoking:
            one.cancel()
        await asyncio.gather(*invoking, return_exceptions=True)

    def _ended(self, invoking: asyncio.Task[None]) -> None:
        self._invoking.discard(invoking)
        if not invoking.cancelled():
            invoking.exception()  # who waited for it was told


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
