"""Answers of operations: what stands in one, what of it is kept. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sagehen.services.cloudformation.types.known import Known
from sagehen.services.cloudformation.types.resource_type import ResourceType, Step

# Of an answer that is kept: a few attributes are read of it.
_MOST_KEPT = 32_768


def at(answer: Any, path: str) -> Any:
    """Return what stands at a path of an answer, or None; numbers are places in lists."""
    for part in path.split(".") if path else ():
        if isinstance(answer, list):
            answer = answer[int(part)] if int(part) < len(answer) else None
        else:
            answer = answer.get(part) if isinstance(answer, Mapping) else None
    return answer if path else None


def kept(answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of an answer is kept, as JSON can hold it."""
    found: dict[str, Any] = {}
    for name, value in answer.items():
        text = json.dumps(value, default=str)
        if len(text) <= _MOST_KEPT:
            found[name] = json.loads(text)
    return found


def fleeting(kind: ResourceType) -> frozenset[str]:
    """Return the names of what only the calls behind a step may know."""
    return frozenset(name for step in kind.create for name in step.get("fleeting", ()))


def without_fleeting(kind: ResourceType, known: Known) -> Known:
    """Return what is known of a resource without what only the calls that make it may know."""
    doomed = fleeting(kind)
    if not doomed & known.result.keys():
        return known
    return replace(known, result={name: one for name, one in known.result.items() if name not in doomed})


def to_keep(step: Step, answer: Mapping[str, Any]) -> dict[str, Any]:
    """Return what of a step's answer stands beside what the first one answered."""
    if "keep" not in step:
        return {}
    found = {step["keep"]: (at(answer, step["at"]) if "at" in step else answer) or {}}
    return found if step["keep"] in step.get("fleeting", ()) else kept(found)
