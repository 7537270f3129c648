"""CreateVolume, DeleteVolume, ModifyVolume, DescribeVolumes.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html and its neighbours.
Sentences of refusals are from memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Reply, Request
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import (
    Ec2Error,
    InvalidParameterCombination,
    InvalidParameterValue,
    MissingParameter,
)
from sagehen.services.ec2.hosts.host import DiskUnavailable
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
from sagehen.services.ec2.resources.resource import Body, Resource, stamp
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.tokens import once
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.tags.rules import given
from sagehen.services.ec2.volumes import bill
from sagehen.services.ec2.volumes.live import LiveDisks, runs
from sagehen.services.ec2.volumes.source import source
from sagehen.services.ec2.volumes.volumes import check_size, made, new_volume

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
# Documented: "There is not enough capacity to fulfill your EBS volume provision request."
_NO_ROOM = "InsufficientVolumeCapacity"
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
        live: Who makes disks, and machines that run.
    """

    def __init__(self, state: State, clock: Clock, live: LiveDisks) -> None:
        self.state = state
        self._clock = clock
        self._live = live

    @action("CreateVolume", access=_makes_one)
    async def create_volume(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make a disk, empty or with what a snapshot holds.

        Raises:
            InvalidParameterValue, MissingParameter, TagLimitExceeded, IdempotentParameterMismatch.
            Ec2Error: `InvalidZone.NotFound`, `VolumeLimitExceeded`, `InvalidSnapshot.NotFound`,
                `IncorrectState`: the snapshot is not taken; `InsufficientVolumeCapacity`: no disk can be
                so large here, or there is no room for it.
            NotImplementedOperation: Encryption, sharing.
        """
        refuse_unbuilt(request, _NOT_BUILT)
        hosts = self._live.disks()
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
            return once(
                *(view, VOLUME, request),
                lambda: new_volume(
                    view,
                    gib=_size(view, request.get("Size"), snapshot),
                    kind=request.get("VolumeType") or "gp2",
                    zone=place.name,
                    at=now,
                    snapshot=snapshot,
                    iops=request.get("Iops"),
                    throughput=request.get("Throughput"),
                    tags=tags,
                ),
            )

        volume = await self.state.change(context.scope, request, work)
        try:
            await hosts.make_volume(volume.id, volume.body["Size"], snapshot)
        except DiskUnavailable as error:
            await self.state.change(context.scope, {}, lambda view: view.remove(volume))
            raise Ec2Error(_NO_ROOM, f"The volume cannot be made: {error}", status=500) from error
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
        await self._live.disks().remove_volume(gone)

    @action("ModifyVolume", access=on("VolumeId", attributes=("Size", "VolumeType", "Iops", "Throughput")))
    async def modify_volume(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Let a disk hold more; at once. Its file system grows with it, as no machine here has block devices.

        Raises:
            Ec2Error: `InvalidVolume.NotFound`, `IncorrectState`: its machine comes up, or ends;
                `InsufficientVolumeCapacity`: it did not grow.
            InvalidParameterValue: It would hold less. InvalidParameterCombination: Nothing is to be changed.
            NotImplementedOperation: Its machine runs, and this platform may not let it grow; sharing.
        """
        refuse_unbuilt(request, ("MultiAttachEnabled",))
        if not any(request.get(name) for name in ("Size", "VolumeType", "Iops", "Throughput")):
            raise InvalidParameterCombination("No attributes to modify were specified.")
        now, can_change = self._clock.now(), await self._live.can_change(size=True)

        def look(view: View) -> tuple[Resource, str]:
            """Return the volume, and which machine runs with it."""
            volume = view.get(VOLUME, request["VolumeId"])
            grows = _wanted(volume.body, request)["Size"] > volume.body["Size"]
            for attachment in volume.body["Attachments"] if grows else ():
                instance = view.get(INSTANCE, attachment["InstanceId"])
                if runs(instance, can_change=can_change):
                    return volume, instance.id
            return volume, ""

        def work(view: View) -> Body:
            volume, _ = look(view)
            before, after = volume.body, _wanted(volume.body, request)
            volume.body = bill.change(before, after, now)
            view.save(volume)
            return _modification(before, volume.body, stamp(now))

        async def whole() -> Body:
            volume, instance_id = await self.state.change(context.scope, request, look, quiet=True)
            size = request.get("Size") or 0
            if size > volume.body["Size"]:
                await self._grow(context.scope, volume, instance_id, size)
            return await self.state.change(context.scope, request, work)

        return {"VolumeModification": await self._live.whole(whole())}

    async def _grow(self, scope: Scope, volume: Resource, instance_id: str, gib: int) -> None:
        host = self._live.find(scope, instance_id) if instance_id else None
        try:
            if host is not None:
                await host.grow(volume.id, gib)
            else:
                await self._live.disks().resize_volume(volume.id, gib)
        except DiskUnavailable as error:
            raise Ec2Error(_NO_ROOM, f"The volume cannot be made larger: {error}", status=500) from error


def _wanted(before: Body, request: Request) -> Body:
    """Return what changes of a volume.

    Raises:
        InvalidParameterValue: It cannot be so.
    """
    size = request.get("Size") or before["Size"]
    kind = request.get("VolumeType") or before["VolumeType"]
    check_size(size, kind)
    if size < before["Size"]:
        raise InvalidParameterValue("New size cannot be smaller than existing size")
    given = {name: request.get(name) or before.get(name) for name in ("Iops", "Throughput")}
    return {**{name: value for name, value in given.items() if value}, "Size": size, "VolumeType": kind}


def _modification(before: Body, after: Body, at: str) -> Body:
    return {
        "VolumeId": after["VolumeId"],
        "ModificationState": "completed",
        "Progress": 100,
        "StartTime": at,
        "EndTime": at,
        "OriginalSize": before["Size"],
        "TargetSize": after["Size"],
        "OriginalVolumeType": before["VolumeType"],
        "TargetVolumeType": after["VolumeType"],
        "OriginalIops": before.get("Iops"),
        "TargetIops": after.get("Iops"),
        "OriginalThroughput": before.get("Throughput"),
        "TargetThroughput": after.get("Throughput"),
    }


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
