"""API keys and usage plans as requests meet them: who calls, how fast, how often."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal


@dataclass(frozen=True, slots=True)
class Throttle:
    """A token bucket: `rate` tokens per second flow in, `burst` fit in. None: not limited here."""

    rate: float | None = None
    burst: int | None = None


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key. `customer_id`: of AWS Marketplace; only carried along."""

    id: str
    name: str
    value: str
    enabled: bool
    customer_id: str | None


@dataclass(frozen=True, slots=True)
class Quota:
    """`limit` requests per `period`; the first period begins with `offset` of them gone."""

    limit: int
    period: Literal["DAY", "WEEK", "MONTH"]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """A usage plan as it applies to one stage.

    Args:
        throttle: For all of the key's requests under the plan.
        method_throttles: `/pets/GET` -> throttle of that method in this stage.
        created_at: The quota's offset applies to the period that this lies in.
    """

    id: str
    name: str
    throttle: Throttle
    quota: Quota | None
    method_throttles: Mapping[str, Throttle]
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyInPlan:
    """An API key that is in a usage plan of the stage."""

    key: ApiKey
    plan: UsagePlan
