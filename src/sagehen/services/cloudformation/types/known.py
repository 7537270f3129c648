"""Known: what requests of a resource are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


class _Absent:
    """The value of a member that is left out."""


ABSENT = _Absent()


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to fill in.

    Args:
        properties: Evaluated.
        identity: The physical id, once there is one.
        result: What the first step of its creation answered.
        each: The element that a step is called for.
        places: `region` and `account`.
    """

    properties: Mapping[str, Any]
    identity: str | None = None
    result: Mapping[str, Any] = field(default_factory=dict)
    each: Any = None
    places: Mapping[str, str] = field(default_factory=dict)
