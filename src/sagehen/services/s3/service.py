"""S3Service: what app makes, starts and stops."""

from __future__ import annotations

import asyncio
from pathlib import Path

from sagehen.domain.clock import Clock
from sagehen.domain.encryption_keys import EncryptionKeys
from sagehen.domain.ids import Ids
from sagehen.domain.ports.identity.authorization import Authorizer
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.services.s3.access_logs.delivery import AccessLogs
from sagehen.services.s3.buckets.directory import StoredBuckets
from sagehen.services.s3.contents import checksums
from sagehen.services.s3.contents.bodies import Contents
from sagehen.services.s3.contents.upkeep import BlobUpkeep
from sagehen.services.s3.encryption.sealing import Sealing
from sagehen.services.s3.events.objects import ObjectEvents
from sagehen.services.s3.lifecycle.loop import Lifecycles
from sagehen.services.s3.lifecycle.records import LifecycleRecords
from sagehen.services.s3.objects.transfers import ObjectTransfers
from sagehen.services.s3.operations import services_of
from sagehen.services.s3.policies.evaluation import StoredBucketPolicies
from sagehen.services.s3.records.buckets import BucketRecords
from sagehen.services.s3.records.schema import MIGRATIONS
from sagehen.services.s3.records.uploads import UploadRecords
from sagehen.services.s3.records.versions import ObjectRecords
from sagehen.services.s3.state import S3State
from sagehen.services.s3.website.serving import Websites
from sagehen.store.blobs import BlobFolder
from sagehen.store.database import Database


class S3Service:
    """S3 as one component.

    Args:
        database: Where metadata and objects up to 64 kB live.
        folder: The folder of object files (`data_folder / "objects"`); made when absent.
        clock: LastModified and CreationDate come from it.
        ids: Version ids, upload ids and file names.
        authorizer: Rights of other services' principals, per-key deletes, and the 403 of a missing key.
        documents: The grammar of bucket policies.
        keys: KMS, for SSE-KMS; None where there is none: such uploads answer 501.
        sync_files: Whether an object's file is on the disk before the object is acknowledged.

    Attributes:
        objects: `ports.Objects` for the other services.
        resource_policies: `ports.ResourcePolicies` for the evaluator.
        bucket_directory: `ports.BucketDirectory` for the front door.
        lifecycles: Expires what rules say.
        websites: Answers browsers, for the front door.
        access_logs: Server access logging; the front door tells of requests.
        events: Fires notifications; `app` gives it Lambda's `ports.Notifier`.
    """

    def __init__(
        self,
        *,
        database: Database,
        folder: Path,
        clock: Clock,
        ids: Ids,
        authorizer: Authorizer,
        documents: ResourceDocuments,
        keys: EncryptionKeys | None = None,
        sync_files: bool = True,
    ) -> None:
        database.migrate("s3", MIGRATIONS)
        blobs = BlobFolder(folder, ids, sync=sync_files)
        self._upkeep = BlobUpkeep(blobs, database)
        buckets = BucketRecords(database)
        self.events = ObjectEvents(buckets, clock)
        state = S3State(
            buckets=buckets,
            objects=ObjectRecords(database),
            uploads=UploadRecords(database),
            contents=Contents(blobs, ids),
            events=self.events,
            clock=clock,
            ids=ids,
            authorizer=authorizer,
            documents=documents,
            sealing=Sealing(keys),
        )
        self._loading: asyncio.Task[None] | None = None
        self.services = services_of(state)
        self.objects = ObjectTransfers(state)
        self.websites = Websites(state)
        self.lifecycles = Lifecycles(state, LifecycleRecords(database))
        self.access_logs = AccessLogs(state)
        self.resource_policies = StoredBucketPolicies(buckets)
        self.bucket_directory = StoredBuckets(buckets)

    async def start(self) -> None:
        """Open the folder of blobs, and begin to deliver logs and to look at rules."""
        self._loading = asyncio.create_task(asyncio.to_thread(checksums.load))
        await self._upkeep.start()
        self.access_logs.start()
        self.lifecycles.start()

    async def stop(self) -> None:
        """End what `start` began; log lines in memory are delivered first."""
        if self._loading is not None:
            await self._loading
        await self._upkeep.end_sweep()
        await self.lifecycles.stop()
        await self.access_logs.stop()
        await self._upkeep.stop()

    async def reset(self) -> None:
        """Forget everything outside the database, whose tables `app` empties."""
        self.access_logs.forget()
        self.lifecycles.forget()
        await self._upkeep.forget()
