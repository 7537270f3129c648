"""Alarms: putting, deleting, enabling them, and setting their state."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sagehen.alarms.condition import tick_of
from sagehen.api.context import RequestContext
from sagehen.api.operation import AccessRule, Request, operation
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.cloudwatch.alarms.actions.dispatcher import AlarmActionDispatcher
from sagehen.services.cloudwatch.alarms.actions.kinds import check_actions
from sagehen.services.cloudwatch.alarms.alarm import INITIAL_REASON, Alarm, AlarmState, Kind, alarm_arn
from sagehen.services.cloudwatch.alarms.evaluation.rule import parsed_rule
from sagehen.services.cloudwatch.alarms.history.items import HistoryItem, configuration_update
from sagehen.services.cloudwatch.alarms.loop import AlarmLoop
from sagehen.services.cloudwatch.alarms.notation import milliseconds
from sagehen.services.cloudwatch.alarms.records import AlarmRecords
from sagehen.services.cloudwatch.alarms.request import (
    composite_alarm_configuration,
    metric_alarm_configuration,
)
from sagehen.services.cloudwatch.alarms.states import AlarmStates
from sagehen.services.cloudwatch.errors import InvalidFormat, ResourceNotFound, ValidationError
from sagehen.services.cloudwatch.tags.request import checked_tags, tag_conditions, tags_of


def _on_alarm(action: str) -> AccessRule:
    """One access for AlarmName, with the tags that the request gives."""

    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        conditions = tag_conditions(request)
        members = ("AlarmActions", "OKActions", "InsufficientDataActions")
        if actions := [arn for member in members for arn in request.get(member) or ()]:
            # Documented: Service Authorization Reference, Amazon CloudWatch, condition keys.
            conditions["cloudwatch:AlarmActions"] = tuple(actions)
        yield Access(f"cloudwatch:{action}", alarm_arn(context.scope, request["AlarmName"]), conditions)

    return rule


def _on_alarms(action: str) -> AccessRule:
    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        for name in request.get("AlarmNames") or ["*"]:
            yield Access(f"cloudwatch:{action}", alarm_arn(context.scope, name))

    return rule


# Nobody shows more alarms of one policy.
_WITH_ACTION = 100


class Alarms:
    """Putting, deleting and enabling alarms, and setting their state; implements `ports.MetricAlarms`.

    Args:
        records: Where alarms are.
        states: Changes states, and evaluates composite alarms.
        loop: Evaluates a metric alarm as soon as it is put.
        actions: Says what alarms' actions can be.
        ids: Draws the id of the metric in an alarm's events.
    """

    def __init__(
        self,
        records: AlarmRecords,
        states: AlarmStates,
        loop: AlarmLoop,
        actions: AlarmActionDispatcher,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._records = records
        self._states = states
        self._loop = loop
        self._actions = actions
        self._clock = clock
        self._ids = ids

    @operation("PutMetricAlarm", access=_on_alarm("PutMetricAlarm"))
    async def put_metric_alarm(self, context: RequestContext, request: Request) -> None:
        """Make an alarm in INSUFFICIENT_DATA, or replace the configuration of one: state and tags stay."""
        await self.put_metric(context.scope, request)

    @operation("PutCompositeAlarm", access=_on_alarm("PutCompositeAlarm"))
    async def put_composite_alarm(self, context: RequestContext, request: Request) -> None:
        """As PutMetricAlarm; the rule is evaluated at once, and no child may be missing."""
        configuration = composite_alarm_configuration(request)
        # Documented (API_PutCompositeAlarm): composite alarms cannot scale, on AWS either.
        functions = self._actions.functions is not None
        check_actions("PutCompositeAlarm", request, functions=functions, scaling=False)
        rule = parsed_rule(request["AlarmRule"])
        name = request["AlarmName"]
        missing = [
            child
            for child in rule.children
            if child != name and self._records.get(context.scope, child) is None
        ]
        if missing:
            raise ValidationError(  # recorded
                f"Could not save the composite alarm as alarms [{', '.join(missing)}]"
                " in the alarm rule do not exist"
            )
        alarm = self._fresh(context.scope, name, "CompositeAlarm", configuration)
        created = await self._records.put(alarm, checked_tags(tags_of(request)), 0, rule.children, _put_item)
        if stored := self._records.get(context.scope, name):
            await self._states.settle_composite(stored, "created" if created else "updated")

    @operation("DeleteAlarms", access=_on_alarms("DeleteAlarms"))
    async def delete_alarms(self, context: RequestContext, request: Request) -> None:
        """Delete the alarms that exist; names that do not are passed over."""
        await self.delete(context.scope, request["AlarmNames"])

    @operation("EnableAlarmActions", access=_on_alarms("EnableAlarmActions"))
    async def enable_alarm_actions(self, context: RequestContext, request: Request) -> None:
        """Have transitions act again; what they did not do meanwhile is not made up for."""
        await self._enable(context.scope, request, True)

    @operation("DisableAlarmActions", access=_on_alarms("DisableAlarmActions"))
    async def disable_alarm_actions(self, context: RequestContext, request: Request) -> None:
        """Transitions become history without actions from now on; what was decided before is still done."""
        await self._enable(context.scope, request, False)

    @operation("SetAlarmState", access=_on_alarm("SetAlarmState"))
    async def set_alarm_state(self, context: RequestContext, request: Request) -> None:
        """Set a state by hand; the next evaluation that comes to another one changes it back."""
        data = request.get("StateReasonData") or ""
        if data:
            try:
                json.loads(data)
            except ValueError:
                raise InvalidFormat(
                    "StateReasonData must be valid JSON."
                ) from None  # the wording is from memory
        alarm = self._records.get(context.scope, request["AlarmName"])
        if alarm is None:
            raise ResourceNotFound("")  # AWS says nothing more (recorded)
        await self._states.change(alarm, request["StateValue"], request["StateReason"], data, forced=True)

    async def put_metric(self, scope: Scope, settings: Mapping[str, Any]) -> str:
        """Create or update a metric alarm; see `ports.MetricAlarms`. The caller's rights are not asked here.

        Args:
            scope: The alarm's account and region; its metrics are of the same.
            settings: PutMetricAlarm's members.

        Returns:
            The alarm's ARN.

        Raises:
            ValidationError, MissingParameter, InvalidParameterCombination, InvalidParameterValue: As AWS.
            NotImplementedOperation: What is asked for is not built, or an action is not wired.
        """
        configuration = metric_alarm_configuration(scope, settings)
        check_actions(
            "PutMetricAlarm",
            settings,
            functions=self._actions.functions is not None,
            scaling=self._actions.scaling is not None,
            machines=self._actions.machines is not None,
        )
        alarm = self._fresh(scope, settings["AlarmName"], "MetricAlarm", configuration)
        await self._records.put(alarm, checked_tags(tags_of(settings)), tick_of(configuration), (), _put_item)
        self._loop.poke(alarm.scope, alarm.name)
        return alarm.arn

    def states(self, scope: Scope, names: Sequence[str]) -> Mapping[str, str]:
        """See `ports.MetricAlarms`."""
        found = ((name, self._records.get(scope, name)) for name in names)
        return {name: alarm.state.value for name, alarm in found if alarm is not None}

    def with_action(self, scope: Scope, action_arn: str) -> Sequence[str]:
        """See `ports.MetricAlarms`."""
        return self._records.with_action(scope, action_arn, _WITH_ACTION)

    async def delete(self, scope: Scope, names: Sequence[str]) -> None:
        """Delete those of the alarms that exist; see `ports.MetricAlarms`. Their history stays.

        Raises:
            ValidationError: More than one composite alarm is named, or a composite alarm that is not named
                depends on one of them (documented: API_DeleteAlarms; its wording is recorded).
        """
        alarms = [alarm for name in dict.fromkeys(names) if (alarm := self._records.get(scope, name))]
        if sum(alarm.kind == "CompositeAlarm" for alarm in alarms) > 1:
            raise ValidationError("No more than one composite alarm can be deleted in one request.")
        for alarm in alarms:
            parents = {parent.name for parent in self._records.parents(scope, alarm.name)}
            if parents - set(names):
                raise ValidationError(  # recorded
                    f"Cannot delete {alarm.name} as there are composite alarm(s) depending on it."
                )
        now_ms = milliseconds(self._clock.now())
        items = [configuration_update(alarm, "Delete", now_ms) for alarm in alarms]
        await self._records.delete(scope, [alarm.name for alarm in alarms], items)

    async def _enable(self, scope: Scope, request: Request, enabled: bool) -> None:
        """Switch actions on or off; as on AWS, alarms that do not exist are passed over."""
        for name in request["AlarmNames"]:
            alarm = self._records.get(scope, name)
            if alarm is None or alarm.actions_enabled == enabled:
                continue
            changed = replace(
                alarm,
                configuration={**alarm.configuration, "ActionsEnabled": enabled},
                configured_ms=milliseconds(self._clock.now()),
            )
            metric = alarm.kind == "MetricAlarm"
            tick_s = tick_of(alarm.configuration) if metric else 0
            children = () if metric else parsed_rule(alarm.configuration["AlarmRule"]).children
            await self._records.put(changed, {}, tick_s, children, _put_item)

    def _fresh(self, scope: Scope, name: str, kind: Kind, configuration: dict[str, Any]) -> Alarm:
        now_ms = milliseconds(self._clock.now())
        state = AlarmState("INSUFFICIENT_DATA", INITIAL_REASON, "", now_ms, now_ms)
        return Alarm(scope, name, kind, configuration, self._ids.uuid(), now_ms, state, 0)


def _put_item(alarm: Alarm, before: Alarm | None) -> HistoryItem:
    return configuration_update(alarm, "Update" if before else "Create", alarm.configured_ms)
