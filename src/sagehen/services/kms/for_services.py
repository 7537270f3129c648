"""KeysForServices: domain.encryption_keys.EncryptionKeys."""

from __future__ import annotations

import os
from collections.abc import Mapping

from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.encryption_keys import DataKey
from sagehen.domain.identity import Principal
from sagehen.domain.ports import Authorizer
from sagehen.domain.scope import Scope
from sagehen.services.kms.access import context_conditions, key_conditions
from sagehen.services.kms.errors import InvalidCiphertextException
from sagehen.services.kms.keys.finding import KeyFinder
from sagehen.services.kms.keys.key import Key
from sagehen.services.kms.keys.material import SYMMETRIC_BYTES
from sagehen.services.kms.keys.operations import Keys
from sagehen.services.kms.keys.specs import SYMMETRIC
from sagehen.services.kms.operations.ciphers import Ciphers
from sagehen.services.kms.records import KeyRecords

_USAGE = "ENCRYPT_DECRYPT"


class KeysForServices:
    """What S3 and others do with keys, for whoever asked them."""

    def __init__(
        self, records: KeyRecords, finder: KeyFinder, keys: Keys, ciphers: Ciphers, authorizer: Authorizer
    ) -> None:
        self._records = records
        self._finder = finder
        self._keys = keys
        self._ciphers = ciphers
        self._authorizer = authorizer

    def key_arn(self, scope: Scope, key_id: str) -> str:
        return self._finder.usable(scope, key_id, _USAGE, "GenerateDataKey").arn

    async def managed_key(self, scope: Scope, service: str) -> str:
        return (await self._keys.managed_key(scope, service)).arn

    def new_data_key(
        self,
        principal: Principal,
        scope: Scope,
        key_id: str,
        *,
        via: str,
        context: Mapping[str, str],
        environment: Mapping[str, ConditionValue],
    ) -> DataKey:
        key = self._finder.find(scope, key_id)
        self._authorize("kms:GenerateDataKey", principal, key, via, context, environment)
        key = self._finder.usable(scope, key.arn, _USAGE, "GenerateDataKey")
        plaintext = os.urandom(SYMMETRIC_BYTES)
        return DataKey(plaintext, self._ciphers.encrypt(key, plaintext, context, SYMMETRIC), key.arn)

    def open_data_key(
        self,
        principal: Principal,
        scope: Scope,
        ciphertext: bytes,
        *,
        via: str,
        context: Mapping[str, str],
        environment: Mapping[str, ConditionValue],
    ) -> bytes:
        key = self._ciphers.key_of(ciphertext)
        if key.scope.region != scope.region:
            raise InvalidCiphertextException
        self._authorize("kms:Decrypt", principal, key, via, context, environment)
        key = self._finder.usable(scope, key.arn, _USAGE, "Decrypt")
        return self._ciphers.decrypt(key, ciphertext, context, SYMMETRIC)[0]

    def _authorize(
        self,
        action: str,
        principal: Principal,
        key: Key,
        via: str,
        context: Mapping[str, str],
        environment: Mapping[str, ConditionValue],
    ) -> None:
        conditions: dict[str, ConditionValue] = {
            **key_conditions(self._records, key),
            **context_conditions(context),
            "kms:CallerAccount": principal.account_id,
            "kms:ViaService": f"{via}.{key.scope.region}.amazonaws.com",
        }
        self._authorizer.authorize(principal, Access(action, key.arn, conditions), environment)
