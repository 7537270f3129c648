"""StartInstances, StopInstances, RebootInstances, TerminateInstances, GetConsoleOutput.

Codes are documented; sentences are recorded in public issues where they are not marked otherwise.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.services.ec2.errors import Ec2Error, InvalidParameterCombination, OperationNotPermitted
from sagehen.services.ec2.instances.addresses import draw
from sagehen.services.ec2.instances.launch.transaction import limit_exceeded
from sagehen.services.ec2.instances.life import states
from sagehen.services.ec2.instances.parts import Parts
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import INSTANCE
from sagehen.services.ec2.resources.listing import asked_for
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.view import View

_RUNNING = ("pending", "running")


class LifeOperations:
    """What people do with machines.

    Args:
        parts: What operations on instances share.
    """

    def __init__(self, parts: Parts) -> None:
        self.state = parts.state
        self._parts = parts

    @action("StartInstances", access=on("InstanceIds"))
    async def start_instances(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Start machines that are stopped; of those that run nothing changes.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`, `IncorrectInstanceState`, `InsufficientInstanceCapacity`,
                `InstanceLimitExceeded`.
            NotImplementedOperation: No machine can be had here.
        """
        refuse_unbuilt(request, ("AdditionalInfo",))
        needs, now = self._parts.needed(), self._parts.clock.now()

        def start(view: View, row: Resource) -> None:
            states.require(row.body, row.id, "started", ("stopped", *_RUNNING))
            if states.name_of(row.body) != "stopped":
                return
            kind = row.body["InstanceType"]
            if (limit := needs.supply.limit(kind)) is not None:
                live = [item.body for item in view.all(INSTANCE) if states.name_of(item.body) in states.LIVE]
                used = sum(body["InstanceType"] == kind for body in live)
                if used >= limit:
                    raise limit_exceeded(used + 1, limit)
            self._parts.require_capacity(kind, row.body["Placement"]["AvailabilityZone"], 1)
            states.begin(row.body, now)
            if row.body["wantsPublic"]:
                row.body["publicIp"] = draw(view)

        return {"StartingInstances": await self._each(context, request, start)}

    @action("StopInstances", access=on("InstanceIds"))
    async def stop_instances(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Stop machines; their disks stay. `SkipOsShutdown` gives what runs no time to end.

        `Force` adds nothing: what does not end in time is always killed.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`, `IncorrectInstanceState`.
            OperationNotPermitted: Stop protection.
            NotImplementedOperation: Hibernation.
        """
        refuse_unbuilt(request, ("Hibernate",))
        now = self._parts.clock.now()

        def stop(_: View, row: Resource) -> None:
            states.require(row.body, row.id, "stopped", (*_RUNNING, "stopping", "stopped"))
            if row.body.get("InstanceLifecycle"):
                raise Ec2Error(
                    "UnsupportedOperation",
                    "You can't stop the Spot Instance "
                    f"'{row.id}' because it is associated with a one-time Spot Instance request. You can "
                    "only stop Spot Instances associated with persistent Spot Instance requests.",
                )
            if row.body["stopProtected"]:
                raise OperationNotPermitted(
                    f"The instance '{row.id}' may not be stopped. Modify its 'disableApiStop' instance "
                    "attribute and try again."
                )
            if states.name_of(row.body) in _RUNNING:
                states.end(row.body, "stopping", now, states.USER)
            if request.get("SkipOsShutdown"):
                row.body["forced"] = True

        return {"StoppingInstances": await self._each(context, request, stop)}

    @action("RebootInstances", access=on("InstanceIds"))
    async def reboot_instances(self, context: RequestContext, request: Request) -> None:
        """Let what runs in machines begin anew, with the same disks and addresses.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`, `IncorrectInstanceState`.
        """

        def reboot(_: View, row: Resource) -> None:
            states.require(row.body, row.id, "rebooted", _RUNNING)
            row.body["rebootAsked"] = True

        await self._each(context, request, reboot)

    @action("TerminateInstances", access=on("InstanceIds"))
    async def terminate_instances(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """End machines, with the volumes that end with them; Force and SkipOsShutdown as in StopInstances.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`.
            OperationNotPermitted: Termination protection; none of the machines ends then.
        """
        now = self._parts.clock.now()

        def terminate(_: View, row: Resource) -> None:
            if states.name_of(row.body) in ("shutting-down", "terminated"):
                return
            if row.body["protected"]:
                raise OperationNotPermitted(
                    f"The instance '{row.id}' may not be terminated. Modify its 'disableApiTermination' "
                    "instance attribute and try again."
                )
            states.end(row.body, "shutting-down", now, states.USER)
            if request.get("SkipOsShutdown"):
                row.body["forced"] = True

        return {"TerminatingInstances": await self._each(context, request, terminate)}

    @action("GetConsoleOutput", access=on("InstanceId"))
    async def get_console_output(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Return the last 64 KiB that a machine's console showed; here they are always the latest.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`, `InvalidInstanceID.Malformed`.
        """
        identifier = request["InstanceId"]
        instance = await self.state.read(context.scope, lambda view: view.get(INSTANCE, identifier))
        content, at = self._parts.consoles.read(instance.id)
        answer: dict[str, Any] = {
            "InstanceId": instance.id,
            "Timestamp": at or instance.body["LaunchTime"],
        }
        if content:
            answer["Output"] = base64.b64encode(content).decode()
        return answer

    async def _each(
        self, context: RequestContext, request: Request, change: Callable[[View, Resource], None]
    ) -> list[dict[str, Any]]:
        """Change all, or none; return what each was and is."""

        def work(view: View) -> list[dict[str, Any]]:
            changes = []
            for row in asked_for(view, INSTANCE, request["InstanceIds"]):
                before: Body = row.body["State"]
                change(view, row)
                view.save(row)
                changes.append(
                    {"InstanceId": row.id, "CurrentState": row.body["State"], "PreviousState": before}
                )
            return changes

        if not request.get("InstanceIds"):
            raise InvalidParameterCombination("No instances specified")
        changes = await self.state.change(context.scope, request, work)
        for item in changes:
            self._parts.watch(context.scope, item["InstanceId"])
        return changes
