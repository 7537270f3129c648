"""Data keys: secrets that KMS makes, handed out plain and encrypted under a key; and plain randomness."""

from __future__ import annotations

import asyncio
import os
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request, operation
from sagehen.services.kms.cryptography.ciphers import Ciphers
from sagehen.services.kms.cryptography.encryption import DEFAULT, refuse_recipient
from sagehen.services.kms.errors import InvalidKeyUsageException, dry_run
from sagehen.services.kms.keys.access import on_key
from sagehen.services.kms.keys.finding import KeyFinder
from sagehen.services.kms.keys.key import Key
from sagehen.services.kms.keys.material import new_material, public_der
from sagehen.services.kms.keys.records import KeyRecords
from sagehen.services.kms.keys.specs import BUILT, SYMMETRIC

# In bytes; DataKeySpec has these two alone.
_SIZES = {"AES_256": 32, "AES_128": 16}


class DataKeys:
    """GenerateDataKey and its kin, GenerateRandom."""

    def __init__(self, records: KeyRecords, finder: KeyFinder, ciphers: Ciphers) -> None:
        self.records = records
        self.finder = finder
        self._ciphers = ciphers

    @operation("GenerateDataKey", access=on_key(default=DEFAULT))
    async def generate_data_key(self, context: RequestContext, request: Request) -> dict[str, Any]:
        refuse_recipient(request)
        return self._data_key(context, request)

    @operation("GenerateDataKeyWithoutPlaintext", access=on_key(default=DEFAULT))
    async def generate_data_key_without_plaintext(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        made = self._data_key(context, request)
        del made["Plaintext"]
        return made

    @operation("GenerateDataKeyPair", access=on_key(default=DEFAULT))
    async def generate_data_key_pair(self, context: RequestContext, request: Request) -> dict[str, Any]:
        refuse_recipient(request)
        return await self._pair(context, request)

    @operation("GenerateDataKeyPairWithoutPlaintext", access=on_key(default=DEFAULT))
    async def generate_data_key_pair_without_plaintext(
        self, context: RequestContext, request: Request
    ) -> dict[str, Any]:
        made = await self._pair(context, request)
        del made["PrivateKeyPlaintext"]
        return made

    @operation("GenerateRandom")
    async def generate_random(self, context: RequestContext, request: Request) -> dict[str, Any]:
        refuse_recipient(request)
        if request.get("CustomKeyStoreId"):
            raise NotImplementedOperation("Custom key stores are not implemented.")
        # The model does not ask for it; the sentence is recorded.
        if not request.get("NumberOfBytes"):
            raise ValidationException("NumberOfBytes is required.")
        return {"Plaintext": os.urandom(request["NumberOfBytes"])}

    def _data_key(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self._symmetric(context, request)
        spec, size = request.get("KeySpec"), request.get("NumberOfBytes")
        # Both or neither, in one sentence (from memory).
        if (spec is None) == (size is None):
            raise ValidationException("Please specify either number of bytes or key spec.")
        plaintext = os.urandom(_SIZES[spec] if spec else int(size or 0))
        blob = self._ciphers.encrypt(key, plaintext, request.get("EncryptionContext") or {}, SYMMETRIC)
        if request.get("DryRun"):
            raise dry_run()
        return {
            "CiphertextBlob": blob,
            "Plaintext": plaintext,
            "KeyId": key.arn,
            "KeyMaterialId": key.material_id,
        }

    async def _pair(self, context: RequestContext, request: Request) -> dict[str, Any]:
        key = self._symmetric(context, request)
        spec = request["KeyPairSpec"]
        if spec not in BUILT:
            raise NotImplementedOperation(f"Data key pairs of spec {spec} are not implemented.")
        private = await asyncio.to_thread(new_material, spec)
        blob = self._ciphers.encrypt(key, private, request.get("EncryptionContext") or {}, SYMMETRIC)
        if request.get("DryRun"):
            raise dry_run()
        return {
            "PrivateKeyCiphertextBlob": blob,
            "PrivateKeyPlaintext": private,
            "PublicKey": public_der(private),
            "KeyId": key.arn,
            "KeyPairSpec": spec,
            "KeyMaterialId": key.material_id,
        }

    def _symmetric(self, context: RequestContext, request: Request) -> Key:
        name = context.operation
        key = self.finder.usable(context.scope, request["KeyId"], "ENCRYPT_DECRYPT", name)
        if key.spec != SYMMETRIC:
            raise InvalidKeyUsageException(f"{key.arn} key spec is {key.spec} which is not valid for {name}.")
        return key
