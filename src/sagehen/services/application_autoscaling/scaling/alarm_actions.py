"""PolicyActions: what happens when an alarm has a scaling policy as its action."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sagehen.autoscaling.capacity import Capacity
from sagehen.autoscaling.cooldown import LastActivity
from sagehen.autoscaling.decide import Decision, Firing, Reason, Situation, decide
from sagehen.domain.clock import Clock
from sagehen.domain.ports.observing.alarms import MetricAlarms
from sagehen.domain.scope import Scope
from sagehen.services.application_autoscaling.activities.activity import ScalingActivity, triggered_by
from sagehen.services.application_autoscaling.activities.records import ActivityRecords
from sagehen.services.application_autoscaling.errors import ObjectNotFoundException
from sagehen.services.application_autoscaling.policies.configuration import decided_policy
from sagehen.services.application_autoscaling.policies.policy import ScalingPolicy
from sagehen.services.application_autoscaling.policies.records import PolicyRecords
from sagehen.services.application_autoscaling.scaling.acting import Acting
from sagehen.services.application_autoscaling.scaling.details import details
from sagehen.services.application_autoscaling.scaling.observation import Observation, observed
from sagehen.services.application_autoscaling.targets.records import TargetRecords
from sagehen.services.application_autoscaling.targets.target import ScalableTarget

# What alarms saw is kept for so many alarms; who is dropped is heard of again within a minute, if it still
# fires.
_KEPT = 10_000


class PolicyActions:
    """Implements the port AlarmActions.

    Args:
        targets: Scalable targets.
        policies: Their policies.
        activities: What was done before.
        alarms: Tells which alarms fire.
        acting: Does what is decided.
        clock: The present, for cooldowns.
    """

    def __init__(
        self,
        targets: TargetRecords,
        policies: PolicyRecords,
        activities: ActivityRecords,
        alarms: MetricAlarms,
        acting: Acting,
        clock: Clock,
    ) -> None:
        self._targets = targets
        self._policies = policies
        self._activities = activities
        self._alarms = alarms
        self._acting = acting
        self._clock = clock
        # (policy, alarm) -> what it saw when it last acted.
        self._seen: dict[tuple[str, str], Observation] = {}
        # Two alarms of one target decide one after the other, each on what the other has done.
        self._deciding = asyncio.Lock()

    async def alarm_action(self, scope: Scope, action_arn: str, alarm_event: Mapping[str, Any]) -> None:
        """See the port.

        Raises:
            ObjectNotFoundException: There is no such policy, or its target is not registered.
        """
        # AWS's own alarms name policies with the id of who created them behind; people copy such ARNs.
        # A policy's own name may hold the same word.
        policy = self._policies.by_arn(action_arn) or self._policies.by_arn(
            action_arn.rpartition(":createdBy/")[0]
        )
        if policy is None or policy.key.scope != scope:
            raise ObjectNotFoundException(f"There is no scaling policy {action_arn}.")
        seen = observed(alarm_event, policy)
        if seen.value is None or (policy.tracks and seen.state != "ALARM"):
            return  # documented: insufficient data scales nothing
        async with self._deciding:
            target = self._targets.get(policy.key)
            if target is None:
                raise ObjectNotFoundException(f"The scalable target of {action_arn} is not registered.")
            while len(self._seen) >= _KEPT:
                self._seen.pop(next(iter(self._seen)))
            self._seen[policy.arn, seen.alarm] = seen
            await self._decide(target, policy, seen)

    def forget(self) -> None:
        """Drop what memory holds."""
        self._seen.clear()

    async def _decide(self, target: ScalableTarget, policy: ScalingPolicy, seen: Observation) -> None:
        found = self._acting.find(target.key)
        if found is None:
            raise ObjectNotFoundException(f"{target.key.resource_id} does not exist any more.")
        policies = self._policies.of_target(target.key)
        fires = self._firing(policies, policy, seen)
        last = self._activities.last_of_policies(target.key)
        situation = Situation(
            Capacity(found.desired, target.minimum, target.maximum),
            _last(last),
            self._clock.now(),
            sum(_is_unready(one, fires) for one in policies),
            target.suspended,
        )
        decision = decide([firing for _, _, firing in fires], situation)
        if decision.index is None:
            return
        decider, decider_saw, firing = fires[decision.index]
        cause = triggered_by(decider_saw.alarm, decider.name)
        reason = _not_scaled(decision, situation.capacity, scalable=found.scalable)
        if reason is not None:
            await self._acting.note_not_scaled(target.key, cause, reason)
        elif decision.desired is not None:
            said = details(target.key.kind, firing, decision)
            await self._acting.set(target.key, decision.desired, cause, decision, said)

    def _firing(
        self, policies: Sequence[ScalingPolicy], acting: ScalingPolicy, seen: Observation
    ) -> list[tuple[ScalingPolicy, Observation, Firing]]:
        """Return what fires at the target: the alarm that acts, and others that did and are still in
        ALARM.
        """
        others = [
            (policy, observation)
            for policy in policies
            for (arn, alarm), observation in self._seen.items()
            if arn == policy.arn and (arn, alarm) != (acting.arn, seen.alarm)
        ]
        states = self._alarms.states(acting.key.scope, [observation.alarm for _, observation in others])
        going = [(policy, one) for policy, one in others if states.get(one.alarm) == "ALARM"]
        return [
            (
                policy,
                one,
                Firing(
                    decided_policy(policy), one.value or 0.0, one.threshold, one.alarm == policy.low_alarm
                ),
            )
            for policy, one in [(acting, seen), *going]
        ]


def _is_unready(policy: ScalingPolicy, fires: Sequence[tuple[ScalingPolicy, Observation, Firing]]) -> bool:
    """Tell whether a target tracking policy with scale-in enabled keeps the others from scaling in."""
    if not policy.tracks or policy.disables_scale_in:
        return False
    return not any(one.arn == policy.arn and firing.is_low for one, _, firing in fires)


def _last(activity: ScalingActivity | None) -> LastActivity | None:
    if activity is None or activity.base is None or activity.capacity is None or activity.cooldown_s is None:
        return None
    ended = None if activity.ended_at is None else datetime.fromtimestamp(activity.ended_at, UTC)
    return LastActivity(activity.base, activity.capacity, ended, activity.cooldown_s)


def _not_scaled(decision: Decision, capacity: Capacity, *, scalable: bool) -> dict[str, Any] | None:
    """Return AWS's NotScaledReason, or None where something is to be scaled or AWS says nothing."""
    if decision.desired is not None:
        return None if scalable else {"Code": "TargetServicePutResourceAsUnscalable"}
    match decision.reason:
        case Reason.AT_MAXIMUM:
            return {"Code": Reason.AT_MAXIMUM.value, "MaxCapacity": capacity.maximum}
        case Reason.AT_MINIMUM:
            return {"Code": Reason.AT_MINIMUM.value, "MinCapacity": capacity.minimum}
        case Reason.AT_DESIRED:
            return {"Code": Reason.AT_DESIRED.value, "CurrentCapacity": capacity.current}
        case _:
            return None
