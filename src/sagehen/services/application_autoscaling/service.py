"""ApplicationAutoScalingService: what app makes, starts and stops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.compute.scaling import LinkedRoles, ScalableResources
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.resource_policies import ResourceTags
from sagehen.domain.ports.observing.alarms import MetricAlarms
from sagehen.services.application_autoscaling.activities.operations import Activities
from sagehen.services.application_autoscaling.activities.records import ActivityRecords
from sagehen.services.application_autoscaling.policies.alarms import PolicyAlarms
from sagehen.services.application_autoscaling.policies.operations import Policies
from sagehen.services.application_autoscaling.policies.records import PolicyRecords
from sagehen.services.application_autoscaling.registration.operations import Targets
from sagehen.services.application_autoscaling.scaling.acting import Acting
from sagehen.services.application_autoscaling.scaling.alarm_actions import PolicyActions
from sagehen.services.application_autoscaling.scheduled.loop import ScheduleLoop
from sagehen.services.application_autoscaling.scheduled.operations import ScheduledActions
from sagehen.services.application_autoscaling.scheduled.records import ScheduleRecords
from sagehen.services.application_autoscaling.targets.records import MIGRATIONS, TargetRecords
from sagehen.services.application_autoscaling.targets.tags import TargetTags, target_tags
from sagehen.store.database import Database


class ApplicationAutoScalingService:
    """Application Auto Scaling.

    Args:
        database: Where targets, policies, scheduled actions and activities are stored.
        clock: For cooldowns, schedules and dates.
        ids: Draws ids.
        alarms: CloudWatch's alarms, which target tracking makes.
        resources: What can be scaled, by service namespace.
        roles: Makes service-linked roles.
        authorizer: Checks what callers need to be allowed.

    Attributes:
        targets: Implements the port ScalableTargets.
        alarm_actions: Implements the port AlarmActions.
        resource_tags: Implements the port ResourceTags.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        alarms: MetricAlarms,
        resources: Mapping[str, ScalableResources],
        roles: LinkedRoles,
        authorizer: Authorizer,
    ) -> None:
        database.migrate("application-autoscaling", MIGRATIONS)
        records, policies = TargetRecords(database), PolicyRecords(database)
        activities, schedules = ActivityRecords(database), ScheduleRecords(database)
        self._policy_alarms = PolicyAlarms(policies, alarms)
        self._acting = Acting(activities, resources, clock, ids)
        self._schedules = ScheduleLoop(records, schedules, self._acting, clock)
        self.alarm_actions = PolicyActions(records, policies, activities, alarms, self._acting, clock)
        self.targets = Targets(
            records, self._policy_alarms, self._acting, resources, roles, authorizer, clock, ids
        )
        self.resource_tags: ResourceTags = partial(target_tags, records)
        owners = (
            self.targets,
            TargetTags(records),
            Policies(records, policies, self._policy_alarms, clock, ids),
            ScheduledActions(records, schedules, self._schedules, self._acting, clock),
            Activities(activities),
        )
        self._service = Service("application-autoscaling", owners)

    @property
    def services(self) -> Sequence[Service]:
        """What the front door calls."""
        return (self._service,)

    async def start(self) -> None:
        """Mend alarms that are missing, go on with what was decided, do what is overdue."""
        await self._policy_alarms.restore()
        self._acting.start()
        self._schedules.start()

    async def stop(self) -> None:
        """End; what is open is taken up by the next life."""
        await self._schedules.stop()
        await self._acting.stop()

    async def reset(self) -> None:
        """Drop what memory holds."""
        self.alarm_actions.forget()
