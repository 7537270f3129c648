"""Waiting until a resource is what a step has begun to make of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from sagehen.domain.timeouts import timeout
from sagehen.services.cloudformation.running.answers import at
from sagehen.services.cloudformation.running.calling import Actor, Calling, StepFailed, says_gone
from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.requests import filled
from sagehen.services.cloudformation.types.resource_type import ResourceType

# As long as AWS waits for most resources (from memory).
_DEADLINE_S = 3600.0
_FIRST_S, _LONGEST_S = 0.1, 2.0


async def wait_for(
    calling: Calling, actor: Actor, kind: ResourceType, wait: Mapping[str, Any], known: Known
) -> None:
    """Ask what a step's `wait` says until a value is there.

    Raises:
        StepFailed: Another one is there, or an hour has gone by.
    """
    pause = _FIRST_S
    try:
        async with timeout(_DEADLINE_S):
            while not await _is_reached(calling, actor, kind, wait, known):
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, _LONGEST_S)
    except TimeoutError:
        raise StepFailed(f"Resource did not stabilize within {_DEADLINE_S:g} s.") from None


async def _is_reached(
    calling: Calling, actor: Actor, kind: ResourceType, wait: Mapping[str, Any], known: Known
) -> bool:
    try:
        answer = await calling.call(actor, kind, wait, known)
    except StepFailed as error:
        if wait.get("gone") and says_gone(kind, error):
            return True
        raise
    if wait.get("gone"):
        return False
    found = at(answer, wait["path"])
    if found in wait.get("failed", ()):
        raise StepFailed(str(at(answer, wait.get("reason", "")) or f"Resource is in state {found}"))
    if found not in wait["until"]:
        return False
    reached = wait.get("reached")
    if reached is not None and at(answer, reached["path"]) != filled(reached["value"], known):
        raise StepFailed(str(at(answer, wait.get("reason", "")) or "The update was rolled back."))
    return True
