"""How traffic goes over to a new deployment: all at once, canary, linear, rolling. Pure arithmetic.

A rollout is a row of steps, each a share of the traffic, ending with 1. After each step it bakes for
WaitIntervalInSeconds; after the last one the old instances also stay for TerminationWaitInSeconds,
taking nothing. Blue/green keeps all instances of both sides until then; rolling brings up the new
ones batch by batch, and ends as many old ones when a batch has its share of the traffic.

Worked example: rolling over 4 instances with batches of 2 has the steps (0.5, 1): instances old+new
go 4+0, 4+2, (half of the traffic) 2+2, wait, 2+4, (all of it) 0+4, wait, done.

Source: https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html; a size in instances
is taken of the largest variant, and one share holds for all variants.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.services.sagemaker.endpoints.deployments.alarms import alarm_names
from sagehen.services.sagemaker.endpoints.endpoint import Deployment, Endpoint, EndpointVariant

# What AWS allows, in percent of a variant's instances. Documented: the models of TrafficRoutingConfig and
# RollingUpdatePolicy; a canary's least size is ours, so that it is not nothing.
_BOUNDS = {"CANARY": (1, 50), "LINEAR": (10, 50), "ROLLING": (5, 50)}


@dataclass(frozen=True, slots=True)
class Strategy:
    """Args:
    shares: Of the new deployment after each step; the last is 1.
    wait_s: After each step.
    termination_wait_s: After the last, besides.
    timeout_s: Since UpdateEndpoint; None is without end.
    rolling: Whether old instances go as new ones come.
    """

    shares: tuple[float, ...] = (1.0,)
    wait_s: float = 0.0
    termination_wait_s: float = 0.0
    timeout_s: float | None = None
    rolling: bool = False

    def share(self, step: int) -> float:
        """Return the new deployment's share of the traffic after that many steps; none before the first."""
        return self.shares[step - 1] if step else 0.0


@dataclass(frozen=True, slots=True)
class Stage:
    """What a rollout wants now.

    Args:
        counts: Instances of each (generation, variant).
        next_step: To be taken once the new deployment's counts are ready; None means promotion.
        until: Epoch seconds before which nothing more happens; None: nothing to wait for.
        overdue: MaximumExecutionTimeoutInSeconds is over.
        deadline: When it will be, in epoch seconds.
    """

    counts: Mapping[tuple[int, str], int]
    next_step: int | None
    until: float | None
    overdue: bool
    deadline: float | None


def strategy_of(config: Mapping[str, Any], fresh: Deployment) -> Strategy:
    """Return what a DeploymentConfig means for a deployment.

    Raises:
        ValidationException: A size is missing or out of AWS's bounds, the timeout below the waits, or an
            alarm has no name.
        NotImplementedOperation: A rollback in batches.
    """
    alarm_names(config)
    blue_green, rolling = config.get("BlueGreenUpdatePolicy"), config.get("RollingUpdatePolicy")
    if fresh.hosts_components:
        _refuse_shares(blue_green or {}, rolling)
    if blue_green and rolling:
        raise ValidationException(
            "Only one of BlueGreenUpdatePolicy and RollingUpdatePolicy can be specified in DeploymentConfig."
        )
    if rolling:
        return _checked(_rolling(rolling, fresh))
    return _checked(_blue_green(blue_green, fresh)) if blue_green else Strategy()


def _refuse_shares(blue_green: Mapping[str, Any], rolling: Any) -> None:
    """Requests go to copies of components, which move one by one: instances have no share of them.

    Raises:
        NotImplementedOperation.
    """
    kind = (blue_green.get("TrafficRoutingConfiguration") or {}).get("Type", "ALL_AT_ONCE")
    if rolling or kind != "ALL_AT_ONCE":
        raise NotImplementedOperation(
            "DeploymentConfig of an endpoint that hosts inference components is not implemented but for"
            " ALL_AT_ONCE."
        )


def _blue_green(policy: Mapping[str, Any], fresh: Deployment) -> Strategy:
    routing = policy["TrafficRoutingConfiguration"]
    shares: tuple[float, ...] = (1.0,)
    if routing["Type"] == "CANARY":
        shares = (_fraction("CANARY", "CanarySize", routing.get("CanarySize"), fresh), 1.0)
    elif routing["Type"] == "LINEAR":
        shares = _row(_fraction("LINEAR", "LinearStepSize", routing.get("LinearStepSize"), fresh))
    return Strategy(
        shares,
        float(routing.get("WaitIntervalInSeconds") or 0),
        float(policy.get("TerminationWaitInSeconds") or 0),
        policy.get("MaximumExecutionTimeoutInSeconds"),
    )


