"""How an endpoint's update goes on, for a picture: fleets, shares, steps. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from sagehen.domain.ports.compute.rollouts import Fleet, Rollout, Schedule
from sagehen.services.sagemaker.endpoints.deployments.rollout import share_of, stage, strategy_of
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint

# (generation, variant, phase) of an instance that runs.
Seen = tuple[int, str, str]


def progress(endpoint: Endpoint, instances: Iterable[Seen], moment: float) -> Rollout:
    """Return the fleets of an endpoint with their instances, and where its update is.

    Args:
        moment: Epoch seconds.
    """
    states: dict[tuple[int, str], Counter[str]] = {}
    for generation, variant, phase in instances:
        states.setdefault((generation, variant), Counter())[phase] += 1
    pending, live = endpoint.pending, endpoint.live
    schedule: Schedule | None = None
    wanted: Mapping[tuple[int, str], int] = {}
    if pending is not None:
        strategy = strategy_of(endpoint.deployment_config if live else {}, pending)
        now = stage(endpoint, pending, moment)
        wanted = now.counts
        schedule = Schedule(
            shares=strategy.shares,
            step=endpoint.rollout_step,
            wait_s=strategy.wait_s,
            termination_wait_s=strategy.termination_wait_s,
            until=now.until,
            deadline=now.deadline,
            rolling=strategy.rolling,
        )
    share = share_of(endpoint)
    parts = (("live", live, 1 - share), ("pending", pending, share), ("leaving", endpoint.leaving, share))
    fleets = [
        Fleet(part, one.config_name, of, _variants(one, states, wanted))
        for part, one, of in parts
        if one is not None
    ]
    known = {one.generation for _, one, _ in parts if one is not None}
    if old := {key: count for key, count in states.items() if key[0] not in known}:
        # Their deployment is no more: they answer what they were asked, and go.
        rows = [
            {
                "name": name,
                "instanceType": None,
                "weight": 0,
                "desired": 0,
                "wanted": 0,
                "states": dict(count),
            }
            for (_, name), count in sorted(old.items())
        ]
        fleets.append(Fleet("leaving", "", 0.0, rows))
    return Rollout(fleets, schedule)


def _variants(
    deployment: Deployment,
    states: Mapping[tuple[int, str], Counter[str]],
    wanted: Mapping[tuple[int, str], int],
) -> list[Mapping[str, Any]]:
    return [
        {
            "name": variant.name,
            "instanceType": variant.instance_type,
            "weight": variant.weight,
            "desired": variant.desired_count,
            "wanted": wanted.get((deployment.generation, variant.name), variant.desired_count),
            "states": dict(states.get((deployment.generation, variant.name), {})),
        }
        for variant in deployment.variants
    ]
