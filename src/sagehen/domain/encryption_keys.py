"""KMS as other services use it, with the rights of who asked them (implemented by services/kms)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from sagehen.domain.access import ConditionValue
from sagehen.domain.identity import Principal
from sagehen.domain.scope import Scope


@dataclass(frozen=True, slots=True)
class DataKey:
    """A fresh secret of 32 bytes, plain and as only its key can open it."""

    plaintext: bytes
    ciphertext: bytes
    key_arn: str


@dataclass(frozen=True, slots=True)
class KeyUse:
    """Who uses a key, where, and for what.

    Args:
        principal: Who asked the service.
        scope: Where a key is looked for that is named by id or alias; all are of its region.
        via: The service, such as `s3`: the condition key kms:ViaService.
        context: The encryption context.
        environment: Condition keys of the request.
    """

    principal: Principal
    scope: Scope
    via: str
    context: Mapping[str, str]
    environment: Mapping[str, ConditionValue]


class EncryptionKeys(Protocol):
    """Keys for services that encrypt what they store.

    Errors are KMS's own ServiceErrors (NotFoundException, DisabledException, KMSInvalidStateException, ...),
    or AccessDenied.
    """

    async def managed_key(self, scope: Scope, service: str) -> str:
        """Return the ARN of the key that AWS manages for a service (`alias/aws/s3`); made at first use."""
        ...

    def new_data_key(self, use: KeyUse, key_id: str) -> DataKey:
        """Make a data key under a key named by id, ARN or alias: what GenerateDataKey does."""
        ...

    def open_data_key(self, use: KeyUse, key_arn: str, ciphertext: bytes) -> bytes:
        """Return a data key's plaintext, given the key that it is under: what Decrypt does."""
        ...


class SecretKeys(Protocol):
    """Keys for services that keep a small secret under a key itself, without a data key.

    Errors are KMS's own ServiceErrors, or AccessDenied.
    """

    async def managed_key(self, scope: Scope, service: str) -> str:
        """Return the ARN of the key that AWS manages for a service (`alias/aws/ssm`); made at first use."""
        ...

    def encrypt(
        self, use: KeyUse, key_id: str, plaintext: bytes, action: str = "kms:Encrypt"
    ) -> tuple[bytes, str]:
        """Return the ciphertext and the key's ARN.

        Args:
            action: What who asked must be allowed to do with the key.
        """
        ...

    def decrypt(self, use: KeyUse, key_arn: str, ciphertext: bytes) -> bytes:
        """Return the plaintext, given the key that it is under: what Decrypt does."""
        ...
