"""Virtual MFA devices: made with a seed, enabled by two codes, asked for by STS.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_mfa_enable_virtual.html
"""

from __future__ import annotations

import asyncio
import base64
import io
from dataclasses import replace
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.iam.credentials.mfa_codes import ENABLE_REACH, RESYNC_REACH, MfaCodes, missing_device
from sagehen.services.iam.entities.access import on_arn, on_entity, on_new
from sagehen.services.iam.entities.calling_user import named_or_calling_user
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.paths import given_path
from sagehen.services.iam.entities.records import Records, when
from sagehen.services.iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    LimitExceeded,
    ValidationError,
)
from sagehen.services.iam.identities.users import user_member
from sagehen.services.iam.objects.records import ObjectKind, ObjectRecords, Stored
from sagehen.services.iam.objects.tags import Replacement, new_tags, tag_page, tagging, untagging
from sagehen.store.database import Transaction

_KIND = ObjectKind.MFA_DEVICE
# From memory.
_MAX_PER_USER = 8
# Characters of a serial number, and so of a device's ARN, as the model has it wherever one is named.
_LONGEST_SERIAL = 256
# In base32 that is 64 characters, as AWS's seeds have (from memory).
_SEED_BYTES = 40


def _serial(account_id: str, request: Request) -> str:
    return f"arn:aws:iam::{account_id}:mfa{request.get('Path', '/')}{request['VirtualMFADeviceName']}"


_on_device = on_arn("SerialNumber")


