"""AttachNetworkInterface, DetachNetworkInterface: of machines that are stopped.

A machine is given its addresses as it starts: what is attached or detached while it runs is 501.
Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachNetworkInterface.html. Sentences of
refusals are from memory, but that of the first interface, which is recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue, OperationNotPermitted
from sagehen.services.ec2.instances.launch.interfaces import MOST_INTERFACES
from sagehen.services.ec2.instances.launch.making import attach_interface
from sagehen.services.ec2.instances.life import states
from sagehen.services.ec2.instances.parts import Parts
from sagehen.services.ec2.network.addresses.association import leading_to
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.access import Owner, named, on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import INSTANCE, NETWORK_INTERFACE
from sagehen.services.ec2.resources.resource import Resource
from sagehen.services.ec2.resources.view import View


def _of_an_attachment(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for the interface and for its machine; for anything where there is no such attachment."""
    name, scope = "ec2:DetachNetworkInterface", context.scope
    found = _attached(owner.state.view(scope), request.get("AttachmentId") or "")
    if found is None:
        yield Access(name, "*", {"ec2:Region": scope.region})
        return
    for identifier in (found.id, found.body["Attachment"]["InstanceId"]):
        yield named(owner.state, scope, name, "", identifier)


class InterfaceAttachments:
    """Which network interfaces a machine has besides its first.

    Args:
        parts: What operations on instances share.
    """

    def __init__(self, parts: Parts) -> None:
        self.state = parts.state
        self._parts = parts

    @action("AttachNetworkInterface", access=on("NetworkInterfaceId", "InstanceId"))
    async def attach(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Give an interface to a machine that is stopped.

        Raises:
            Ec2Error: `….NotFound`, `InvalidNetworkInterface.InUse`, `AttachmentLimitExceeded`,
                `IncorrectInstanceState`: it is terminated.
            InvalidParameterValue: The device index is taken, or the interface is in another zone.
            NotImplementedOperation: The machine runs; an Elastic IP address leads to the interface.
        """
        refuse_unbuilt(request, ("NetworkCardIndex", "EnaSrdSpecification", "EnaQueueCount"))
        now = self._parts.clock.now()

        def work(view: View) -> str:
            interface = view.get(NETWORK_INTERFACE, request["NetworkInterfaceId"])
            instance = view.get(INSTANCE, request["InstanceId"])
            if interface.body.get("Attachment"):
                raise Ec2Error("InvalidNetworkInterface.InUse", f"{interface.id} is currently in use.")
            _require_stopped(instance)
            if interface.body["AvailabilityZone"] != instance.body["Placement"]["AvailabilityZone"]:
                raise InvalidParameterValue(
                    f"{interface.id} is not in the Availability Zone of {instance.id}."
                )
            others = _of(view, instance)
            if request["DeviceIndex"] in [each.body["Attachment"]["DeviceIndex"] for each in others]:
                raise InvalidParameterValue(
                    f"Instance '{instance.id}' already has an interface attached at device index "
                    f"'{request['DeviceIndex']}'."
                )
            if not 0 < request["DeviceIndex"] < 1000 or len(others) >= MOST_INTERFACES:
                kind, count = instance.body["InstanceType"], len(others) + 1
                raise Ec2Error(
                    "AttachmentLimitExceeded", f"Interface count {count} exceeds the limit for {kind}"
                )
            if leading_to(view, interface):
                what = "Elastic IP addresses of further network interfaces"
                refuse_unbuilt({what: True}, (what,))
            attach_interface(view, interface, instance, now, device=request["DeviceIndex"], keeps=True)
            instance.body["furtherInterfaces"] = [*instance.body.get("furtherInterfaces", ()), interface.id]
            view.save(instance)
            return str(interface.body["Attachment"]["AttachmentId"])

        attachment = await self.state.change(context.scope, request, work)
        return {"AttachmentId": attachment, "NetworkCardIndex": 0}

    @action("DetachNetworkInterface", access=_of_an_attachment)
    async def detach(self, context: RequestContext, request: Request) -> None:
        """Take an interface from a machine that is stopped; nothing of it has to be forced.

        Raises:
            Ec2Error: `InvalidAttachmentID.NotFound`. OperationNotPermitted: It is the first one.
            NotImplementedOperation: The machine runs.
        """

        def work(view: View) -> None:
            interface = _attached(view, request["AttachmentId"])
            if interface is None:
                raise Ec2Error(
                    "InvalidAttachmentID.NotFound",
                    f"The networkInterfaceAttachment ID '{request['AttachmentId'][:64]}' does not exist",
                )
            attachment = interface.body["Attachment"]
            if attachment["DeviceIndex"] == 0:
                raise OperationNotPermitted("The network interface at device index 0 cannot be detached.")
            instance = view.get(INSTANCE, attachment["InstanceId"])
            _require_stopped(instance)
            del interface.body["Attachment"]
            interface.body["Status"] = "available"
            view.save(interface)
            left = [each for each in instance.body["furtherInterfaces"] if each != interface.id]
            instance.body["furtherInterfaces"] = left
            view.save(instance)

        await self.state.change(context.scope, request, work)


def _attached(view: View, attachment_id: str) -> Resource | None:
    for interface in view.all(NETWORK_INTERFACE):
        if (interface.body.get("Attachment") or {}).get("AttachmentId") == attachment_id:
            return interface
    return None


def _of(view: View, instance: Resource) -> list[Resource]:
    return [
        interface
        for interface in view.all(NETWORK_INTERFACE)
        if (interface.body.get("Attachment") or {}).get("InstanceId") == instance.id
    ]


def _require_stopped(instance: Resource) -> None:
    name = states.name_of(instance.body)
    if name in ("shutting-down", "terminated"):
        raise Ec2Error("IncorrectInstanceState", f"Instance '{instance.id}' is not 'running' or 'stopped'.")
    if name != "stopped":
        raise NotImplementedOperation(
            f"Sagehen does not change the network interfaces of a machine that is {name}: stop "
            f"{instance.id} first."
        )
