"""PolicyAlarms: the alarms that target tracking policies own, made and taken away with them."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from sagehen.api.errors import ServiceError
from sagehen.domain.ports.observing.alarms import MetricAlarms
from sagehen.services.application_autoscaling.policies.policy import ScalingPolicy
from sagehen.services.application_autoscaling.policies.records import PolicyRecords
from sagehen.services.application_autoscaling.policies.tracking_alarms import tracking_alarms
from sagehen.services.application_autoscaling.targets.target import TargetKey

_log = logging.getLogger(__name__)


class PolicyAlarms:
    """Alarms by policy.

    Args:
        policies: Where policies are kept.
        alarms: CloudWatch.
    """

    def __init__(self, policies: PolicyRecords, alarms: MetricAlarms) -> None:
        self._policies = policies
        self._alarms = alarms

    async def put(self, policy: ScalingPolicy, before: ScalingPolicy | None) -> None:
        """Make the alarms of a policy as it is now, and take away what it had before and has no more.

        Raises:
            ServiceError: As PutMetricAlarm.
        """
        for settings in tracking_alarms(policy) if policy.tracks else ():
            await self._alarms.put_metric(policy.key.scope, settings)
        gone = [name for name in (before.alarms if before else ()) if name not in policy.alarms]
        await self._alarms.delete(policy.key.scope, gone)

    async def remove(self, policy: ScalingPolicy) -> None:
        """Take away the alarms of a policy.

        Raises:
            ServiceError: A composite alarm depends on one.
        """
        await self._alarms.delete(policy.key.scope, policy.alarms)

    async def remove_all(self, key: TargetKey) -> None:
        """Take away the alarms of every policy of a target."""
        for policy in self._policies.of_target(key):
            await self.remove(policy)

    def shown(self, policies: Sequence[ScalingPolicy]) -> list[list[dict[str, str]]]:
        """Return the alarms of each policy as DescribeScalingPolicies shows them: name and ARN.

        Those of a step policy are whichever have it as their action.
        """
        found = []
        for policy in policies:
            scope = policy.key.scope
            names = policy.alarms if policy.tracks else self._alarms.with_action(scope, policy.arn)
            found.append(
                [{"AlarmName": name, "AlarmARN": scope.arn("cloudwatch", f"alarm:{name}")} for name in names]
            )
        return found

    async def restore(self) -> None:
        """Make alarms again that are missing: a life may have ended between a policy and its alarms."""
        for policy in self._policies.tracking():
            states = self._alarms.states(policy.key.scope, policy.alarms)
            if len(states) < len(policy.alarms):
                try:
                    await self.put(policy, None)
                except ServiceError as error:
                    _log.warning("the alarms of scaling policy %s are missing: %s", policy.arn, error.message)
