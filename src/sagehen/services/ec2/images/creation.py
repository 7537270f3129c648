"""CreateImage, RegisterImage, CopyImage, DeregisterImage.

Source: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateImage.html and its neighbours.
Sentences of refusals are from memory where nothing else is said.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from typing import Any, Protocol

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ServiceError
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.domain.clock import Clock
from sagehen.domain.scope import Scope
from sagehen.services.ec2.errors import Ec2Error, InvalidParameterValue, MissingParameter
from sagehen.services.ec2.hosts.host import Attached
from sagehen.services.ec2.images import mappings
from sagehen.services.ec2.images.finding import find, looks
from sagehen.services.ec2.images.own import new_image, snapshot_ids
from sagehen.services.ec2.network.vpcs import refuse_unbuilt
from sagehen.services.ec2.resources.access import Keys, Owner, named, tagging
from sagehen.services.ec2.resources.access import creation as making_one
from sagehen.services.ec2.resources.action import action
from sagehen.services.ec2.resources.kinds import IMAGE, INSTANCE, SNAPSHOT
from sagehen.services.ec2.resources.resource import Body, Resource
from sagehen.services.ec2.resources.state import State
from sagehen.services.ec2.resources.tokens import once
from sagehen.services.ec2.resources.view import View
from sagehen.services.ec2.snapshots.making import Making
from sagehen.services.ec2.snapshots.operations import Snapshots, attached, copy_of, snapshot_of, users_of
from sagehen.services.ec2.snapshots.snapshots import inherited
from sagehen.services.ec2.tags.rules import given
from sagehen.services.ec2.volumes.source import source
from sagehen.services.ec2.volumes.volumes import volumes_of

_OF_COPIES = (
    *("Encrypted", "KmsKeyId", "DestinationOutpostArn", "SnapshotCopyCompletionDurationMinutes"),
    *("DestinationAvailabilityZone", "DestinationAvailabilityZoneId"),
)
_OF_REGISTERED = ("ImageLocation", "BillingProducts", "TpmSupport", "UefiData", "KernelId", "RamdiskId")


class Reboots(Protocol):
    """Who can let a machine rest."""

    async def rest(self, scope: Scope, instance_id: str, work: Callable[[], Awaitable[None]]) -> bool:
        """Reboot it and do something in between; False, and nothing done, where it does not run."""
        ...


def _of_a_machine(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    identifier = request.get("InstanceId") or ""
    yield named(owner.state, context.scope, "ec2:CreateImage", "InstanceId", identifier)
    yield making_one(context, request, IMAGE)
    made = making_one(context, request, SNAPSHOT)
    volumes = volumes_of(owner.state.view(context.scope), identifier)
    for volume in volumes:
        keys: Keys = {
            "ec2:Owner": context.scope.account_id,
            "ec2:ParentVolume": volume.arn,
            "ec2:VolumeSize": str(volume.body["Size"]),
        }
        yield replace(made, conditions={**made.conditions, **keys})
    if not volumes:
        yield made
    yield from tagging(context, request)


def _of_snapshots(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    yield making_one(context, request, IMAGE)
    for mapping in request.get("BlockDeviceMappings") or ():
        if identifier := (mapping.get("Ebs") or {}).get("SnapshotId"):
            yield named(owner.state, context.scope, "ec2:RegisterImage", "SnapshotId", identifier)
    yield from tagging(context, request)


def _of_an_image(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    there = Scope(context.scope.account_id, request.get("SourceRegion") or context.scope.region)
    yield named(owner.state, there, "ec2:CopyImage", "", request.get("SourceImageId") or "")
    yield making_one(context, request, IMAGE)
    yield making_one(context, request, SNAPSHOT)
    yield from tagging(context, request)


def _with_its_snapshots(owner: Owner, context: RequestContext, request: Request) -> Iterator[Access]:
    identifier = request.get("ImageId") or ""
    yield named(owner.state, context.scope, "ec2:DeregisterImage", "ImageId", identifier)
    image = owner.state.view(context.scope).find(IMAGE, identifier)
    if request.get("DeleteAssociatedSnapshots") and image is not None:
        for snapshot in snapshot_ids(image.body):
            yield named(owner.state, context.scope, "ec2:DeleteSnapshot", "SnapshotId", snapshot)


class Creation:
    """Images of one's own.

    Args:
        making: Takes snapshots; None: no machine can be had.
        snapshots: Deletes them.
        reboots: Lets machines rest meanwhile.
    """

    def __init__(
        self,
        state: State,
        clock: Clock,
        making: Making | None,
        snapshots: Snapshots,
        reboots: Reboots | None,
    ) -> None:
        self.state = state
        self._clock = clock
        self._making = making
        self._snapshots = snapshots
        self._reboots = reboots

    @action("CreateImage", access=_of_a_machine)
    async def create_image(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make an image of a machine: of all its volumes, while it is rebooted, or stands still.

        Raises:
            Ec2Error: `InvalidInstanceID.NotFound`, `InvalidAMIName.Duplicate`, `InvalidAMIName.Malformed`,
                `IncorrectState`: the machine is neither running nor stopped; `SnapshotLimitExceeded`, …
            InvalidParameterValue, InvalidParameterCombination, TagLimitExceeded.
            NotImplementedOperation: Outposts, encryption, disks of the host, BootModeOverride.
        """
        refuse_unbuilt(request, ("BootModeOverride",))
        if request.get("SnapshotLocation") not in (None, "regional"):
            refuse_unbuilt({"SnapshotLocation": True}, ("SnapshotLocation",))
        making, now, scope = self._made(), self._clock.now(), context.scope
        tags, its_tags = given(request, IMAGE, SNAPSHOT), given(request, SNAPSHOT, IMAGE)
        asked = mappings.checked(request.get("BlockDeviceMappings") or ())
        runs, reboots = False, not request.get("NoReboot")

        def work(view: View) -> tuple[Resource, dict[str, Attached]]:
            nonlocal runs
            instance = view.get(INSTANCE, request["InstanceId"])
            runs = _runs(instance)
            root = instance.body["RootDeviceName"]
            if (asked.get(root) or {}).get("NoDevice") is not None:
                raise Ec2Error("InvalidBlockDeviceMapping", f"The root device {root} cannot be left out.")
            volumes = mappings.kept(volumes_of(view, instance.id), asked)
            rows = {
                volume.id: snapshot_of(view, volume, f"Created by CreateImage({instance.id})", its_tags, now)
                for volume in volumes
            }
            _check_sources(view, asked)
            shown = mappings.of_machine({name: row.id for name, row in rows.items()}, volumes, asked)
            image = new_image(
                view,
                name=request["Name"],
                description=request.get("Description") or "",
                architecture=instance.body["Architecture"],
                root=root,
                mappings=shown,
                at=now,
                tags=tags,
                more={
                    **looks(instance.body, scope.region),
                    "BootMode": instance.body.get("BootMode"),
                    "SourceInstanceId": instance.id,
                    "SourceImageId": instance.body["ImageId"],
                    "SourceImageRegion": scope.region,
                },
            )
            return image, {rows[volume.id].id: attached(volume) for volume in volumes}

        image, taken = await self.state.change(scope, request, work)
        await making.of_volumes(scope, taken, self._at_rest(scope, request) if runs and reboots else None)
        return {"ImageId": image.id}

    @action("RegisterImage", access=_of_snapshots)
    async def register_image(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Make an image of snapshots.

        Raises:
            Ec2Error: `InvalidSnapshot.NotFound`, `IncorrectState`, `InvalidAMIName.Duplicate`,
                `InvalidBlockDeviceMapping`. MissingParameter, InvalidParameterValue, TagLimitExceeded.
            NotImplementedOperation: Manifests in S3, paravirtual images, architectures that no type has.
        """
        refuse_unbuilt(request, _OF_REGISTERED)
        architecture = request.get("Architecture") or "i386"  # documented: the default
        virtualization = request.get("VirtualizationType") or "paravirtual"
        for member, value, known in (
            ("Architecture", architecture, ("x86_64", "arm64")),
            ("VirtualizationType", virtualization, ("hvm",)),
            ("SriovNetSupport", request.get("SriovNetSupport") or "simple", ("simple",)),
        ):
            if value not in known:
                raise NotImplementedOperation(f"Sagehen does not implement {member} {value[:64]!r} of EC2.")
        root, asked = request.get("RootDeviceName"), request.get("BlockDeviceMappings")
        if not root or not asked:
            raise MissingParameter("rootDeviceName" if not root else "blockDeviceMapping")
        now, tags = self._clock.now(), given(request, IMAGE, SNAPSHOT)

        def work(view: View) -> Resource:
            shown: list[Body] = []
            inherits: Body = {}
            for device, mapping in mappings.checked(asked).items():
                if mapping.get("NoDevice") is not None:
                    continue
                ebs: Body = mapping.get("Ebs") or {}
                least = None
                if snapshot := ebs.get("SnapshotId"):
                    # One's own: others may delete theirs.
                    view.get(SNAPSHOT, snapshot)
                    row = source(view, snapshot)
                    least = row.body["VolumeSize"]
                    inherits = inherited(row.body) if device == root else inherits
                shown.append({"DeviceName": device, "Ebs": mappings.new(ebs, least)})
            if not any(item["DeviceName"] == root and "SnapshotId" in item["Ebs"] for item in shown):
                raise InvalidParameterValue(f"The root device {root[:32]} has no snapshot.")
            return new_image(
                view,
                name=request["Name"],
                description=request.get("Description") or "",
                architecture=architecture,
                root=root,
                mappings=shown,
                at=now,
                tags=tags,
                more={
                    **inherits,
                    "BootMode": request.get("BootMode"),
                    "EnaSupport": bool(request.get("EnaSupport")),
                    "ImdsSupport": request.get("ImdsSupport"),
                },
            )

        return {"ImageId": (await self.state.change(context.scope, request, work)).id}

    @action("CopyImage", access=_of_an_image)
    async def copy_image(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Copy an image with its snapshots, from another region or the same.

        Raises:
            Ec2Error: `InvalidAMIID.NotFound`, `InvalidAMIID.Unavailable`, `InvalidAMIName.Duplicate`.
            InvalidParameterValue, TagLimitExceeded, IdempotentParameterMismatch.
            NotImplementedOperation: Encryption, Outposts, local zones, time-based copies.
        """
        refuse_unbuilt(request, _OF_COPIES)
        making, now = self._made(), self._clock.now()
        tags, its_tags = given(request, IMAGE, SNAPSHOT), given(request, SNAPSHOT, IMAGE)
        copies: dict[str, str] = {}

        def copied(view: View) -> Resource:
            there = view.elsewhere(request["SourceRegion"])
            origin = find(there, request["SourceImageId"])
            require_available(origin, "may not be used for this operation")
            shown = []
            for mapping in origin["BlockDeviceMappings"]:
                ebs = dict(mapping["Ebs"])
                # Those of public images hold nothing: an instance's disk is filled as it first comes up.
                snapshot = there.anywhere(SNAPSHOT, ebs.pop("SnapshotId", ""))
                if snapshot is not None:
                    row = copy_of(
                        view,
                        snapshot,
                        f"Copied for DestinationAmi from SourceAmi {origin['ImageId']}",
                        its_tags,
                        now,
                    )
                    copies[row.id], ebs["SnapshotId"] = snapshot.id, row.id
                shown.append({"DeviceName": mapping["DeviceName"], "Ebs": ebs})
            own = {tag["Key"]: tag["Value"] for tag in origin["Tags"] if not tag["Key"].startswith("aws:")}
            return new_image(
                view,
                name=request["Name"],
                description=request.get("Description") or "",
                architecture=origin["Architecture"],
                root=origin["RootDeviceName"],
                mappings=shown,
                at=now,
                tags={**(own if request.get("CopyImageTags") else {}), **tags},
                more={
                    **inherited(origin),
                    "BootMode": origin.get("BootMode"),
                    "SourceImageId": origin["ImageId"],
                    "SourceImageRegion": request["SourceRegion"],
                },
            )

        image = await self.state.change(
            *(context.scope, request),
            lambda view: once(view, IMAGE, request, lambda: copied(view)),
        )
        if copies:
            making.of_snapshots(context.scope, copies)
        return {"ImageId": image.id}

    @action("DeregisterImage", access=_with_its_snapshots)
    async def deregister_image(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Forget an image; machines of it stay as they are, and so do its snapshots unless asked for.

        Raises:
            Ec2Error: `InvalidAMIID.NotFound`, `AuthFailure`: it is another's.
        """

        def work(view: View) -> list[str]:
            image = owned(view, request["ImageId"])
            view.remove(image)
            return snapshot_ids(image.body)

        snapshots = await self.state.change(context.scope, request, work)
        results = []
        for identifier in snapshots if request.get("DeleteAssociatedSnapshots") else ():
            results.append({"SnapshotId": identifier, "ReturnCode": await self._delete(context, identifier)})
        return {"Return": True, "DeleteSnapshotResults": results}

    async def _delete(self, context: RequestContext, snapshot_id: str) -> str:
        if users_of(self.state.view(context.scope), snapshot_id):
            return "skipped"
        try:
            await self._snapshots.delete(context.scope, {}, [snapshot_id])
        except ServiceError:
            return "client-error"
        return "success"

    def _at_rest(self, scope: Scope, request: Request) -> Callable[[Callable[[], Awaitable[None]]], Any]:
        async def rest(work: Callable[[], Awaitable[None]]) -> bool:
            return self._reboots is not None and await self._reboots.rest(scope, request["InstanceId"], work)

        return rest

    def _made(self) -> Making:
        if self._making is None:
            raise NotImplementedOperation("This platform runs no EC2 machines, and has no disks for them.")
        return self._making


def owned(view: View, identifier: str) -> Resource:
    """Return one's own image.

    Raises:
        Ec2Error: `InvalidAMIID.NotFound`, `InvalidAMIID.Malformed`, `AuthFailure`: it is another's.
    """
    found = view.find(IMAGE, identifier)
    if found is None:
        find(view, identifier)
        raise Ec2Error("AuthFailure", f"Not authorized for image:{identifier}")
    return found


def require_available(image: Body, what: str = "") -> None:
    """Check that something may be done with an image.

    Args:
        what: It may not; '' for a start.

    Raises:
        Ec2Error: `InvalidAMIID.Unavailable`; both sentences are recorded in public issues.
    """
    name, state = image["ImageId"], image["State"]
    if state != "available":
        told = f"The AMI ID '{name}' is currently {state} and {what}"
        raise Ec2Error(
            "InvalidAMIID.Unavailable", told if what else f"AMI '{name}' is {state}, and cannot be run"
        )


def _check_sources(view: View, asked: dict[str, Body]) -> None:
    for mapping in asked.values():
        if snapshot := (mapping.get("Ebs") or {}).get("SnapshotId"):
            source(view, snapshot)


def _runs(instance: Resource) -> bool:
    name = instance.body["State"]["Name"]
    if name not in ("running", "stopped", "stopping", "pending"):
        raise Ec2Error("IncorrectState", f"Instance '{instance.id}' is not 'running' or 'stopped'.")
    return bool(name == "running")
