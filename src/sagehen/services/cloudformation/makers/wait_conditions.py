"""Wait conditions and their handles: a URL to send signals to, and a resource that waits for them."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from sagehen.services.cloudformation.makers.contract import Job, MakerFailed
from sagehen.services.cloudformation.makers.signals import Signal, Signals
from sagehen.services.cloudformation.types.known import Known

# Documented: Timeout of AWS::CloudFormation::WaitCondition.
_LONGEST_S = 43_200


class WaitConditionHandles:
    """Makes `AWS::CloudFormation::WaitConditionHandle`: its physical id is its URL, as on AWS.

    Args:
        signals: What is sent there.
        url: What comes before a key.
    """

    def __init__(self, signals: Signals, url: str) -> None:
        self._signals = signals
        self._url = url

    def identity(self, job: Job) -> str:
        """See Maker."""
        return f"{self._url}{job.stack_id}.{job.logical_id}.{secrets.token_urlsafe(32)}"

    async def create(self, job: Job, known: Known) -> Known:
        """See Maker."""
        if known.properties:
            raise MakerFailed(f"Encountered unsupported property {min(known.properties)}")
        return replace(known, result={"Url": known.identity})

    async def change(self, job: Job, old: Known, new: Known) -> Known:
        """See Maker."""
        raise MakerFailed("Wait condition handles have no properties.")

    async def take_back(self, job: Job, old: Known, new: Known) -> Known:
        """See Maker. Nothing ever changed it."""
        return new

    async def settle(self, job: Job, known: Known) -> None:
        """See Maker."""

    async def delete(self, job: Job, known: Known) -> None:
        """See Maker."""
        await self._signals.forget(job.stack_id, job.logical_id)


class WaitConditions:
    """Makes `AWS::CloudFormation::WaitCondition`: it is made when enough signals have come.

    Args:
        is_handle: Tells whether a URL is that of a handle, of a stack's id and a logical id.
        url: What comes before a key.
    """

    def __init__(self, signals: Signals, is_handle: Callable[[str, str, str], bool], url: str) -> None:
        self._signals = signals
        self._is_handle = is_handle
        self._url = url

    def identity(self, job: Job) -> str:
        """See Maker."""
        return f"{job.stack_arn}/{job.logical_id}"

    async def create(self, job: Job, known: Known) -> Known:
        """See Maker. One without a handle waits by its CreationPolicy."""
        properties = known.properties
        if unknown := properties.keys() - {"Handle", "Timeout", "Count"}:
            raise MakerFailed(f"Encountered unsupported property {min(unknown)}")
        made = replace(known, result={"Id": known.identity, "Data": "{}"})
        if not properties:
            return made
        longest_s, count = (
            _number(properties, "Timeout", None, _LONGEST_S),
            _number(properties, "Count", 1, 1000),
        )
        stack_id, logical_id = self._place_of(str(properties.get("Handle")))
        try:
            found = await self._signals.enough(stack_id, logical_id, count=count, longest_s=longest_s)
        except TimeoutError as error:
            raise MakerFailed(
                f"WaitCondition timed out. Received {error.args[0]} conditions when expecting {count}"
            ) from None
        except MakerFailed as error:
            raise MakerFailed(f"WaitCondition {error}") from None
        return replace(made, result={"Id": known.identity, "Data": data_of(found)})

    def _place_of(self, handle: str) -> tuple[str, str]:
        stack_id, _, rest = handle.removeprefix(self._url).partition(".")
        logical_id = rest.partition(".")[0]
        if not self._is_handle(stack_id, logical_id, handle):
            raise MakerFailed("WaitCondition Handle is not the URL of a wait condition handle.")
        return stack_id, logical_id

    async def change(self, job: Job, old: Known, new: Known) -> Known:
        """See Maker. Documented: updates are not supported."""
        raise MakerFailed("Update to resource type AWS::CloudFormation::WaitCondition is not supported.")

    async def take_back(self, job: Job, old: Known, new: Known) -> Known:
        """See Maker. Nothing ever changed it."""
        return new

    async def settle(self, job: Job, known: Known) -> None:
        """See Maker."""

    async def delete(self, job: Job, known: Known) -> None:
        """See Maker."""


def data_of(signals: Mapping[str, Signal]) -> str:
    """Return the attribute Data: what each signal said, by its unique id, as JSON."""
    return json.dumps({name: one.data for name, one in signals.items()}, separators=(",", ":"))


def _number(properties: Mapping[str, Any], name: str, default: Any, most: int) -> int:
    try:
        found = int(properties.get(name, default))
    except (TypeError, ValueError):
        found = 0
    if not 1 <= found <= most:
        raise MakerFailed(f"{name} must be a number between 1 and {most}.")
    return found
