"""CreateVolume, DeleteVolume, AttachVolume, DetachVolume, ModifyVolume, DescribeVolumes.

A machine is given its disks as it starts: what is attached or detached while it runs is 501.
Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html and its neighbours.
Sentences of refusals are from memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Reply, Request
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.services.ec2.errors import (
    Ec2Error,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.hosts.host import DiskUnavailable, Hosts
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.regions.table import zone
from sagehen.services.ec2.resources.access import (
    Keys,
    Owner,
    named,
    on,
    request_tags,
    tag_keys,
    tagging,
    volume_keys,
)
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import INSTANCE, VOLUME
from sagehen.services.ec2.resources.listing import listed
from sagehen.services.ec2.resources.resource import Resource, stamp
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import given
from sagehen.services.ec2.volumes import bill
from sagehen.services.ec2.volumes.source import source
from sagehen.services.ec2.volumes.volumes import attach, check_size, detach, made, new_volume

_FILTERS = {
    "attachment.attach-time": "Attachments.AttachTime",
    "attachment.delete-on-termination": "Attachments.DeleteOnTermination",
    "attachment.device": "Attachments.Device",
    "attachment.instance-id": "Attachments.InstanceId",
    "attachment.status": "Attachments.State",
    "availability-zone": "AvailabilityZone",
    "create-time": "CreateTime",
    "encrypted": "Encrypted",
    "multi-attach-enabled": "MultiAttachEnabled",
    "size": "Size",
    "snapshot-id": "SnapshotId",
    "status": "State",
    "volume-id": "VolumeId",
    "volume-type": "VolumeType",
}
_NOT_BUILT = (
    *("Encrypted", "KmsKeyId", "OutpostArn", "MultiAttachEnabled", "Operator"),
    "VolumeInitializationRate",
)


def _makes_one(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    scope = context.scope
    keys: Keys = {"ec2:Region": scope.region, **volume_keys(request, "Size")}
    if name := request.get("AvailabilityZone"):
        keys["ec2:AvailabilityZone"] = name
    keys |= tag_keys(request_tags(request, VOLUME))
    if snapshot := request.get("SnapshotId"):
        access = named(owner.state, scope, "ec2:CreateVolume", "SnapshotId", snapshot)
        keys["ec2:ParentSnapshot"] = access.resource
        yield access
    yield Access("ec2:CreateVolume", scope.arn("ec2", "volume/*"), keys)
    yield from tagging(context, request)


class Volumes:
    """Disks of machines.

    Args:
        state: Where resources are.
        clock: Dates them.
        hosts: Makes disks; None: no machine can be had.
    """

    def __init__(self, state: State, clock: Clock, hosts: Hosts | None) -> None:
        self.state = state
        self._clock = clock
        self._hosts = hosts

    @action("CreateVolume", access=_makes_one)
    async def create_volume(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make a disk, empty or with what a snapshot holds.

        Raises:
            InvalidParameterValue, MissingParameter, TagLimitExceeded.
            Ec2Error: `InvalidZone.NotFound`, `VolumeLimitExceeded`, `InvalidSnapshot.NotFound`,
                `IncorrectState`: the snapshot is not taken; `InternalError`: there is no room for the disk.
            NotImplementedOperation: Encryption, sharing.
        """
        refuse_unbuilt(request, _NOT_BUILT)
        hosts = self._disks()
        snapshot = request.get("SnapshotId") or ""
        if request.get("Size") is None and not snapshot:
            raise MissingParameter("size/snapshot")
        name, zone_id = request.get("AvailabilityZone") or "", request.get("AvailabilityZoneId") or ""
        if not name and not zone_id:
            raise MissingParameter("availabilityZone")
        place = zone(context.scope.region, name=name, identifier=zone_id)
        if place is None:
            raise Ec2Error("InvalidZone.NotFound", f"The zone '{(name or zone_id)[:64]}' does not exist.")
        tags, now = given(request, VOLUME), self._clock.now()

        def work(view: View) -> Resource:
            return new_volume(
                view,
                gib=_size(view, request.get("Size"), snapshot),
                kind=request.get("VolumeType") or "gp2",
                zone=place.name,
                at=now,
                snapshot=snapshot,
                iops=request.get("Iops"),
                throughput=request.get("Throughput"),
                tags=tags,
            )

        volume = await self.state.change(context.scope, request, work)
        try:
            await hosts.make_volume(volume.id, volume.body["Size"], snapshot)
        except DiskUnavailable as error:
            await self.state.change(context.scope, {}, lambda view: view.remove(volume))
            raise Ec2Error("InternalError", f"The volume cannot be made: {error}") from error
        if snapshot:
            await self.state.change(context.scope, {}, lambda view: _made(view, volume.id))
        return volume.shown()

    @action("DescribeVolumes")
    async def describe_volumes(self, context: RequestContext, request: Request) -> Reply:
        """Return a page of volumes."""
        return await self.state.read(
            context.scope,
            lambda view: listed(view, request, VOLUME, answer="Volumes", ids="VolumeIds", filters=_FILTERS),
        )

    @action("AttachVolume", access=on("VolumeId", "InstanceId"))
    async def attach_volume(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Give a disk to a machine that is stopped.

        Raises:
            Ec2Error: `….NotFound`, `VolumeInUse`, `InvalidVolume.ZoneMismatch`.
            InvalidParameterValue: The device is taken.
            NotImplementedOperation: The machine runs.
        """
        refuse_unbuilt(request, ("EbsCardIndex",))
        device = request.get("Device") or ""
        if not device or len(device) > 32 or not device.isascii() or not device.isprintable():
            raise InvalidParameterValue(f"Value ({device[:32]}) for parameter device is invalid.")
        now = self._clock.now()

        def work(view: View) -> dict[str, Any]:
            volume = view.get(VOLUME, request["VolumeId"])
            instance = view.get(INSTANCE, request["InstanceId"])
            if volume.body["State"] != "available":
                raise Ec2Error("VolumeInUse", f"{volume.id} is already attached to an instance")
            if volume.body["AvailabilityZone"] != instance.body["Placement"]["AvailabilityZone"]:
                raise Ec2Error(
                    "InvalidVolume.ZoneMismatch",
                    f"The volume '{volume.id}' is not in the same availability zone as instance "
                    f"'{instance.id}'",
                )
            _require_stopped(instance)
            others = [item.body["Attachments"][0]["Device"] for item in view.of(VOLUME, instance.id)]
            if device in others:
                raise InvalidParameterValue(
                    f"Invalid value '{device}' for unixDevice. Attachment point {device} is already in use"
                )
            attach(view, volume, instance.id, device, now, ends_with_it=False)
            attachment: dict[str, Any] = volume.body["Attachments"][0]
            return attachment

        return await self.state.change(context.scope, request, work)

    @action("DetachVolume", access=on("VolumeId", "InstanceId"))
    async def detach_volume(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Take a disk from a machine that is stopped.

        Raises:
            Ec2Error: `InvalidVolume.NotFound`, `IncorrectState`, `InvalidAttachment.NotFound`.
            NotImplementedOperation: The machine runs.
        """

        def work(view: View) -> dict[str, Any]:
            volume = view.get(VOLUME, request["VolumeId"])
            attachment = next(iter(volume.body["Attachments"]), None)
            if attachment is None:
                raise Ec2Error("IncorrectState", f"Volume '{volume.id}' is in the 'available' state.")
            asked = request.get("InstanceId"), request.get("Device")
            if (asked[0] or attachment["InstanceId"], asked[1] or attachment["Device"]) != (
                attachment["InstanceId"],
                attachment["Device"],
            ):
                raise Ec2Error(
                    "InvalidAttachment.NotFound", f"The volume '{volume.id}' is not attached as specified."
                )
            _require_stopped(view.get(INSTANCE, attachment["InstanceId"]))
            detach(view, volume)
            return {**attachment, "State": "detached"}

        return await self.state.change(context.scope, request, work)

    @action("DeleteVolume", access=on("VolumeId"))
    async def delete_volume(self, context: RequestContext, request: Request) -> None:
        """Remove a disk that no machine has.

        Raises:
            Ec2Error: `InvalidVolume.NotFound`, `VolumeInUse`.
        """

        def work(view: View) -> str:
            volume = view.get(VOLUME, request["VolumeId"])
            if volume.body["State"] != "available":
                instance = volume.body["Attachments"][0]["InstanceId"]
                raise Ec2Error("VolumeInUse", f"Volume {volume.id} is currently attached to {instance}")
            view.remove(volume)
            return volume.id

        gone = await self.state.change(context.scope, request, work)
        await self._disks().remove_volume(gone)

    @action("ModifyVolume", access=on("VolumeId", attributes=("Size", "VolumeType", "Iops", "Throughput")))
    async def modify_volume(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Let a disk hold more; at once.

        Raises:
            Ec2Error: `InvalidVolume.NotFound`.
            InvalidParameterValue: It would hold less. InvalidParameterCombination: Nothing is to be changed.
            NotImplementedOperation: Its machine runs; sharing.
        """
        refuse_unbuilt(request, ("MultiAttachEnabled",))
        if not any(request.get(name) for name in ("Size", "VolumeType", "Iops", "Throughput")):
            raise InvalidParameterCombination("No attributes to modify were specified.")
        now = self._clock.now()
        at = stamp(now)
        hosts = self._disks()

        def work(view: View) -> dict[str, Any]:
            volume = view.get(VOLUME, request["VolumeId"])
            before = volume.body
            size = request.get("Size") or before["Size"]
            kind = request.get("VolumeType") or before["VolumeType"]
            check_size(size, kind)
            if size < before["Size"]:
                raise InvalidParameterValue("New size cannot be smaller than existing size")
            for attachment in before["Attachments"]:
                _require_stopped(view.get(INSTANCE, attachment["InstanceId"]))
            after = {
                name: request.get(name) or before.get(name)
                for name in ("Iops", "Throughput")
                if request.get(name) or before.get(name)
            }
            volume.body = bill.change(before, {**after, "Size": size, "VolumeType": kind}, now)
            view.save(volume)
            return {
                "VolumeId": volume.id,
                "ModificationState": "completed",
                "Progress": 100,
                "StartTime": at,
                "EndTime": at,
                "OriginalSize": before["Size"],
                "TargetSize": size,
                "OriginalVolumeType": before["VolumeType"],
                "TargetVolumeType": kind,
                "OriginalIops": before.get("Iops"),
                "TargetIops": volume.body.get("Iops"),
                "OriginalThroughput": before.get("Throughput"),
                "TargetThroughput": volume.body.get("Throughput"),
            }

        shown = await self.state.change(context.scope, request, work)
        if shown["TargetSize"] != shown["OriginalSize"]:
            await hosts.resize_volume(shown["VolumeId"], shown["TargetSize"])
        return {"VolumeModification": shown}

    def _disks(self) -> Hosts:
        if self._hosts is None:
            raise NotImplementedOperation("This platform runs no EC2 machines, and has no disks for them.")
        return self._hosts


def _size(view: View, asked: int | None, snapshot: str) -> int:
    """Return a new volume's size: the snapshot's, or a larger one.

    Raises:
        Ec2Error: `InvalidSnapshot.NotFound`, `IncorrectState`.
        InvalidParameterValue: It is smaller.
    """
    if not snapshot:
        assert asked is not None
        return asked
    least = int(source(view, snapshot).body["VolumeSize"])
    if asked is not None and asked < least:
        raise InvalidParameterValue(
            f"Volume of size {asked}GB is smaller than snapshot '{snapshot}', expect size >= {least}GB"
        )
    return asked or least


def _made(view: View, volume_id: str) -> None:
    if (found := view.find(VOLUME, volume_id)) is not None:
        made(view, found)


def _require_stopped(instance: Resource) -> None:
    name = instance.body["State"]["Name"]
    if name == "terminated":
        raise Ec2Error("IncorrectState", f"Instance '{instance.id}' is not 'running'.")
    if name != "stopped":
        raise NotImplementedOperation(
            f"Sagehen does not change the disks of a machine that is {name}: stop {instance.id} first."
        )