def _rolling(policy: Mapping[str, Any], fresh: Deployment) -> Strategy:
    if policy.get("RollbackMaximumBatchSize"):
        raise NotImplementedOperation(
            "DeploymentConfig.RollingUpdatePolicy.RollbackMaximumBatchSize is not implemented."
        )
    size = _fraction("ROLLING", "MaximumBatchSize", policy["MaximumBatchSize"], fresh)
    return Strategy(
        _row(size),
        float(policy["WaitIntervalInSeconds"]),
        timeout_s=policy.get("MaximumExecutionTimeoutInSeconds"),
        rolling=True,
    )


def _row(fraction: float) -> tuple[float, ...]:
    steps = math.ceil(round(1 / fraction, 9))
    return (*(fraction * number for number in range(1, steps)), 1.0)


def _fraction(kind: str, member: str, size: Mapping[str, Any] | None, fresh: Deployment) -> float:
    if size is None:
        raise ValidationException(f"{member} must be specified for this update policy.")
    # AWS says "of the variant's total instance count", and not of which where there are several.
    # One that is scaled to zero is taken for one instance: it has no traffic to share out.
    count = max(1, *(variant.desired_count for variant in fresh.variants))
    fraction: float = size["Value"] / (100 if size["Type"] == "CAPACITY_PERCENT" else count)
    least, most = _BOUNDS[kind]
    if not least <= round(100 * fraction, 9) <= most:
        raise ValidationException(
            f"Invalid {member}: it must be between {least}% and {most}% of the variant's instance count."
        )
    return fraction


def _checked(strategy: Strategy) -> Strategy:
    waits_s = len(strategy.shares) * strategy.wait_s + strategy.termination_wait_s
    # Documented: BlueGreenUpdatePolicy's model, "larger than the total waiting time". The words are from
    # memory.
    if strategy.timeout_s is not None and strategy.timeout_s <= waits_s:
        raise ValidationException(
            "MaximumExecutionTimeoutInSeconds must be larger than the deployment's total waiting time "
            f"({waits_s:g} seconds)."
        )
    return strategy


def is_rolling(config: Mapping[str, Any]) -> bool:
    """Tell whether old instances go as new ones come."""
    return bool(config.get("RollingUpdatePolicy"))


def share_of(endpoint: Endpoint) -> float:
    """Return the share of the traffic of the deployment that comes, or of the one that leaves."""
    other = endpoint.pending or endpoint.leaving
    if endpoint.live is None or other is None:
        return 0.0
    return strategy_of(endpoint.deployment_config, other).share(endpoint.rollout_step)


def stage(endpoint: Endpoint, pending: Deployment, moment: float) -> Stage:
    """Return what is wanted while `pending` comes up, at `moment` (epoch seconds)."""
    live = endpoint.live
    strategy = Strategy() if live is None else strategy_of(endpoint.deployment_config, pending)
    step, last = endpoint.rollout_step, len(strategy.shares)
    until = endpoint.rollout_at + strategy.wait_s if step else moment
    if step == last:
        until += strategy.termination_wait_s
    baked = moment >= until
    now = strategy.share(step)
    wanted = strategy.share(min(step + 1, last)) if baked else now
    counts = {key: _new(v, wanted, strategy) for key, v in _keyed(pending)}
    if live is not None:
        counts |= {key: _old(v, now, strategy) for key, v in _keyed(live)}
    waits = strategy.wait_s + strategy.termination_wait_s
    # Without waits the last step and the promotion are one: nobody would see the moment between them.
    promotes = step == last or (step + 1 == last and not waits)
    deadline = None if strategy.timeout_s is None else pending.created_at + strategy.timeout_s
    return Stage(
        counts=counts,
        next_step=None if promotes else step + 1,
        until=None if baked else until,
        overdue=deadline is not None and moment >= deadline,
        deadline=deadline,
    )


def _keyed(deployment: Deployment) -> list[tuple[tuple[int, str], EndpointVariant]]:
    return [((deployment.generation, variant.name), variant) for variant in deployment.variants]


def _new(variant: EndpointVariant, share: float, strategy: Strategy) -> int:
    if not strategy.rolling:
        return variant.desired_count
    return math.ceil(round(variant.desired_count * share, 9))


def _old(variant: EndpointVariant, share: float, strategy: Strategy) -> int:
    if not strategy.rolling:
        return variant.desired_count
    return variant.desired_count - math.floor(round(variant.desired_count * share, 9))
