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
from sagehen.domain.access import AccessDenied
from sagehen.domain.clock import Clock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.services.iam.credentials import totp
from sagehen.services.iam.entities.access import on_arn, on_entity, on_new
from sagehen.services.iam.entities.calling_user import named_or_calling_user
from sagehen.services.iam.entities.entity import Entity, Kind
from sagehen.services.iam.entities.listing import answer, cut
from sagehen.services.iam.entities.paths import given_path
from sagehen.services.iam.entities.records import Records, when
from sagehen.services.iam.errors import (
    DeleteConflict,
    EntityAlreadyExists,
    InvalidAuthenticationCode,
    LimitExceeded,
    NoSuchEntity,
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
# How far, in steps of 30 s, a device's clock may be off: when it is enabled, and when it is synced
# again. A code is taken one step early or late. RFC 6238 section 5.2 leaves the choice to the server
# and recommends one step; AWS's own reach is not documented.
_ENABLE_REACH, _RESYNC_REACH, _USE_REACH = 3, 40, 1


def _serial(account_id: str, request: Request) -> str:
    return f"arn:aws:iam::{account_id}:mfa{request.get('Path', '/')}{request['VirtualMFADeviceName']}"


_on_device = on_arn("SerialNumber")


class MfaDevices:
    """The operations on MFA devices, and the check of a code for STS."""

    def __init__(self, records: Records, clock: Clock, ids: Ids) -> None:
        self.records = records
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
        found = self._pair(stored, request, _ENABLE_REACH)
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
        found = self._pair(stored, request, _RESYNC_REACH)
        await self._replace(stored, lambda current: current.with_body(**found))

    @operation("DeactivateMFADevice", access=on_entity(Kind.USER))
    async def deactivate(self, context: RequestContext, request: Request) -> None:
        user = named_or_calling_user(self.records, context, request)
        stored = self._of_user(user, request["SerialNumber"])

        def freed(current: Stored) -> Stored:
            if current.owner_id != user.unique_id:
                raise _missing(stored.name)
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

    # --- for STS ----------------------------------------------------------------------------

    def check_code(self, caller: Principal, serial: str | None, code: str | None) -> bool:
        """Tell whether a request brought the caller's one-time password; False where it brought none.

        Raises:
            AccessDenied: It is not the code of a device of the caller, or was used before.
        """
        if serial is None and code is None:
            return False
        self._step(caller, serial, code)
        return True

    async def use_code(self, caller: Principal, serial: str, code: str) -> None:
        """Take the code: it counts once.

        Raises:
            AccessDenied: As `check_code`.
        """
        stored, step = self._step(caller, serial, code)

        def used(current: Stored) -> Stored:
            if current.body.get("last_step", 0) >= step:
                raise _failed(" with invalid MFA one time pass code. ")
            return current.with_body(last_step=step, offset=step - self._now())

        await self._replace(stored, used)

    def _step(self, caller: Principal, serial: str | None, code: str | None) -> tuple[Stored, int]:
        if serial is None or code is None:
            raise _failed(", must provide both MFA serial number and one time pass code.")
        stored = self._objects.find(caller.account_id, _KIND, serial)
        long_lived = caller.kind is PrincipalKind.USER and caller.issued_at is None
        if stored is None or not long_lived or stored.owner_id != caller.owner_id:
            raise _failed(
                ", unable to validate MFA code.  Please verify your MFA serial number is valid and associated"
                " with this user."
            )
        around = self._now() + stored.body.get("offset", 0)
        last = stored.body.get("last_step", 0)
        step = totp.find_step(stored.body["seed"], code, around, _USE_REACH, after=last)
        if step is None:
            raise _failed(" with invalid MFA one time pass code. ")
        return stored, step

    def _now(self) -> int:
        return int(self._clock.now().timestamp()) // totp.STEP_S

    # --- pieces -----------------------------------------------------------------------------

    def _pair(self, stored: Stored, request: Request, reach: int) -> dict[str, float]:
        """Return what a device's two codes tell of its clock.

        Raises:
            InvalidAuthenticationCode
        """
        codes = request["AuthenticationCode1"], request["AuthenticationCode2"]
        now = self._now()
        step = totp.find_pair(stored.body["seed"], *codes, now, reach)
        if step is None:
            raise InvalidAuthenticationCode("Authentication code for device is not valid.")
        return {"offset": step - now, "last_step": step}

    async def _replace(self, stored: Stored, replacement: Replacement) -> None:
        await self._objects.change(stored, replacement, _missing(stored.name))

    def _find(self, account_id: str, serial: str) -> Stored:
        stored = self._objects.find(account_id, _KIND, serial)
        if stored is None:
            if not serial.startswith("arn:"):
                raise NotImplementedOperation("Hardware MFA devices are not implemented.")
            raise _missing(serial)
        return stored

    def _of_user(self, user: Entity, serial: str) -> Stored:
        stored = self._objects.find(user.account_id, _KIND, serial)
        if stored is None or stored.owner_id != user.unique_id:
            raise _missing(serial)
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


def _missing(serial: str) -> NoSuchEntity:
    return NoSuchEntity(f"MFA Device with serial number {serial} does not exist.")


def _failed(how: str) -> AccessDenied:
    return AccessDenied(f"MultiFactorAuthentication failed{how}")


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
