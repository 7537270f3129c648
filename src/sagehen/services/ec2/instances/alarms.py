"""What CloudWatch's alarms do with machines: `arn:aws:automate:<region>:ec2:stop` and its like.

Source: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/UsingAlarmActions.html. Recovering is
beginning anew with the same disks and addresses, as a reboot is here: there is one host.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import Ec2Error, OperationNotPermitted
from sagehen.services.ec2.instances.life import states
from sagehen.services.ec2.instances.parts import Parts
from sagehen.services.ec2.resources.kinds import INSTANCE
from sagehen.services.ec2.resources.view import View

_RUNNING = ("pending", "running")


class InstanceAlarmActions:
    """Implements domain.ports.observing.alarms.AlarmActions.

    Args:
        parts: What operations on instances share.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts

    async def alarm_action(self, scope: Scope, action_arn: str, alarm_event: Mapping[str, Any]) -> None:
        """Do to the machine of the alarm's metric what the action says; what is done already is no fault.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`, `IncorrectInstanceState`.
            OperationNotPermitted: It is protected.
        """
        act, identifier = action_arn.rpartition(":")[2], _instance(alarm_event)
        now = self._parts.clock.now()

        def work(view: View) -> None:
            row = view.get(INSTANCE, identifier)
            body = row.body
            if act in ("reboot", "recover"):
                states.require(body, row.id, "rebooted", _RUNNING)
                body["rebootAsked"] = True
            elif act == "stop" and states.name_of(body) in _RUNNING:
                if body["stopProtected"]:
                    raise OperationNotPermitted(f"The instance '{row.id}' may not be stopped.")
                if body.get("InstanceLifecycle"):
                    raise Ec2Error("UnsupportedOperation", f"The Spot Instance '{row.id}' cannot be stopped.")
                states.end(body, "stopping", now, states.USER)
            elif act == "terminate" and states.name_of(body) not in ("shutting-down", "terminated"):
                if body["protected"]:
                    raise OperationNotPermitted(f"The instance '{row.id}' may not be terminated.")
                states.end(body, "shutting-down", now, states.USER)
            view.save(row)

        await self._parts.state.change(scope, {}, work)
        self._parts.watch(scope, identifier)


def _instance(event: Mapping[str, Any]) -> str:
    for query in event["alarmData"]["configuration"].get("metrics") or ():
        dimensions = query.get("metricStat", {}).get("metric", {}).get("dimensions", {})
        if "InstanceId" in dimensions:
            return str(dimensions["InstanceId"])
    raise Ec2Error("InvalidInstanceID.NotFound", "The alarm's metric names no instance.")
