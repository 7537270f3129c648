"""AlarmStates: the one place where alarms change state, with all that follows from it.

A transition, its history and the actions it asks for are one transaction. Composite alarms follow
the alarms in their rule at once, not at a tick.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sagehen.domain.clock import Clock
from sagehen.domain.ports.observing.alarm_states import AlarmListener
from sagehen.services.cloudwatch.alarms.actions.pending import actions_of
from sagehen.services.cloudwatch.alarms.alarm import Alarm, AlarmState
from sagehen.services.cloudwatch.alarms.evaluation.rule import parsed_rule
from sagehen.services.cloudwatch.alarms.history.items import state_update
from sagehen.services.cloudwatch.alarms.notation import compact, milliseconds, moment_of, stamp
from sagehen.services.cloudwatch.alarms.records import AlarmRecords

# Two children may change a parent at the same moment; the later one looks again.
_TRIES = 5


class AlarmStates:
    """Changes the states of alarms.

    Args:
        records: Where they are.
        clock: Stamps transitions.
        on_actions: Called when actions were stored, so that they are done at once.

    Attributes:
        listeners: Told of each alarm that goes to ALARM, once that is stored.
    """

    def __init__(self, records: AlarmRecords, clock: Clock, on_actions: Callable[[], None]) -> None:
        self._records = records
        self._clock = clock
        self._on_actions = on_actions
        self.listeners: list[AlarmListener] = []

    async def change(
        self, alarm: Alarm, value: str, reason: str, reason_data: str, *, forced: bool = False
    ) -> bool:
        """Give `alarm`, as it was read, a state; tell whether that was stored.

        A state of another value goes into the history and has the alarm's actions done. With
        `forced` it is stored even if the alarm was changed meanwhile.
        """
        return await self._change(alarm, value, reason, reason_data, frozenset({alarm.name}), forced)

    async def settle_composite(self, alarm: Alarm, verb: str) -> None:
        """Evaluate a composite alarm's rule after it was `created` or `updated`."""
        value = self._rule_state(alarm)
        reason = f"{alarm.arn} was {verb} and its alarm rule evaluates to {value}"
        children = (
            self._records.get(alarm.scope, name)
            for name in parsed_rule(alarm.configuration["AlarmRule"]).children
        )
        await self.change(alarm, value, reason, _triggering(child for child in children if child))

    async def _change(
        self,
        alarm: Alarm,
        value: str,
        reason: str,
        reason_data: str,
        seen: frozenset[str],
        forced: bool = False,
    ) -> bool:
        now_ms = milliseconds(self._clock.now())
        # Documented: API_MetricAlarm: StateTransitionedTimestamp moves with the value alone.
        moved = value != alarm.state.value
        since_ms = now_ms if moved else alarm.state.transitioned_ms
        state = AlarmState(value, reason, reason_data, now_ms, since_ms)
        if not moved:
            return await self._records.set_state(alarm, state, any_version=forced)
        actions = actions_of(alarm, alarm.state, state) if alarm.actions_enabled else []
        stored = await self._records.set_state(
            alarm, state, [state_update(alarm, state)], actions, any_version=forced
        )
        if stored:
            if actions:
                self._on_actions()
            if value == "ALARM":
                for listener in self.listeners:
                    listener(alarm.scope, alarm.name)
            await self._follow(alarm, seen)
        return stored

    async def _follow(self, child: Alarm, seen: frozenset[str]) -> None:
        """Evaluate the composite alarms over `child`.

        Args:
            seen: Where a circle of rules ends. Documented (API_PutCompositeAlarm): circles are allowed, and
                evaluation stops where one closes.
        """
        for parent in self._records.parents(child.scope, child.name):
            if parent.name in seen:
                continue
            for _ in range(_TRIES):
                fresh = self._records.get(parent.scope, parent.name)
                now = self._records.get(child.scope, child.name)
                if fresh is None or now is None or fresh.kind != "CompositeAlarm":
                    break
                value = self._rule_state(fresh)
                if value == fresh.state.value:
                    break
                at = moment_of(now.state.transitioned_ms)
                # Documented, as the one in `settle_composite`: User Guide, "Alarm events and EventBridge".
                reason = f"{now.arn} transitioned to {now.state.value} at {at:%A %d %B, %Y %H:%M:%S} UTC"
                if await self._change(fresh, value, reason, _triggering([now]), seen | {parent.name}):
                    break

    def _rule_state(self, alarm: Alarm) -> str:
        rule = parsed_rule(alarm.configuration["AlarmRule"])
        states = {}
        for name in rule.children:
            child = self._records.get(alarm.scope, name)
            if child is not None:
                states[name] = child.state.value
        # Documented: a composite alarm is never in INSUFFICIENT_DATA after its first evaluation.
        return "ALARM" if rule.holds(states) else "OK"


def _triggering(alarms: Iterable[Alarm]) -> str:
    return compact(
        {
            "triggeringAlarms": [
                {
                    "arn": alarm.arn,
                    "state": {"value": alarm.state.value, "timestamp": stamp(alarm.state.transitioned_ms)},
                }
                for alarm in alarms
            ]
        }
    )
