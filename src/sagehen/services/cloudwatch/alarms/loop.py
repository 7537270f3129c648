"""AlarmLoop: evaluates metric alarms, each at its interval, on the platform's clock.

It sleeps until the next interval ends that some alarm is evaluated at, and not at all where there
is no alarm; a poke wakes it for an alarm that was just put.
"""

from __future__ import annotations

import asyncio
import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace

from sagehen.alarms.condition import tick_of
from sagehen.domain.background import Background
from sagehen.domain.clock import Clock, wait_for
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.actions.dispatcher import AlarmActionDispatcher
from sagehen.services.cloudwatch.alarms.actions.kinds import is_scaling_policy
from sagehen.services.cloudwatch.alarms.actions.pending import actions_of
from sagehen.services.cloudwatch.alarms.alarm import INITIAL_REASON, Alarm
from sagehen.services.cloudwatch.alarms.evaluation.datapoints import AlarmData
from sagehen.services.cloudwatch.alarms.evaluation.outcome import Evaluation
from sagehen.services.cloudwatch.alarms.history.operations import KEPT_FOR_S
from sagehen.services.cloudwatch.alarms.history.records import AlarmHistoryRecords
from sagehen.services.cloudwatch.alarms.notation import milliseconds
from sagehen.services.cloudwatch.alarms.records import AlarmRecords
from sagehen.services.cloudwatch.alarms.states import AlarmStates
from sagehen.services.cloudwatch.metrics.reader import StoredMetricReader

_log = logging.getLogger(__name__)

# A period is looked at this long after its end: what was observed in it has been recorded by then.
SETTLING_S = 1
# The intervals that `condition.tick_of` gives alarms.
_TICKS = (10, 60, 3600)
# A state younger than this had its actions done by the transition itself.
_LASTING_S = 30
# Alarms whose reads one batch shares: what is read is forgotten behind it.
_AT_ONCE = 200
_PAUSE_AFTER_FAILURE_S = 10.0

Looked = list[tuple[Alarm, Evaluation]]


