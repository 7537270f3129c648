"""Reading: whether a resource is there, and what it is, by the reads of its type's table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sagehen.services.cloudformation.running.answers import at, kept
from sagehen.services.cloudformation.running.calling import Actor, StepFailed, says_gone
from sagehen.services.cloudformation.running.steps import Steps
from sagehen.services.cloudformation.types.known import ABSENT, Known
from sagehen.services.cloudformation.types.requests import filled
from sagehen.services.cloudformation.types.resource_type import ResourceType, Step


async def there(steps: Steps, actor: Actor, kind: ResourceType, known: Known) -> Known | None:
    """Return what is known of a resource that is there, as if it had just been made, or None.

    Args:
        known: With its physical id.

    Raises:
        StepFailed: It cannot be read.
    """
    found = await answered(steps, actor, kind, kind.read[0], known)
    return replace(known, result=kept(found)) if found is not None else None


async def answered(
    steps: Steps, actor: Actor, kind: ResourceType, step: Step, known: Known
) -> Mapping[str, Any] | None:
    """Return what a read answers of a resource; None where it says that there is none.

    Raises:
        StepFailed
    """
    answer: Mapping[str, Any] | None
    try:
        answer = await steps.call(actor, kind, step, known)
    except StepFailed as error:
        if says_gone(kind, error) or error.code in step.get("gone", ()):
            return None
        raise
    if "among" in step:
        every = at(answer, step["among"]) or []
        wanted = {name: filled(value, known) for name, value in (step.get("is") or {}).items()}
        answer = next((one for one in every if all(one.get(n) == v for n, v in wanted.items())), None)
    if answer is None:
        return None
    return {step["as"]: answer} if "as" in step else answer


def identity_of(kind: ResourceType, properties: Mapping[str, Any], places: Mapping[str, str]) -> str | None:
    """Return the physical id that a resource of these properties has where it exists already, or None."""
    value = filled(kind.import_identity, Known(properties, places=places)) if kind.imported_by else ABSENT
    return None if value is ABSENT else str(value)
