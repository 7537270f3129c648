"""KeysForServices: domain.encryption_keys.EncryptionKeys and SecretKeys."""

from __future__ import annotations

import os

from sagehen.domain.access import Access, ConditionValue
from sagehen.domain.encryption_keys import DataKey, KeyUse
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.scope import Scope
from sagehen.services.kms.cryptography.ciphers import Ciphers
from sagehen.services.kms.keys.access import context_conditions, key_conditions
from sagehen.services.kms.keys.finding import KeyFinder
from sagehen.services.kms.keys.key import Key
from sagehen.services.kms.keys.material import SYMMETRIC_BYTES
from sagehen.services.kms.keys.records import KeyRecords
from sagehen.services.kms.keys.specs import SYMMETRIC
from sagehen.services.kms.lifecycle.operations import Keys

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

    async def managed_key(self, scope: Scope, service: str) -> str:
        """Return the ARN of the key that AWS manages for a service (`s3`), made when it is first needed."""
        return (await self._keys.managed_key(scope, service)).arn

    def new_data_key(self, use: KeyUse, key_id: str) -> DataKey:
        """Return a new AES-256 key, plain and encrypted, for whoever asked the service.

        Raises:
            AccessDenied: Who asked may not kms:GenerateDataKey with this key.
            NotFoundException, DisabledException, KMSInvalidStateException, InvalidKeyUsageException.
        """
        key = self._finder.find(use.scope, key_id)
        self._authorize("kms:GenerateDataKey", use, key)
        key = self._finder.usable(use.scope, key.arn, _USAGE, "GenerateDataKey")
        plaintext = os.urandom(SYMMETRIC_BYTES)
        return DataKey(plaintext, self._ciphers.encrypt(key, plaintext, use.context, SYMMETRIC), key.arn)

    def open_data_key(self, use: KeyUse, key_arn: str, ciphertext: bytes) -> bytes:
        """Return the plain data key again, for whoever asked the service.

        Raises:
            AccessDenied: Who asked may not kms:Decrypt with this key.
            InvalidCiphertextException, IncorrectKeyException: It is not what this key made in this context.
            NotFoundException, DisabledException, KMSInvalidStateException, InvalidKeyUsageException.
        """
        return self.decrypt(use, key_arn, ciphertext)

    def encrypt(
        self, use: KeyUse, key_id: str, plaintext: bytes, action: str = "kms:Encrypt"
    ) -> tuple[bytes, str]:
        """Return a secret encrypted, and the key's ARN, for whoever asked the service.

        Raises:
            AccessDenied: Who asked may not do `action` with this key.
            NotFoundException, DisabledException, KMSInvalidStateException, InvalidKeyUsageException.
        """
        key = self._finder.find(use.scope, key_id)
        self._authorize(action, use, key)
        key = self._finder.usable(use.scope, key.arn, _USAGE, action.removeprefix("kms:"))
        return self._ciphers.encrypt(key, plaintext, use.context, SYMMETRIC), key.arn

    def decrypt(self, use: KeyUse, key_arn: str, ciphertext: bytes) -> bytes:
        """Return a secret again, for whoever asked the service.

        Raises:
            AccessDenied: Who asked may not kms:Decrypt with this key.
            InvalidCiphertextException, IncorrectKeyException: It is not what this key made in this context.
            NotFoundException, DisabledException, KMSInvalidStateException, InvalidKeyUsageException.
        """
        key = self._finder.find(use.scope, key_arn)
        self._authorize("kms:Decrypt", use, key)
        key = self._finder.usable(use.scope, key.arn, _USAGE, "Decrypt")
        return self._ciphers.decrypt(key, ciphertext, use.context, SYMMETRIC)[0]

    def _authorize(self, action: str, use: KeyUse, key: Key) -> None:
        conditions: dict[str, ConditionValue] = {
            **key_conditions(self._records, key),
            **context_conditions(use.context),
            "kms:EncryptionAlgorithm": SYMMETRIC,
            "kms:CallerAccount": use.principal.account_id,
            "aws:ViaAWSService": "true",
            "kms:ViaService": f"{use.via}.{key.scope.region}.amazonaws.com",
        }
        self._authorizer.authorize(use.principal, Access(action, key.arn, conditions), use.environment)