class AlarmLoop:
    """Evaluates metric alarms; one for the platform, over all accounts and regions.

    Args:
        records, history: Which alarms there are; what is forgotten each hour.
        states: Where what comes out is written.
        actions: Told each minute of scaling policies whose alarm's state lasts.
        reader: Where data points are.
        clock: Intervals end by it: a scaled clock evaluates as much more often.
    """

    def __init__(
        self,
        records: AlarmRecords,
        history: AlarmHistoryRecords,
        states: AlarmStates,
        actions: AlarmActionDispatcher,
        reader: StoredMetricReader,
        clock: Clock,
    ) -> None:
        self._records = records
        self._history = history
        self._states = states
        self._actions = actions
        self._reader = reader
        self._clock = clock
        self._poked = asyncio.Event()
        self._put: set[tuple[Scope, str]] = set()
        # Interval -> the end of the last one that was evaluated.
        self._done_s: dict[int, int] = {}
        self._runner = Background("cloudwatch-alarms", self._run)

    def start(self) -> None:
        """Begin with what is due; intervals that ended while the platform was down are looked at once."""
        self._runner.start()

    async def stop(self) -> None:
        """End between two steps: an evaluation that is cut short comes to nothing, and is made again."""
        await self._runner.stop()

    def poke(self, scope: Scope, name: str) -> None:
        """Have an alarm evaluated now, and the loop look again how long it may sleep."""
        self._put.add((scope, name))
        self._poked.set()

    def forget(self) -> None:
        """Drop what memory holds."""
        self._put.clear()
        self._done_s.clear()

    async def evaluate_due(self) -> None:
        """Evaluate every alarm whose interval ended since the last time, and those that were put."""
        settled_s = self._settled_s()
        put, self._put = self._put, set()
        alarms: dict[tuple[Scope, str], Alarm] = {}
        minute_ended = self._done_s.get(60) != settled_s - settled_s % 60
        for scope, name in put:
            alarm = self._records.get(scope, name)
            if alarm is not None and alarm.kind == "MetricAlarm":
                alarms[scope, name] = alarm
        for tick_s in _TICKS:
            end_s = settled_s - settled_s % tick_s
            if self._done_s.get(tick_s) == end_s:
                continue
            self._done_s[tick_s] = end_s
            of_tick = await asyncio.to_thread(self._records.of_tick, tick_s)
            alarms.update({(alarm.scope, alarm.name): alarm for alarm in of_tick})
            if tick_s == 3600:
                await self._history.forget(milliseconds(self._clock.now()) - KEPT_FOR_S * 1000)
        for batch in _batches(list(alarms.values())):
            looked = await self._evaluate(batch, AlarmData(self._reader), settled_s)
            if minute_ended and self._actions.scaling is not None:
                await self._repeat(looked)

    async def _evaluate(self, alarms: Sequence[Alarm], data: AlarmData, settled_s: int) -> Looked:
        now_ms = milliseconds(self._clock.now())

        def look() -> Looked:
            looked: Looked = []
            for alarm in alarms:
                try:
                    end_s = settled_s - settled_s % tick_of(alarm.configuration)
                    looked.append((alarm, data.evaluate(alarm, end_s, now_ms)))
                except Exception:
                    _log.exception("evaluating alarm %s failed; its state stays", alarm.arn)
            return looked

        # Reading thousands of metrics would hold up every request if it ran in the event loop.
        looked = await asyncio.to_thread(look)
        await asyncio.gather(*(self._apply(alarm, evaluation, settled_s) for alarm, evaluation in looked))
        return looked

    async def _apply(self, alarm: Alarm, evaluation: Evaluation, settled_s: int) -> None:
        """Store what came out where it is news; an alarm changed meanwhile waits for its next turn.

        Until an interval of its own is over a new alarm counts as unchecked, as long as its state stays.
        """
        end_s = settled_s - settled_s % tick_of(alarm.configuration)
        unchecked = alarm.state.reason == INITIAL_REASON and end_s * 1000 >= alarm.state.updated_ms
        news = evaluation.state != alarm.state.value or unchecked
        if evaluation.decided and news:
            await self._states.change(alarm, evaluation.state, evaluation.reason, evaluation.reason_data)

    async def _repeat(self, looked: Looked) -> None:
        """Have scaling policies act again: each minute for as long as a state lasts.

        Documented: User Guide, "Using Amazon CloudWatch alarms": Auto Scaling actions alone are repeated.
        """
        now_ms = milliseconds(self._clock.now())
        for alarm, evaluation in looked:
            lasts = alarm.state.value == evaluation.state
            if not lasts or alarm.state.transitioned_ms > now_ms - _LASTING_S * 1000:
                continue
            if alarm.actions_enabled and any(map(is_scaling_policy, alarm.actions(evaluation.state))):
                state = alarm.state
                if evaluation.decided:  # the policy wants to know how the metric is now
                    state = replace(state, reason=evaluation.reason, reason_data=evaluation.reason_data)
                actions = actions_of(alarm, alarm.state, replace(state, updated_ms=now_ms))
                await self._actions.repeat([one for one in actions if is_scaling_policy(one.action_arn)])

    def _settled_s(self) -> int:
        return math.floor(self._clock.now().timestamp() - SETTLING_S)

    def _pause_s(self) -> float | None:
        """Return how long until the next interval of any alarm ends; None where there is no alarm."""
        ticks = self._records.ticks() - {0}
        if not ticks:
            return None
        # Counted from what was evaluated, not from now: a boundary may have passed meanwhile.
        next_s = min(self._done_s.get(tick_s, 0) + tick_s for tick_s in ticks)
        return next_s + SETTLING_S - self._clock.now().timestamp()

    async def _run(self) -> None:
        while True:
            self._poked.clear()
            pause_s: float | None = _PAUSE_AFTER_FAILURE_S
            try:
                await self.evaluate_due()
                pause_s = self._pause_s()
            except Exception:
                _log.exception("evaluating alarms failed; it is tried again")
            await wait_for(self._poked, self._clock, pause_s)


def _batches(alarms: Sequence[Alarm]) -> Iterable[Sequence[Alarm]]:
    for first in range(0, len(alarms), _AT_ONCE):
        yield alarms[first : first + _AT_ONCE]
