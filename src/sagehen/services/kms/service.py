"""KmsService: KMS put together."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
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
from sagehen.services.kms.lifecycle.due import DueKeys
from sagehen.services.kms.lifecycle.imports import Imports
from sagehen.services.kms.lifecycle.operations import Keys
from sagehen.services.kms.lifecycle.rotation import Rotation
from sagehen.services.kms.policies.guard import KeyPolicies
from sagehen.services.kms.policies.operations import PolicyOperations
from sagehen.services.kms.tags import Tags
from sagehen.store.database import Database


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
        due: Deletes, expires and rotates while the service runs.
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
        self._records = records = KeyRecords(database)
        grants = GrantRecords(database)
        finder = KeyFinder(records)
        ciphers = Ciphers(records)
        self.resource_policies = policies = KeyPolicies(records, grants, authorizer)
        keys = Keys(records, finder, documents, policies, clock, ids)
        rotation = Rotation(records, finder, keys, clock)
        self._imports = imports = Imports(records, finder, clock, ids)
        self.keys = KeysForServices(records, finder, keys, ciphers, authorizer)
        self.due = DueKeys(records, rotation, imports, clock)
        self._service = Service(
            "kms",
            (
                *(keys, rotation, imports, Aliases(records, finder, clock), Tags(records, finder)),
                PolicyOperations(records, finder, documents, policies),
                Grants(records, finder, grants, documents, clock, ids),
                Encryption(records, finder, ciphers),
                DataKeys(records, finder, ciphers),
                Signatures(records, finder, ciphers),
            ),
        )

    @property
    def services(self) -> Sequence[Service]:
        """KMS alone."""
        return (self._service,)

    async def start(self) -> None:
        """Begin to do what is due."""
        self.due.start()

    async def stop(self) -> None:
        """End it; what is due then is done by the next start."""
        await self.due.stop()

    async def reset(self) -> None:
        """Forget keys for imports, and what was made of records that are gone."""
        self._imports.forget()
        self._records.generation += 1
