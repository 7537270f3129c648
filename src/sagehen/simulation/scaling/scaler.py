"""Scaler: a target's alarms, each minute, and what follows: as CloudWatch and Application Auto Scaling do."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Protocol

from sagehen.alarms.condition import Datapoint
from sagehen.alarms.decision import decide as evaluate
from sagehen.autoscaling.capacity import Capacity
from sagehen.autoscaling.cooldown import LastActivity
from sagehen.autoscaling.decide import Firing, Reason, Situation, decide
from sagehen.autoscaling.observation import stepped_value, tracked_value
from sagehen.autoscaling.policy import TargetTrackingPolicy
from sagehen.simulation.scaling.watched import Metric, WatchedAlarm, WatchedPolicy

# Seconds of the rehearsal are counted from here: decisions want moments.
_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)
# Its beginning, and its metrics.
_Minute = tuple[int, Mapping[Metric, float | None]]
# The newest of each; a day has 1440 minutes.
_ACTIVITIES_KEPT = 5_000


class Target(Protocol):
    """What is scaled."""

    @property
    def desired(self) -> int:
        """What it was last told to have."""
        ...

    @property
    def scalable(self) -> bool:
        """Tell whether it takes a new number now; an endpoint that changes does not."""
        ...

    def set_desired(self, capacity: int, now: float) -> str | None:
        """Begin to have so much; return why not, in the service's words, or None."""
        ...


@dataclass(slots=True)
class Activity:
    """A change of capacity, or why there was none.

    Args:
        at_s: When it began, in seconds of the rehearsal.
        before, after: Capacity; the same where nothing was scaled.
        cause: AWS's words.
        reason: Why nothing was scaled; '' where something was.
        ended_s: When it was fulfilled.
    """

    at_s: float
    before: int
    after: int
    cause: str
    reason: str = ""
    ended_s: float | None = None


@dataclass(slots=True)
class _Watching:
    policy: WatchedPolicy
    alarm: WatchedAlarm
    state: str = "INSUFFICIENT_DATA"
    # As StateReasonData keeps them: of the last evaluation that decided, oldest first.
    points: list[float] = field(default_factory=list)

    def firing(self) -> Firing:
        policy = self.policy.policy
        if isinstance(policy, TargetTrackingPolicy):
            value = tracked_value(self.points, is_low=self.alarm.is_low)
        else:
            value = stepped_value(self.points, self.policy.aggregation)
        return Firing(policy, value, self.alarm.condition.threshold, self.alarm.is_low)


class Scaler:
    """Scales one target.

    Args:
        policies: Of the target.
        minimum, maximum: Its bounds.
        delay_s: How long after its end a minute's metrics are known.
    """

    def __init__(
        self, policies: Sequence[WatchedPolicy], minimum: int, maximum: int, delay_s: float = 0.0
    ) -> None:
        self._policies = policies
        self._minimum, self._maximum = minimum, maximum
        self._watching = [_Watching(policy, alarm) for policy in policies for alarm in policy.alarms]
        longest = max((one.alarm.condition.evaluation_range for one in self._watching), default=0)
        self._minutes: deque[_Minute] = deque(maxlen=longest or 1)
        self._delay_s = delay_s
        self._unknown: deque[_Minute] = deque()  # not known yet: as many as the delay has minutes
        self._last: LastActivity | None = None
        self._open: Activity | None = None
        self.activities: deque[Activity] = deque(maxlen=_ACTIVITIES_KEPT)

    def observe(self, minute_s: int, values: Mapping[Metric, float | None]) -> None:
        """Take in what a minute's metrics were.

        Args:
            minute_s: Its beginning, in seconds of the rehearsal.
            values: Of each metric; None where nothing was recorded.
        """
        self._unknown.append((minute_s, values))

    def tick(self, target: Target, now: float) -> None:
        """Evaluate all alarms, and have those act that are in ALARM: by a change or, each minute, again."""
        while self._unknown and self._unknown[0][0] + 60 + self._delay_s <= now:
            self._minutes.append(self._unknown.popleft())
        if not self._minutes:
            return
        for one in self._watching:
            self._evaluate(one)
        for one in self._watching:
            if one.state == "ALARM" and one.points:
                self._act(one, target, now)

    def fulfilled(self, now: float) -> None:
        """The target has what it was told: the cooldown of its last activity begins."""
        if self._open is None or self._last is None:
            return
        self._open.ended_s = now
        self._open = None
        self._last = LastActivity(self._last.base, self._last.capacity, _moment(now), self._last.cooldown_s)

    def _evaluate(self, one: _Watching) -> None:
        condition = one.alarm.condition
        newest_s = self._minutes[-1][0]
        found = {at_s: values.get(one.alarm.metric) for at_s, values in self._minutes}
        datapoints = [
            Datapoint(at_s, found.get(at_s))
            for at_s in range(newest_s - 60 * (condition.evaluation_range - 1), newest_s + 60, 60)
        ]
        verdict = evaluate(condition, datapoints, one.state)
        if verdict.decided:
            one.state = verdict.state
            one.points = [point.value for point in reversed(verdict.considered) if point.value is not None]

    def _act(self, acting: _Watching, target: Target, now: float) -> None:
        """Decide for an alarm that acts, in view of the others: as alarm_actions does."""
        others = [one for one in self._watching if one is not acting and one.state == "ALARM" and one.points]
        going = [acting, *others]
        low = {id(one.policy) for one in going if one.alarm.is_low}
        unready = sum(
            isinstance(one.policy, TargetTrackingPolicy)
            and not one.policy.disable_scale_in
            and id(one) not in low
            for one in self._policies
        )
        situation = Situation(
            Capacity(target.desired, self._minimum, self._maximum), self._last, _moment(now), unready
        )
        decision = decide([one.firing() for one in going], situation)
        if decision.index is None:
            return
        decider = going[decision.index]
        cause = f"alarm {decider.alarm.name} in state ALARM triggered policy {decider.policy.name}"
        before = target.desired
        if decision.desired is None:
            self._note(Activity(now, before, before, cause, _words(decision.reason)))
        elif not target.scalable:
            self._note(Activity(now, before, before, cause, "TargetServicePutResourceAsUnscalable"))
        elif (refusal := target.set_desired(decision.desired, now)) is not None:
            self._note(Activity(now, before, before, cause, refusal))
        else:
            self._open = Activity(now, before, decision.desired, cause)
            self.activities.append(self._open)
            self._last = LastActivity(decision.base, decision.desired, None, decision.cooldown_s)

    def _note(self, activity: Activity) -> None:
        """Keep why nothing was scaled; the same reason again and again once."""
        newest = self.activities[-1] if self.activities else None
        if newest is None or (newest.reason, newest.cause) != (activity.reason, activity.cause):
            self.activities.append(activity)


def _moment(now: float) -> datetime:
    return _BEGINNING + timedelta(seconds=now)


def _words(reason: Reason | None) -> str:
    return "" if reason is None else reason.value
