"""Deployment policies as tables: what a policy means, what is refused, and what is wanted at each moment."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.endpoints.deployments.rollout import share_of, stage, strategy_of
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant

NOW = datetime(2026, 1, 1, tzinfo=UTC)
START = NOW.timestamp()


def deployment(generation: int, *counts: int) -> Deployment:
    variants = (EndpointVariant("ab"[n], "m", "t", count, 1.0, "i", "r") for n, count in enumerate(counts))
    return Deployment(generation, "c", START, tuple(variants))


def size(kind: str, value: int) -> dict[str, Any]:
    return {"Type": {"n": "INSTANCE_COUNT", "%": "CAPACITY_PERCENT"}[kind], "Value": value}


def blue_green(kind: str, wait_s: int = 0, end_wait_s: int = 0, limit_s: int = 0, **sizes: Any) -> Any:
    routing = {"Type": kind, "WaitIntervalInSeconds": wait_s, **sizes}
    policy = {"TrafficRoutingConfiguration": routing, "TerminationWaitInSeconds": end_wait_s}
    limit = {"MaximumExecutionTimeoutInSeconds": limit_s} if limit_s else {}
    return {"BlueGreenUpdatePolicy": policy | limit}


def rolling(batch: Any, wait_s: int = 0, **more: Any) -> Any:
    return {"RollingUpdatePolicy": {"MaximumBatchSize": batch, "WaitIntervalInSeconds": wait_s, **more}}


def canary(batch: Any, **more: Any) -> Any:
    return blue_green("CANARY", CanarySize=batch, **more)


def linear(step: Any, **more: Any) -> Any:
    return blue_green("LINEAR", LinearStepSize=step, **more)


@pytest.mark.parametrize(
    ("config", "counts", "shares"),
    [
        ({}, (4,), (1.0,)),
        (blue_green("ALL_AT_ONCE"), (4,), (1.0,)),
        (canary(size("n", 1)), (4,), (0.25, 1.0)),
        (canary(size("%", 1)), (4,), (0.01, 1.0)),
        (canary(size("%", 50)), (4,), (0.5, 1.0)),
        (linear(size("n", 1)), (4,), (0.25, 0.5, 0.75, 1.0)),
        (linear(size("%", 10)), (1,), (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)),
        (linear(size("%", 40)), (2,), (0.4, 0.8, 1.0)),
        (rolling(size("n", 2)), (4,), (0.5, 1.0)),
        (rolling(size("%", 30)), (5,), (0.3, 0.6, 0.9, 1.0)),
        (rolling(size("n", 1)), (2, 10), (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)),  # the largest
    ],
)
def test_shares_of_the_traffic(config: Any, counts: tuple[int, ...], shares: tuple[float, ...]) -> None:
    assert strategy_of(config, deployment(2, *counts)).shares == pytest.approx(shares)


@pytest.mark.parametrize(
    ("config", "count", "said"),
    [
        (canary(None), 4, "CanarySize must be specified"),
        (linear(None), 4, "LinearStepSize must be specified"),
        (canary(size("%", 51)), 4, "between 1% and 50%"),
        (canary(size("n", 3)), 4, "between 1% and 50%"),
        (canary(size("n", 1)), 1, "between 1% and 50%"),
        (linear(size("%", 9)), 4, "between 10% and 50%"),
        (linear(size("n", 1)), 11, "between 10% and 50%"),
        (rolling(size("%", 4)), 4, "between 5% and 50%"),
        (rolling(size("n", 3)), 4, "between 5% and 50%"),
        (blue_green("ALL_AT_ONCE") | rolling(size("n", 2)), 4, "Only one of"),
        (blue_green("ALL_AT_ONCE", 300, 300, 600), 4, r"\(600 seconds\)"),
        (linear(size("%", 50), wait_s=300, limit_s=600), 4, r"\(600 seconds\)"),
    ],
)
def test_what_aws_refuses(config: Any, count: int, said: str) -> None:
    with pytest.raises(ValidationException, match=said):
        strategy_of(config, deployment(2, count))


@pytest.mark.parametrize(
    ("config", "named"),
    [
        (rolling(size("n", 2), RollbackMaximumBatchSize=size("n", 1)), "RollbackMaximumBatchSize"),
    ],
)
def test_what_is_not_built(config: Any, named: str) -> None:
    with pytest.raises(NotImplementedOperation, match=named):
        strategy_of(config, deployment(2, 4))


BAKED_AND_ENDED = blue_green("ALL_AT_ONCE", 100, 50)
CANARY = canary(size("n", 1), wait_s=100)
ROLLING = rolling(size("n", 2), wait_s=100)


@pytest.mark.parametrize(
    ("config", "step", "after_s", "share", "old", "new", "next_step", "until_s"),
    [
        # no waits: the new fleet is wanted whole, and promoted when it is there
        ({}, 0, 0, 0.0, 4, 4, None, None),
        # one step, then the wait and the termination wait, then the promotion
        (BAKED_AND_ENDED, 0, 0, 0.0, 4, 4, 1, None),
        (BAKED_AND_ENDED, 1, 0, 1.0, 4, 4, None, 150),
        (BAKED_AND_ENDED, 1, 149, 1.0, 4, 4, None, 150),
        (BAKED_AND_ENDED, 1, 150, 1.0, 4, 4, None, None),
        # two steps; both fleets stay whole
        (CANARY, 0, 0, 0.0, 4, 4, 1, None),
        (CANARY, 1, 99, 0.25, 4, 4, 2, 100),
        (CANARY, 1, 100, 0.25, 4, 4, 2, None),
        (CANARY, 2, 0, 1.0, 4, 4, None, 100),
        (CANARY, 2, 100, 1.0, 4, 4, None, None),
        # instances come and go with the traffic, a batch ahead of it
        (ROLLING, 0, 0, 0.0, 4, 2, 1, None),
        (ROLLING, 1, 0, 0.5, 2, 2, 2, 100),
        (ROLLING, 1, 100, 0.5, 2, 4, 2, None),
        (ROLLING, 2, 0, 1.0, 0, 4, None, 100),
        (ROLLING, 2, 100, 1.0, 0, 4, None, None),
    ],
)
def test_what_is_wanted_at_a_moment(
    config: Any, step: int, after_s: int, share: float, old: int, new: int,
    next_step: int | None, until_s: int | None,
) -> None:  # fmt: skip
    endpoint = Endpoint(
        Scope("1", "r"), "e", "Updating", NOW, NOW, live=deployment(1, 4), pending=deployment(2, 4),
        deployment_config=config, rollout_step=step, rollout_at=START,
    )  # fmt: skip
    assert endpoint.pending is not None
    wanted = stage(endpoint, endpoint.pending, START + after_s)
    assert share_of(endpoint) == share
    assert wanted.counts == {(1, "a"): old, (2, "a"): new}
    assert wanted.next_step == next_step
    assert wanted.until == (None if until_s is None else START + until_s)


@pytest.mark.parametrize(("after_s", "overdue"), [(0, False), (599, False), (600, True)])
def test_the_time_limit(after_s: int, overdue: bool) -> None:
    config = rolling(size("n", 2), MaximumExecutionTimeoutInSeconds=600)
    fresh = deployment(2, 4)
    endpoint = Endpoint(
        Scope("1", "r"), "e", "Updating", NOW, NOW, live=deployment(1, 4), pending=fresh,
        deployment_config=config,
    )  # fmt: skip
    wanted = stage(endpoint, fresh, START + after_s)
    assert (wanted.overdue, wanted.deadline) == (overdue, START + 600)
