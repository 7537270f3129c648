"""How an endpoint's update goes on: what DescribeEndpoint does not tell of its fleets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from sagehen.api.errors import ServiceError, ValidationException
from sagehen.console.documents.asking import Ask
from sagehen.console.documents.times import iso
from sagehen.domain.ports.compute.rollouts import Rollouts, Schedule


class NoSuchEndpoint(ServiceError):
    """There is none of that name."""

    status = 404


async def rollout(rollouts: Rollouts, ask: Ask, query: Mapping[str, str]) -> Mapping[str, Any]:
    """Return the fleets of `?endpoint=NAME`, for whom DescribeEndpoint is allowed on it.

    Raises:
        ValidationException: None is named.
        AccessDenied, NoSuchEndpoint
        ServiceError: DescribeEndpoint's own.
    """
    name = query.get("endpoint")
    if not name:
        raise ValidationException("Name an endpoint: ?endpoint=NAME")
    described = await ask.call("sagemaker", "DescribeEndpoint", {"EndpointName": name})
    found = rollouts.rollout(ask.scope, str(described["EndpointName"]))
    if found is None:
        raise NoSuchEndpoint(f"Could not find endpoint {name}.")
    return {
        "now": iso(ask.now),
        "fleets": [asdict(fleet) for fleet in found.fleets],
        "schedule": None if found.schedule is None else _schedule(found.schedule),
    }


def _schedule(schedule: Schedule) -> Mapping[str, Any]:
    return {
        "shares": list(schedule.shares),
        "step": schedule.step,
        "waitSeconds": schedule.wait_s,
        "terminationWaitSeconds": schedule.termination_wait_s,
        "until": _at(schedule.until),
        "deadline": _at(schedule.deadline),
        "rolling": schedule.rolling,
    }


def _at(moment: float | None) -> str | None:
    return None if moment is None else iso(datetime.fromtimestamp(moment, UTC))
