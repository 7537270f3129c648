"""KmsService: KMS put together."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.authorization import Authorizer
from sagehen.domain.ports.resource_policies import ResourceDocuments
from sagehen.services.kms.aliases import Aliases
from sagehen.services.kms.cryptography.ciphers import Ciphers
from sagehen.services.kms.cryptography.data_keys import DataKeys
from sagehen.services.kms.cryptography.encryption import Encryption
from sagehen.services.kms.cryptography.signatures import Signatures
from sagehen.services.kms.for_services import KeysForServices
from sagehen.services.kms.grants.operations import Grants
from sagehen.services.kms.grants.records import GrantRecords
from sagehen.services.kms.keys.finding import KeyFinder
from sagehen.services.kms.keys.records import MIGRATIONS, KeyRecords
from sagehen.services.kms.lifecycle.imports import Imports
from sagehen.services.kms.lifecycle.operations import Keys
from sagehen.services.kms.lifecycle.rotation import Rotation
from sagehen.services.kms.policies.guard import KeyPolicies
from sagehen.services.kms.policies.operations import PolicyOperations
from sagehen.services.kms.tags import Tags
from sagehen.store.database import Database

_log = logging.getLogger(__name__)
# Deletions, rotations and expiries are planned in days.
_LOOK_EVERY_S = 60.0


class KmsService:
    """AWS KMS.

    Args:
        database: Where keys and their material are stored.
        clock: Dates keys, and says which deletions and rotations are due.
        ids: For keys, materials and grants.
        documents: The grammar of policies.
        authorizer: IAM's evaluator; it must know the keys' own policies (`kms`).

    Attributes:
        resource_policies: Key policies and grants, for the evaluator.
        keys: KMS for services that encrypt what they store.
    """

    def __init__(
        self,
        *,
        database: Database,
        clock: Clock,
        ids: Ids,
        documents: ResourceDocuments,
        authorizer: Authorizer,
    ) -> None:
        database.migrate("kms", MIGRATIONS)
        self._clock = clock
        self._records = records = KeyRecords(database)
        grants = GrantRecords(database)
        finder = KeyFinder(records)
        ciphers = Ciphers(records)
        self.resource_policies = policies = KeyPolicies(records, grants, authorizer)
        keys = Keys(records, finder, documents, policies, clock, ids)
        self._rotation = Rotation(records, finder, keys, clock)
        self._imports = Imports(records, finder, clock, ids)
        self.keys = KeysForServices(records, finder, keys, ciphers, authorizer)
        self._service = Service(
            "kms",
            (
                keys,
                self._rotation,
                self._imports,
                PolicyOperations(records, finder, documents, policies),
                Aliases(records, finder, clock),
                Grants(records, finder, grants, documents, clock, ids),
                Tags(records, finder),
                Encryption(records, finder, ciphers),
                DataKeys(records, finder, ciphers),
                Signatures(records, finder, ciphers),
            ),
        )
        self._looking: asyncio.Task[None] | None = None

    @property
    def services(self) -> Sequence[Service]:
        return (self._service,)

    async def start(self) -> None:
        self._looking = asyncio.create_task(self._look(), name="kms-due")

    async def stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._looking
            self._looking = None

    async def reset(self) -> None:
        self._imports.forget()
        self._records.generation += 1

    async def do_what_is_due(self) -> None:
        """Delete keys whose window is over, expire imported material, rotate."""
        now = self._clock.now()
        for key in self._records.every_key():
            if key.deletion_at is not None and key.deletion_at <= now:
                await self._records.delete(key.id)
        await self._imports.expire()
        await self._rotation.rotate_due()

    async def _look(self) -> None:
        while True:
            try:
                await self.do_what_is_due()
            except Exception:
                _log.exception("deleting or rotating a key failed; it is tried again")
            await self._clock.sleep(_LOOK_EVERY_S)
