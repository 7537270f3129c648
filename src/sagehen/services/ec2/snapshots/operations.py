"""CreateSnapshot, CreateSnapshots, CopySnapshot, DeleteSnapshot.

A snapshot has what was written before the answer: a machine that has the volume stands still until it is
copied.
Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSnapshot.html and its neighbours.
`is currently in use by`: recorded in public issues. Other sentences of refusals are from memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue
from sagehen.services.ec2.hosts.host import Attached
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.access import Owner, creation, named, on, tagging
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import IMAGE, INSTANCE, SNAPSHOT, VOLUME
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.snapshots.making import Making
from sagehen.services.ec2.snapshots.snapshots import NO_VOLUME, inherited, new_snapshot
from sagehen.services.ec2.tags.rules import checked, given
from sagehen.services.ec2.volumes.source import source
from sagehen.services.ec2.volumes.volumes import FROM_SNAPSHOT, volumes_of

_PENDING = 5  # ours: an account may have so many being taken of one volume (AWS's own quota, documented)


def _of_a_machine(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for the machine, its volumes, and what is made."""
    scope, name = context.scope, "ec2:CreateSnapshots"
    identifier = str((request.get("InstanceSpecification") or {}).get("InstanceId") or "")
    yield named(owner.state, scope, name, "InstanceId", identifier)
    for volume in owner.state.view(scope).of(VOLUME, identifier):
        yield named(owner.state, scope, name, "VolumeId", volume.id)
    yield creation(context, request, SNAPSHOT)
    yield from tagging(context, request)


