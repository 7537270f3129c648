"""AttachVolume, DetachVolume.

A volume is seen below /mnt, by the last part of its device's name: `/dev/sdf` is /mnt/sdf, a file system
already.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html and its neighbour.
Sentences of refusals are from memory, where no other source is named.
"""

from __future__ import annotations

from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import Ec2Error
from sagehen.services.ec2.hosts.host import Attached, DiskInUse, DiskPlaceUnfit, DiskUnavailable, Host
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.access import on
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import INSTANCE, VOLUME
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.volumes.devices import last_part, require_place
from sagehen.services.ec2.volumes.live import LiveDisks, runs
from sagehen.services.ec2.volumes.volumes import attach, detach

# A server's error (documented), with its status.
_FAILED = ("InternalError", 500)


class Attachments:
    """Who has which volume.

    Args:
        state: Where resources are.
        clock: Dates them.
        live: Machines that run.
    """

    def __init__(self, state: State, clock: Clock, live: LiveDisks) -> None:
        self.state = state
        self._clock = clock
        self._live = live

    @action("AttachVolume", access=on("VolumeId", "InstanceId"))
    async def attach_volume(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Give a disk to a machine, which sees it at once, or when it starts.

        Raises:
            Ec2Error: `….NotFound`, `VolumeInUse`, `InvalidVolume.ZoneMismatch`, `IncorrectState`: it comes
                up, or ends, or has a link where the volume would be seen; `AttachmentLimitExceeded`,
                `InternalError`: the machine could not be given it.
            InvalidParameterValue: The device is none, or taken.
            NotImplementedOperation: The machine runs, and the platform is not root.
        """
        refuse_unbuilt(request, ("EbsCardIndex",))
        device = request.get("Device") or ""
        last_part(device)
        now, can_change = self._clock.now(), await self._live.can_change()

        def work(view: View) -> tuple[Body, Attached | None]:
            volume = view.get(VOLUME, request["VolumeId"])
            instance = view.get(INSTANCE, request["InstanceId"])
            _require_fit(volume, instance)
            is_running = runs(instance, can_change=can_change)
            others = [item.body["Attachments"][0]["Device"] for item in view.of(VOLUME, instance.id)]
            require_place(device, others)
            attach(view, volume, instance.id, device, now, ends_with_it=False)
            disk = Attached(volume.id, device, volume.body["Size"], volume.body["SnapshotId"])
            return volume.body["Attachments"][0], disk if is_running else None

        async def whole() -> Body:
            attachment, disk = await self.state.change(context.scope, request, work)
            if disk is not None:
                await self._plug(context.scope, attachment["InstanceId"], disk)
            return attachment

        return await self._live.whole(whole())

    async def _plug(self, scope: Scope, instance_id: str, disk: Attached) -> None:
        host = self._live.find(scope, instance_id)
        if host is None:
            return  # it ended meanwhile: its next start has the disk

        def back(view: View) -> None:
            volume = view.find(VOLUME, disk.volume_id)
            if volume is not None and volume.parent == instance_id:
                detach(view, volume)

        try:
            await host.attach(disk)
        except DiskUnavailable as error:
            if self._live.find(scope, instance_id) is host:
                await self.state.change(scope, {}, back)
                code, status = ("IncorrectState", 400) if isinstance(error, DiskPlaceUnfit) else _FAILED
                raise Ec2Error(code, f"The volume cannot be attached: {error}", status) from error

    @action("DetachVolume", access=on("VolumeId", "InstanceId"))
    async def detach_volume(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Take a disk from a machine; with Force although programs use it, which keep what they have open.

        AWS would answer `detaching`, and the volume be `busy` for as long as it is used.

        Raises:
            Ec2Error: `InvalidVolume.NotFound`, `IncorrectState`: nobody has it, its machine comes up or ends,
                or programs use it; `InvalidAttachment.NotFound`, `OperationNotPermitted`: it is the root.
            NotImplementedOperation: The machine runs, and the platform is not root.
        """
        can_change = await self._live.can_change()

        def look(view: View) -> tuple[Resource, Body, bool]:
            volume = view.get(VOLUME, request["VolumeId"])
            attachment = _attachment(volume, request)
            instance = view.get(INSTANCE, attachment["InstanceId"])
            is_running = runs(instance, can_change=can_change)
            if is_running and attachment["Device"] == instance.body["RootDeviceName"]:
                raise Ec2Error(
                    "OperationNotPermitted",
                    f"Unable to detach root volume '{attachment['Device']}' from instance '{instance.id}'",
                )
            return volume, attachment, is_running

        def work(view: View) -> Body:
            volume, attachment, _ = look(view)
            detach(view, volume)
            return {**attachment, "State": "detached"}

        async def whole() -> Body:
            volume, attachment, is_running = await self.state.change(context.scope, request, look, quiet=True)
            host = self._live.find(context.scope, attachment["InstanceId"]) if is_running else None
            if host is not None:
                await _unplug(host, volume.id, in_use=bool(request.get("Force")))
            return await self.state.change(context.scope, request, work)

        return await self._live.whole(whole())


async def _unplug(host: Host, volume_id: str, *, in_use: bool) -> None:
    try:
        await host.detach(volume_id, in_use=in_use)
    except DiskInUse as error:
        raise Ec2Error(
            "IncorrectState",
            f"Volume '{volume_id}' is in use: {error}.",
        ) from error
    except DiskUnavailable as error:
        raise Ec2Error(_FAILED[0], f"The volume cannot be detached: {error}", _FAILED[1]) from error


def _require_fit(volume: Resource, instance: Resource) -> None:
    if volume.body["State"] != "available":
        raise Ec2Error("VolumeInUse", f"{volume.id} is already attached to an instance")
    if volume.body["AvailabilityZone"] != instance.body["Placement"]["AvailabilityZone"]:
        raise Ec2Error(
            "InvalidVolume.ZoneMismatch",
            f"The volume '{volume.id}' is not in the same availability zone as instance '{instance.id}'",
        )


def _attachment(volume: Resource, request: Request) -> Body:
    """Return the attachment that a request means.

    Raises:
        Ec2Error: `IncorrectState` (recorded in public issues), `InvalidAttachment.NotFound`.
    """
    attachment: Body | None = next(iter(volume.body["Attachments"]), None)
    if attachment is None:
        raise Ec2Error("IncorrectState", f"Volume '{volume.id}' is in the 'available' state.")
    for member in ("InstanceId", "Device"):
        if (request.get(member) or attachment[member]) != attachment[member]:
            raise Ec2Error(
                "InvalidAttachment.NotFound", f"The volume '{volume.id}' is not attached as specified."
            )
    return attachment