class MfaDevices:
    """The operations on MFA devices; what their codes are worth is said by `codes`."""

    def __init__(self, records: Records, codes: MfaCodes, clock: Clock, ids: Ids) -> None:
        self.records = records
        self._codes = codes
        self._objects = ObjectRecords(records)
        self._clock = clock
        self._ids = ids

    @operation("CreateVirtualMFADevice", access=on_new(_serial, "iam:TagMFADevice"))
    async def create(self, context: RequestContext, request: Request) -> dict[str, Any]:
        given_path(request)
        name = request["VirtualMFADeviceName"]
        serial = _serial(context.scope.account_id, request)
        if (beyond := len(serial) - _LONGEST_SERIAL) > 0:  # in words from memory
            raise ValidationError(
                "1 validation error detected: Value at 'virtualMFADeviceName' failed to satisfy constraint: "
                f"Member must have length less than or equal to {max(len(name) - beyond, 0)}"
            )
        seed = base64.b32encode(bytes.fromhex(self._ids.hex(2 * _SEED_BYTES))).decode()
        tags = new_tags(request)
        stored = Stored(context.scope.account_id, _KIND, serial, "", {"seed": seed, "tags": tags})

        def change(tx: Transaction) -> None:
            if self._objects.read(tx, stored) is not None:
                raise EntityAlreadyExists("MFA device already exists.")
            self._objects.put(tx, stored)

        await self.records.write(change)
        device = {
            "SerialNumber": serial,
            "Base32StringSeed": seed.encode(),
            # In a thread: drawing takes some 20 ms, and the first time its library is read.
            "QRCodePNG": await asyncio.to_thread(_qr_code, stored.account_id, name, seed),
        }
        if tags:
            device["Tags"] = request["Tags"]
        return {"VirtualMFADevice": device}

    @operation("EnableMFADevice", access=on_entity(Kind.USER))
    async def enable(self, context: RequestContext, request: Request) -> None:
        user = named_or_calling_user(self.records, context, request)
        stored = self._find(user.account_id, request["SerialNumber"])
        if stored.owner_id:
            raise EntityAlreadyExists("MFA Device is already in use.")
        found = self._codes.pair(stored, request, ENABLE_REACH)
        found["enabled_at"] = self._clock.now().timestamp()

        def change(tx: Transaction) -> None:
            self.records.update(tx, user.unique_id)  # the user must still be there
            current = self._objects.read(tx, stored)
            if current is None or current.owner_id:
                raise EntityAlreadyExists("MFA Device is already in use.")
            if self._objects.count(tx, user.unique_id, _KIND) >= _MAX_PER_USER:
                raise LimitExceeded(f"Cannot exceed quota for MFADevicesPerUser: {_MAX_PER_USER}")
            self._objects.put(tx, replace(current.with_body(**found), owner_id=user.unique_id))

        await self.records.write(change)

    @operation("ResyncMFADevice", access=on_entity(Kind.USER))
    async def resync(self, context: RequestContext, request: Request) -> None:
        user = named_or_calling_user(self.records, context, request)
        stored = self._of_user(user, request["SerialNumber"])
        found = self._codes.pair(stored, request, RESYNC_REACH)
        await self._replace(stored, lambda current: current.with_body(**found))

    @operation("DeactivateMFADevice", access=on_entity(Kind.USER))
    async def deactivate(self, context: RequestContext, request: Request) -> None:
        user = named_or_calling_user(self.records, context, request)
        stored = self._of_user(user, request["SerialNumber"])

        def freed(current: Stored) -> Stored:
            if current.owner_id != user.unique_id:
                raise missing_device(stored.name)
            return replace(current, owner_id="", body={name: current.body[name] for name in ("seed", "tags")})

        await self._replace(stored, freed)

    @operation("DeleteVirtualMFADevice", access=_on_device)
    async def delete(self, context: RequestContext, request: Request) -> None:
        stored = self._find(context.scope.account_id, request["SerialNumber"])

        def change(tx: Transaction) -> None:
            current = self._objects.read(tx, stored)
            if current is not None and current.owner_id:
                raise DeleteConflict("Cannot delete entity, must deactivate MFA device first.")
            self._objects.delete(tx, stored)

        await self.records.write(change)

    @operation("ListMFADevices", access=on_entity(Kind.USER))
    async def list_devices(self, context: RequestContext, request: Request) -> dict[str, Any]:
        user = named_or_calling_user(self.records, context, request)
        devices = self._objects.of_owner(user.unique_id, _KIND)
        page = cut(devices, request, lambda device: device.name, f"mfa {user.unique_id}")
        return answer(page, MFADevices=[_member(device, user) for device in page.items])

    @operation("GetMFADevice", access=_on_device)
    async def get_device(self, context: RequestContext, request: Request) -> dict[str, Any]:
        stored = self._find(context.scope.account_id, request["SerialNumber"])
        user = self.records.by_id(stored.owner_id)
        return {"SerialNumber": stored.name} if user is None else _member(stored, user)

    @operation("ListVirtualMFADevices")
    async def list_virtual(self, context: RequestContext, request: Request) -> dict[str, Any]:
        status = request.get("AssignmentStatus", "Any")
        devices = [
            device
            for device in self._objects.all(context.scope.account_id, _KIND)
            if status == "Any" or bool(device.owner_id) is (status == "Assigned")
        ]
        page = cut(devices, request, lambda device: device.name, f"virtual mfa {status}")
        return answer(page, VirtualMFADevices=[self._virtual(device) for device in page.items])

    @operation("TagMFADevice", access=_on_device)
    async def tag(self, context: RequestContext, request: Request) -> None:
        change = tagging(request)
        await self._replace(self._find(context.scope.account_id, request["SerialNumber"]), change)

    @operation("UntagMFADevice", access=_on_device)
    async def untag(self, context: RequestContext, request: Request) -> None:
        stored = self._find(context.scope.account_id, request["SerialNumber"])
        await self._replace(stored, untagging(request))

    @operation("ListMFADeviceTags", access=_on_device)
    async def list_tags(self, context: RequestContext, request: Request) -> dict[str, Any]:
        return tag_page(self._find(context.scope.account_id, request["SerialNumber"]), request)

    async def _replace(self, stored: Stored, replacement: Replacement) -> None:
        await self._objects.change(stored, replacement, missing_device(stored.name))

    def _find(self, account_id: str, serial: str) -> Stored:
        stored = self._objects.find(account_id, _KIND, serial)
        if stored is None:
            if not serial.startswith("arn:"):
                raise NotImplementedOperation("Hardware MFA devices are not implemented.")
            raise missing_device(serial)
        return stored

    def _of_user(self, user: Entity, serial: str) -> Stored:
        stored = self._objects.find(user.account_id, _KIND, serial)
        if stored is None or stored.owner_id != user.unique_id:
            raise missing_device(serial)
        return stored

    def _virtual(self, device: Stored) -> dict[str, Any]:
        user = self.records.by_id(device.owner_id) if device.owner_id else None
        member: dict[str, Any] = {"SerialNumber": device.name}
        if user is not None:
            member |= {
                "EnableDate": when(device.body["enabled_at"]),
                "User": user_member(user, full=False),
            }
        return member


def _member(device: Stored, user: Entity) -> dict[str, Any]:
    return {
        "UserName": user.name,
        "SerialNumber": device.name,
        "EnableDate": when(device.body["enabled_at"]),
    }


def _qr_code(account_id: str, name: str, seed: str) -> bytes:
    """Return the PNG that authenticator apps read."""
    import segno

    image = io.BytesIO()
    uri = f"otpauth://totp/{name}@{account_id}?secret={seed}&issuer=Amazon"
    segno.make(uri, micro=False).save(image, kind="png", scale=4)
    return image.getvalue()
