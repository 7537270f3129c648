"""decide: what a scalable target is set to, given which alarms of its policies fire."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from sagehen.autoscaling.capacity import Capacity, Suspended
from sagehen.autoscaling.cooldown import LastActivity, blocks_scale_in, counted_from
from sagehen.autoscaling.policy import Policy, TargetTrackingPolicy
from sagehen.autoscaling.step import step_capacity
from sagehen.autoscaling.target_tracking import tracked_capacity


class Reason(Enum):
    """Why nothing is scaled. Those with a code are AWS's NotScaledReasons; AWS reports the others nowhere."""

    AT_MAXIMUM = "AlreadyAtMaxCapacity"
    AT_MINIMUM = "AlreadyAtMinCapacity"
    AT_DESIRED = "AlreadyAtDesiredCapacity"
    COOLDOWN = "cooldown"
    OTHERS_NOT_READY = "another target tracking policy is not ready to scale in"
    SCALE_IN_DISABLED = "scale-in is disabled"
    SUSPENDED = "suspended"
    NOTHING_FIRES = "no alarm fires"


@dataclass(frozen=True, slots=True)
class Firing:
    """An alarm of a policy that is in state ALARM.

    Args:
        policy: The policy.
        value: The metric as the policy reads it.
        threshold: The alarm's.
        is_low: It is the low alarm of a target tracking policy.
    """

    policy: Policy
    value: float
    threshold: float
    is_low: bool = False


@dataclass(frozen=True, slots=True)
class Situation:
    """Under which a decision is made.

    Args:
        capacity: Of the scalable target.
        last: Its last activity that a policy caused, None before the first.
        now: The present.
        tracking_not_ready: How many target tracking policies with scale-in enabled have no firing low alarm.
        suspended: What the target's owner has stopped.
    """

    capacity: Capacity
    last: LastActivity | None
    now: datetime
    tracking_not_ready: int = 0
    suspended: Suspended = field(default_factory=Suspended)


@dataclass(frozen=True, slots=True)
class Decision:
    """What to do.

    Args:
        desired: The capacity to set; None leaves it.
        base: What the change was counted from, for the cooldown that it begins.
        reason: Why it is left; None where it is not.
        index: Which of the firing alarms decided.
        cooldown_s: Seconds that follow the activity.
    """

    desired: int | None
    base: int
    reason: Reason | None
    index: int | None = None
    cooldown_s: float = 0.0


def decide(firing: Sequence[Firing], situation: Situation) -> Decision:
    """Return what the target is to be set to.

    The largest capacity that any firing alarm asks for wins, in both directions. Target tracking scales out
    if any of its policies is ready, and in only if all are whose scale-in is enabled. Documented: User
    Guide, Target tracking scaling policies, Considerations.

    Args:
        firing: The alarms that fire, of all policies of the target.
        situation: Capacity, last activity, time.
    """
    wishes = [_wish(index, one, situation) for index, one in enumerate(firing)]
    current = situation.capacity.current
    if not wishes:
        return Decision(None, current, Reason.NOTHING_FIRES)
    # A wish to stay is one for the present capacity: it keeps another policy from scaling in.
    return max(wishes, key=lambda wish: current if wish.desired is None else wish.desired)


def _wish(index: int, one: Firing, situation: Situation) -> Decision:
    current = situation.capacity.current
    wanted = _wanted(one, current)
    if wanted > current:
        return _out(index, one, situation)
    if wanted < current:
        return _in(index, one, situation, wanted)
    return Decision(None, current, Reason.AT_DESIRED, index)


def _out(index: int, one: Firing, situation: Situation) -> Decision:
    capacity = situation.capacity
    base = counted_from(capacity.current, situation.last, situation.now)
    desired = min(_wanted(one, base), capacity.maximum)
    reason = None
    if capacity.current >= capacity.maximum:
        reason = Reason.AT_MAXIMUM
    elif desired <= capacity.current:
        reason = Reason.COOLDOWN
    elif situation.suspended.dynamic_out:
        reason = Reason.SUSPENDED
    if reason is not None:
        return Decision(None, base, reason, index)
    return Decision(desired, base, None, index, _cooldown_s(one.policy, out=True))


def _in(index: int, one: Firing, situation: Situation, wanted: int) -> Decision:
    capacity = situation.capacity
    desired = max(wanted, capacity.minimum)
    reason = None
    if isinstance(one.policy, TargetTrackingPolicy) and one.policy.disable_scale_in:
        reason = Reason.SCALE_IN_DISABLED
    elif isinstance(one.policy, TargetTrackingPolicy) and situation.tracking_not_ready:
        reason = Reason.OTHERS_NOT_READY
    elif desired >= capacity.current:
        reason = Reason.AT_MINIMUM
    elif situation.suspended.dynamic_in:
        reason = Reason.SUSPENDED
    elif blocks_scale_in(situation.last, situation.now):
        reason = Reason.COOLDOWN
    if reason is not None:
        return Decision(None, capacity.current, reason, index)
    return Decision(desired, capacity.current, None, index, _cooldown_s(one.policy, out=False))


def _wanted(one: Firing, base: int) -> int:
    if isinstance(one.policy, TargetTrackingPolicy):
        tracked = tracked_capacity(one.policy, one.value, base)
        return min(base, tracked) if one.is_low else max(base, tracked)
    return step_capacity(one.policy, one.value, one.threshold, base)


def _cooldown_s(policy: Policy, *, out: bool) -> float:
    if isinstance(policy, TargetTrackingPolicy):
        return policy.scale_out_cooldown_s if out else policy.scale_in_cooldown_s
    return policy.cooldown_s
