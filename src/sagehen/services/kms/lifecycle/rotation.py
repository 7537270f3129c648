"""Rotation of keys: the current material changes, what older material encrypted stays readable."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.services.kms.errors import (
    LimitExceededException,
    UnsupportedOperationException,
)
from sagehen.services.kms.keys.access import on_key
from sagehen.services.kms.keys.finding import KeyFinder, require_enabled
from sagehen.services.kms.keys.key import Key
from sagehen.services.kms.keys.listing import answer, cut
from sagehen.services.kms.keys.records import KeyRecords, Material
from sagehen.services.kms.lifecycle.operations import Keys

# Documented: KMS API Reference, EnableKeyRotation.
_DEFAULT_DAYS = 365
_MIN_DAYS, _MAX_DAYS = 90, 2560
# Of one key, in its life. Documented: KMS Developer Guide, Perform on-demand key rotation.
_MAX_ON_DEMAND = 25
_ROTATIONS = ("AUTOMATIC", "ON_DEMAND")


class Rotation:
    """EnableKeyRotation, DisableKeyRotation, GetKeyRotationStatus, ListKeyRotations, RotateKeyOnDemand."""

    def __init__(self, records: KeyRecords, finder: KeyFinder, keys: Keys, clock: Clock) -> None:
        self.records = records
        self.finder = finder
        self._keys = keys
        self._clock = clock

    @operation("EnableKeyRotation", access=on_key())
    async def enable_key_rotation(self, context: RequestContext, request: Request) -> None:
        key = self._rotating(context, request)
        days = request.get("RotationPeriodInDays", key.rotation_days or _DEFAULT_DAYS)
        if not _MIN_DAYS <= days <= _MAX_DAYS:
            raise ValidationException(
                f"1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy "
                f"constraint: Member must have value between {_MIN_DAYS} and {_MAX_DAYS}"
            )
        now = self._clock.now()
        await self._change(key, lambda key: key.with_(rotation_days=days, rotates_from=now))

    @operation("DisableKeyRotation", access=on_key())
    async def disable_key_rotation(self, context: RequestContext, request: Request) -> None:
        key = self._rotating(context, request)
        await self._change(key, lambda key: key.with_(rotation_days=None, rotates_from=None))

    async def _change(self, key: Key, change: Callable[[Key], Key]) -> None:
        def changed(key: Key) -> Key:
            require_enabled(key)
            return change(key)

        await self.records.change(key, changed)

    @operation("GetKeyRotationStatus", access=on_key())
    async def get_key_rotation_status(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self._rotating(context, request)
        status: dict[str, Any] = {"KeyId": key.arn, "KeyRotationEnabled": key.rotation_days is not None}
        if key.rotation_days is not None:
            status |= {"RotationPeriodInDays": key.rotation_days, "NextRotationDate": key.rotates_at}
        return status

    @operation("ListKeyRotations", access=on_key())
    async def list_key_rotations(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self._rotating(context, request)
        materials = self.records.materials(key.id)
        if request.get("IncludeKeyMaterial") != "ALL_KEY_MATERIAL":
            materials = [material for material in materials if material.reason in _ROTATIONS]
        page = cut(
            materials,
            request,
            key=lambda material: (material.made_at.isoformat(), material.id),
            listing=f"rotations/{key.id}",
            otherwise=100,
        )
        return answer(page, Rotations=[_entry(key, material) for material in page.items])

    @operation("RotateKeyOnDemand", access=on_key())
    async def rotate_key_on_demand(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self._rotating(context, request)
        require_enabled(key)
        done = sum(material.reason == "ON_DEMAND" for material in self.records.materials(key.id))
        # From memory.
        if done >= _MAX_ON_DEMAND:
            raise LimitExceededException(
                f"The on-demand rotations limit has been reached for the given keyId. No more on-demand "
                f"rotations can be performed for this key: {key.arn}"
            )
        await self._rotate(key, "ON_DEMAND", lambda key: key)
        return {"KeyId": key.arn}

    async def rotate_due(self) -> None:
        """Rotate every key whose period is over."""
        now = self._clock.now()
        for key in self.records.every_key():
            due = key.rotates_at
            if due is not None and due <= now:
                await self._rotate(key, "AUTOMATIC", lambda key: key.with_(rotates_from=now))

    async def _rotate(self, key: Key, reason: str, change: Callable[[Key], Key]) -> None:
        material = await self._keys.made_material(key, reason)
        await self.records.change(key, lambda key: change(key).with_(material_id=material.id), material)

    def _rotating(self, context: RequestContext, request: Request) -> Key:
        key = self.finder.find(context.scope, request["KeyId"])
        if not key.may_rotate:
            raise UnsupportedOperationException(
                f"{key.arn}: rotation is for symmetric encryption keys with material of AWS KMS."
            )
        return key


def _entry(key: Key, material: Material) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "KeyId": key.arn,
        "KeyMaterialId": material.id,
        "KeyMaterialState": "CURRENT" if material.id == key.material_id else "NON_CURRENT",
    }
    if material.reason in _ROTATIONS:
        entry |= {"RotationDate": material.made_at, "RotationType": material.reason}
    return entry
