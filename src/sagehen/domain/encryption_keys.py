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


class EncryptionKeys(Protocol):
    """Keys for services that encrypt what they store.

    Every call says for whom (`principal`), through which service (`via`, such as `s3`: the condition key
    kms:ViaService) and with which encryption context. Errors are KMS's own ServiceErrors
    (NotFoundException, DisabledException, KMSInvalidStateException, ...), or AccessDenied.
    """

    def key_arn(self, scope: Scope, key_id: str) -> str:
        """Return the ARN of a key named by id, ARN or alias, if it is there and may be used now."""
        ...

    async def managed_key(self, scope: Scope, service: str) -> str:
        """Return the ARN of the key that AWS manages for a service (`alias/aws/s3`); made at first use."""
        ...

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
        """Make a data key: what GenerateDataKey does for `principal`."""
        ...

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
        """Return a data key's plaintext: what Decrypt does for `principal`."""
        ...
