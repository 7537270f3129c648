"""PutScheduledAction, DescribeScheduledActions, DeleteScheduledAction."""

from __future__ import annotations

from dataclasses import replace

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.application_autoscaling.errors import (
    LimitExceededException,
    ObjectNotFoundException,
    ValidationException,
)
from sagehen.services.application_autoscaling.scaling.acting import Acting
from sagehen.services.application_autoscaling.scheduled.action import ScheduledAction
from sagehen.services.application_autoscaling.scheduled.expression import parsed
from sagehen.services.application_autoscaling.scheduled.loop import ScheduleLoop
from sagehen.services.application_autoscaling.scheduled.records import ScheduleRecords
from sagehen.services.application_autoscaling.targets.finding import key_of_request, on_target, registered
from sagehen.services.application_autoscaling.targets.parts import page_of_parts
from sagehen.services.application_autoscaling.targets.records import TargetRecords
from sagehen.services.application_autoscaling.targets.target import TargetKey

PAGE = 50
# User Guide, Quotas.
MOST_ACTIONS = 200


class ScheduledActions:
    """The operations on scheduled actions.

    Args:
        targets: An action's target must be there.
        schedules: Where they are kept.
        loop: Is told of what was put.
        acting: Tells what a resource can have.
        clock: Dates.
    """

    def __init__(
        self,
        targets: TargetRecords,
        schedules: ScheduleRecords,
        loop: ScheduleLoop,
        acting: Acting,
        clock: Clock,
    ) -> None:
        self.targets = targets
        self._schedules = schedules
        self._loop = loop
        self._acting = acting
        self._clock = clock

    @operation("PutScheduledAction", access=on_target("PutScheduledAction"))
    async def put_scheduled_action(self, context: RequestContext, request: Request) -> Request:
        """Create an action, or change one: what is not given stays, but for start and end time.

        Raises:
            ObjectNotFoundException: The target is not registered.
            ValidationException: No bounds, bounds that cross, or a schedule that is none or never comes.
            LimitExceededException: The target has 200 actions.
        """
        key = key_of_request(context, request)
        target = registered(self.targets, key)
        name, now = request["ScheduledActionName"], self._clock.now()
        before = self._schedules.get(key, name)
        expression = request.get("Schedule", before.expression if before else None)
        if expression is None:  # wording: from memory
            raise ValidationException("Schedule is required to create a scheduled action")
        bounds = request.get("ScalableTargetAction")
        if bounds is None and before is not None:
            bounds = {"MinCapacity": before.minimum, "MaxCapacity": before.maximum}
        minimum, maximum = (bounds or {}).get("MinCapacity"), (bounds or {}).get("MaxCapacity")
        if minimum is None and maximum is None:  # recorded wording
            raise ValidationException(
                "At least one of minimum capacity and maximum capacity should be provided"
            )
        self._check_bounds(key, minimum, maximum)
        if before is None and self._schedules.count(key) >= MOST_ACTIONS:
            raise LimitExceededException(
                f"A scalable target can have at most {MOST_ACTIONS} scheduled actions."
            )
        timezone = request.get("Timezone", before.timezone if before else None)
        parsed(expression, timezone)
        action = ScheduledAction(
            key,
            name,
            target.part_arn("scheduledAction", "scheduledActionName", name),
            expression,
            timezone,
            request.get("StartTime"),
            request.get("EndTime"),
            minimum,
            maximum,
            before.created_at if before else now,
            None,
        )
        action = replace(action, next_at=action.due_after(now))
        if action.next_at is None:  # wording: from memory
            raise ValidationException(f"The schedule {expression} is in the past")
        await self._schedules.put(action)
        self._loop.poke()
        return {}

    def _check_bounds(self, key: TargetKey, minimum: int | None, maximum: int | None) -> None:
        """Check bounds that are to come. The wordings are from memory."""
        given = [bound for bound in (minimum, maximum) if bound is not None]
        if min(given) < 0:
            raise ValidationException("Minimum and maximum capacity must be greater than or equal to 0")
        if given != sorted(given):
            raise ValidationException("Maximum capacity cannot be less than minimum capacity")
        found = self._acting.find(key)
        if found is not None and min(given) < found.least:
            raise ValidationException(f"The capacity of {key.resource_id} must be at least {found.least}")

    @operation("DescribeScheduledActions")
    async def describe_scheduled_actions(self, context: RequestContext, request: Request) -> Request:
        """List the scheduled actions of a namespace.

        Raises:
            ValidationException: A dimension without its resource.
            InvalidNextTokenException: The token is not one of ours.
        """
        page, token = page_of_parts(self._schedules.listed, context, request, "ScheduledActionNames", PAGE)
        return {"ScheduledActions": [one.described() for one in page], "NextToken": token}

    @operation("DeleteScheduledAction", access=on_target("DeleteScheduledAction"))
    async def delete_scheduled_action(self, context: RequestContext, request: Request) -> Request:
        """Delete an action; bounds that it has set stay.

        Raises:
            ObjectNotFoundException: There is none of this name.
        """
        key = key_of_request(context, request)
        action = self._schedules.get(key, request["ScheduledActionName"])
        if action is None:
            raise ObjectNotFoundException(
                f"No scheduled action found for service namespace: {key.namespace}, resource ID:"
                f" {key.resource_id}, scalable dimension: {key.dimension}, scheduled action name:"
                f" {request['ScheduledActionName']}"
            )
        await self._schedules.remove(action)
        return {}