def _copying(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    """Ask for the snapshot in its own region, and for what is made."""
    there = Scope(context.scope.account_id, request.get("SourceRegion") or context.scope.region)
    yield named(owner.state, there, "ec2:CopySnapshot", "", request.get("SourceSnapshotId") or "")
    yield creation(context, request, SNAPSHOT)
    yield from tagging(context, request)


class Snapshots:
    """What volumes held.

    Args:
        state: Where resources are.
        clock: Dates them.
        making: Takes them; None: no machine can be had.
    """

    def __init__(self, state: State, clock: Clock, making: Making | None) -> None:
        self.state = state
        self._clock = clock
        self._making = making

    @action("CreateSnapshot", access=on("VolumeId", creates=SNAPSHOT))
    async def create_snapshot(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Keep what a volume holds now.

        Raises:
            Ec2Error: `InvalidVolume.NotFound`, `SnapshotLimitExceeded`, `ConcurrentSnapshotLimitExceeded`.
            InvalidParameterValue, TagLimitExceeded. NotImplementedOperation: Outposts.
        """
        _refuse_elsewhere(request)
        making, tags, now = self._made(), given(request, SNAPSHOT), self._clock.now()

        def work(view: View) -> tuple[Resource, Attached]:
            volume = view.get(VOLUME, request["VolumeId"])
            row = snapshot_of(view, volume, request.get("Description") or "", tags, now)
            return row, attached(volume)

        row, volume = await self.state.change(context.scope, request, work)
        await making.of_volumes(context.scope, {row.id: volume})
        return row.shown()

    @action("CreateSnapshots", access=_of_a_machine)
    async def create_snapshots(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Keep what all volumes of a machine hold at one moment.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`, `SnapshotLimitExceeded`.
            InvalidParameterValue, TagLimitExceeded. NotImplementedOperation: Outposts.
        """
        _refuse_elsewhere(request)
        making, tags, now = self._made(), given(request, SNAPSHOT), self._clock.now()
        wanted: Body = request["InstanceSpecification"]
        copies = request.get("CopyTagsFromSource") == "volume"

        def work(view: View) -> list[tuple[Resource, Attached]]:
            instance = view.get(INSTANCE, wanted["InstanceId"])
            volumes = chosen(view, instance, wanted)
            description = request.get("Description") or ""
            made = []
            for volume in volumes:
                own = {key: value for key, value in volume.tags.items() if not key.startswith("aws:")}
                both = checked([{"Key": k, "Value": v} for k, v in {**own, **tags}.items()])
                row = snapshot_of(view, volume, description, both if copies else tags, now)
                made.append((row, attached(volume)))
            return made

        made = await self.state.change(context.scope, request, work)
        await making.of_volumes(context.scope, {row.id: volume for row, volume in made})
        return {"Snapshots": [row.shown() for row, _ in made]}

    @action("CopySnapshot", access=_copying)
    async def copy_snapshot(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Copy a snapshot, from another region or the same.

        Raises:
            Ec2Error: `InvalidSnapshot.NotFound`, `IncorrectState`, `SnapshotLimitExceeded`.
            InvalidParameterValue, TagLimitExceeded.
            NotImplementedOperation: Encryption, Outposts, local zones.
        """
        refuse_unbuilt(
            request,
            (
                *("Encrypted", "KmsKeyId", "DestinationOutpostArn", "CompletionDurationMinutes"),
                "DestinationAvailabilityZone",
            ),
        )
        if request.get("DestinationRegion") not in (None, "", context.scope.region):
            raise InvalidParameterValue("The destination region is the one that the request is sent to.")
        making, tags, now = self._made(), given(request, SNAPSHOT), self._clock.now()

        def work(view: View) -> Resource:
            origin = source(view.elsewhere(request["SourceRegion"]), request["SourceSnapshotId"])
            return copy_of(view, origin, request.get("Description") or "", tags, now)

        row = await self.state.change(context.scope, request, work)
        making.of_snapshots(context.scope, {row.id: request["SourceSnapshotId"]})
        return {"SnapshotId": row.id, "Tags": row.tag_list}

    @action("DeleteSnapshot", access=on("SnapshotId"))
    async def delete_snapshot(self, context: RequestContext, request: Request) -> None:
        """Delete a snapshot that no image uses. Volumes that were made of it stay as they are.

        Raises:
            Ec2Error: `InvalidSnapshot.NotFound`, `InvalidSnapshot.InUse`.
        """
        await self.delete(context.scope, request, [request["SnapshotId"]])

    async def delete(self, scope: Scope, request: Request, snapshot_ids: list[str]) -> None:
        """Delete snapshots. Raises as `delete_snapshot`."""

        def work(view: View) -> None:
            for identifier in snapshot_ids:
                row = view.get(SNAPSHOT, identifier)
                if users := users_of(view, identifier):
                    raise Ec2Error(
                        "InvalidSnapshot.InUse", f"The snapshot {row.id} is currently in use by {users[0]}"
                    )
                view.remove(row)

        await self.state.change(scope, request, work)
        if self._making is not None:
            self._making.forget(snapshot_ids)

    def _made(self) -> Making:
        if self._making is None:
            raise NotImplementedOperation("This platform runs no EC2 machines, and has no disks for them.")
        return self._making


def snapshot_of(
    view: View,
    volume: Resource,
    description: str,
    tags: dict[str, str],
    at: datetime,
) -> Resource:
    """Make the row of a snapshot of a volume.

    Raises:
        Ec2Error: `SnapshotLimitExceeded`, `ConcurrentSnapshotLimitExceeded`.
    """
    before = view.of(SNAPSHOT, volume.id)
    if sum(row.body["State"] == "pending" for row in before) >= _PENDING:
        raise Ec2Error("ConcurrentSnapshotLimitExceeded", "Maximum allowed in-progress snapshots exceeded.")
    return new_snapshot(
        view,
        volume_id=volume.id,
        gib=volume.body["Size"],
        at=at,
        description=description,
        tags=tags,
        inherits=inherited(volume.body),
    )


def copy_of(view: View, origin: Resource, description: str, tags: dict[str, str], at: datetime) -> Resource:
    """Make the row of a copy of a snapshot. Raises as `new_snapshot`."""
    return new_snapshot(
        view,
        volume_id=NO_VOLUME,
        gib=origin.body["VolumeSize"],
        at=at,
        description=description,
        tags=tags,
        inherits=inherited(origin.body),
    )


def attached(volume: Resource) -> Attached:
    """Return what the host needs to know of a volume to copy it."""
    return Attached(volume.id, "", volume.body["Size"], volume.body.get(FROM_SNAPSHOT, ""))


def users_of(view: View, snapshot_id: str) -> list[str]:
    """Return the ids of the images that are made of a snapshot."""
    return [
        image.id
        for image in view.all(IMAGE)
        for mapping in image.body["BlockDeviceMappings"]
        if (mapping.get("Ebs") or {}).get("SnapshotId") == snapshot_id
    ]


def chosen(view: View, instance: Resource, wanted: Body) -> list[Resource]:
    """Return the volumes of an instance that a specification leaves.

    Raises:
        InvalidParameterValue: None is left, or one that is to be left out is not there.
    """
    found = volumes_of(view, instance.id)
    excluded = set(wanted.get("ExcludeDataVolumeIds") or ())
    root = instance.body["RootDeviceName"]
    roots = [volume for volume in found if volume.body["Attachments"][0]["Device"] == root]
    if excluded - {volume.id for volume in found if volume not in roots}:
        raise InvalidParameterValue("ExcludeDataVolumeIds names what is no data volume of the instance.")
    left = [
        volume
        for volume in found
        if volume.id not in excluded and not (wanted.get("ExcludeBootVolume") and volume in roots)
    ]
    if not left:
        raise InvalidParameterValue("The specification leaves no volume of the instance.")
    return left


def _refuse_elsewhere(request: Request) -> None:
    refuse_unbuilt(request, ("OutpostArn",))
    if request.get("Location") not in (None, "regional"):
        refuse_unbuilt({"Location": True}, ("Location",))
