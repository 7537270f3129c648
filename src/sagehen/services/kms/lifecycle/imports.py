"""Imported material: keys whose secret their owner brings, wrapped by a key that KMS made for that.

Source: https://docs.aws.amazon.com/kms/latest/developerguide/importing-keys.html
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request, operation
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.services.kms.errors import (
    ExpiredImportTokenException,
    IncorrectKeyMaterialException,
    InvalidImportTokenException,
    NotFoundException,
    UnsupportedOperationException,
)
from sagehen.services.kms.keys.access import on_key
from sagehen.services.kms.keys.finding import KeyFinder, require_alive
from sagehen.services.kms.keys.key import Key
from sagehen.services.kms.keys.records import KeyRecords, Material
from sagehen.services.kms.lifecycle.wrapping import WRAPPINGS, unwrapped_material

# Parameters are good for a day. Documented: KMS API Reference, GetParametersForImport.
# How many wait at a time here: the oldest go.
_VALID_FOR = timedelta(hours=24)
_MAX_WAITING = 100
_BITS = {"RSA_2048": 2048, "RSA_3072": 3072, "RSA_4096": 4096}


@dataclass(frozen=True, slots=True)
class _Parameters:
    key_id: str
    algorithm: str
    private: Any  # an RSAPrivateKey
    valid_to: datetime


class Imports:
    """GetParametersForImport, ImportKeyMaterial, DeleteImportedKeyMaterial.

    Import tokens live in memory: after a restart of the platform new parameters are asked for.
    """

    def __init__(self, records: KeyRecords, finder: KeyFinder, clock: Clock, ids: Ids) -> None:
        self.records = records
        self.finder = finder
        self._clock = clock
        self._ids = ids
        self._waiting: dict[bytes, _Parameters] = {}

    def forget(self) -> None:
        """Drop every import token: new parameters have to be asked for."""
        self._waiting.clear()

    @operation("GetParametersForImport", access=on_key())
    async def get_parameters_for_import(self, context: RequestContext, request: Request) -> dict[str, Any]:
        from cryptography.hazmat.primitives import serialization
        from cryptography.hazmat.primitives.asymmetric import rsa

        key = self._external(context, request)
        algorithm, spec = request["WrappingAlgorithm"], request["WrappingKeySpec"]
        if algorithm not in WRAPPINGS:
            raise NotImplementedOperation(f"WrappingAlgorithm {algorithm} is not implemented.")
        if spec not in _BITS:
            raise NotImplementedOperation(f"WrappingKeySpec {spec} is not implemented.")
        private = await asyncio.to_thread(rsa.generate_private_key, 65537, _BITS[spec])
        token = bytes.fromhex(self._ids.hex(128))
        valid_to = self._clock.now() + _VALID_FOR
        self._waiting[token] = _Parameters(key.id, algorithm, private, valid_to)
        while len(self._waiting) > _MAX_WAITING:
            del self._waiting[next(iter(self._waiting))]
        public = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return {"KeyId": key.arn, "ImportToken": token, "PublicKey": public, "ParametersValidTo": valid_to}

    @operation("ImportKeyMaterial", access=on_key())
    async def import_key_material(self, context: RequestContext, request: Request) -> dict[str, Any]:
        """Give a key its material.

        Raises:
            InvalidImportTokenException, ExpiredImportTokenException, InvalidCiphertextException,
            IncorrectKeyMaterialException, ValidationException.
        """
        key = self._external(context, request)
        if request.get("ImportType") == "NEW_KEY_MATERIAL" and key.material_id is not None:
            raise NotImplementedOperation(
                "ImportKeyMaterial: several materials of one key are not implemented."
            )
        if request.get("KeyMaterialDescription"):
            raise NotImplementedOperation("ImportKeyMaterial: KeyMaterialDescription is not implemented.")
        valid_to = self._validity(request)
        parameters = self._waiting.get(request["ImportToken"])
        if parameters is None or parameters.key_id != key.id:
            raise InvalidImportTokenException("The import token is not valid for this key.")
        if parameters.valid_to <= self._clock.now():
            raise ExpiredImportTokenException("The import token has expired.")
        secret = await asyncio.to_thread(
            unwrapped_material, key, parameters.algorithm, parameters.private, request["EncryptedKeyMaterial"]
        )
        known = self.records.materials(key.id)
        _require_known(request, known[0].id if known else None)
        reason = _imported(secret)
        if known and known[0].reason != reason:
            raise IncorrectKeyMaterialException(f"{key.arn} had other key material before.")
        material_id = known[0].id if known else self._ids.hex(64)
        material = Material(material_id, secret, self._clock.now(), reason)

        def imported(key: Key) -> Key:
            require_alive(key)
            return key.with_(material_id=material.id, valid_to=valid_to)

        await self.records.change(key, imported, material)
        return {"KeyId": key.arn, "KeyMaterialId": material.id}

    @operation("DeleteImportedKeyMaterial", access=on_key())
    async def delete_imported_key_material(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self._external(context, request)
        material_id = key.material_id
        if request.get("KeyMaterialId", material_id) != material_id:
            # From memory, as is what ImportKeyMaterial answers for such an id.
            raise NotFoundException(f"{key.arn} has no key material {request['KeyMaterialId']}.")
        await self._take_away(key)
        return {"KeyId": key.arn, "KeyMaterialId": material_id}

    async def _take_away(self, key: Key) -> None:
        """Forget a key's material; its digest stays, since only the same material may come back."""
        known = self.records.materials(key.id)
        empty = replace(known[0], secret=b"") if known else None
        await self.records.change(key, lambda key: key.with_(material_id=None, valid_to=None), empty)

    async def expire(self) -> None:
        """Take away imported material whose time is over."""
        now = self._clock.now()
        for key in self.records.every_key():
            if key.material_id is not None and key.valid_to is not None and key.valid_to <= now:
                await self._take_away(key)

    def _validity(self, request: Request) -> datetime | None:
        if request.get("ExpirationModel", "KEY_MATERIAL_EXPIRES") == "KEY_MATERIAL_DOES_NOT_EXPIRE":
            if request.get("ValidTo"):
                raise ValidationException("ValidTo must not be set if the key material does not expire.")
            return None
        valid_to: datetime | None = request.get("ValidTo")
        if valid_to is None:  # recorded; the other two sentences are from memory
            raise ValidationException(
                "A validTo date must be set if the ExpirationModel is KEY_MATERIAL_EXPIRES"
            )
        if valid_to <= self._clock.now():
            raise ValidationException("ValidTo must be in the future.")
        return valid_to

    def _external(self, context: RequestContext, request: Request) -> Key:
        key = self.finder.find(context.scope, request["KeyId"])
        # Recorded.
        if key.origin != "EXTERNAL":
            raise UnsupportedOperationException(
                f"{key.arn} origin is {key.origin} which is not valid for this operation."
            )
        require_alive(key)
        return key


def _imported(secret: bytes) -> str:
    return f"IMPORTED {sha256(secret).hexdigest()}"


def _require_known(request: Request, known: str | None) -> None:
    """Check that material that is said to be known is.

    Args:
        known: The id of what the key has or had.

    Raises:
        ValidationException, IncorrectKeyMaterialException.
    """
    kind, named = request.get("ImportType"), request.get("KeyMaterialId")
    if named and kind == "NEW_KEY_MATERIAL":
        raise ValidationException("KeyMaterialId cannot be specified with ImportType NEW_KEY_MATERIAL.")
    if (named and named != known) or (kind == "EXISTING_KEY_MATERIAL" and known is None):
        raise IncorrectKeyMaterialException("The key material is not associated with this KMS key.")
