"""S3Service: what app makes, starts and stops."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

from sagehen.api.operation import Service
from sagehen.domain.clock import Clock
from sagehen.domain.encryption_keys import EncryptionKeys
from sagehen.domain.ids import Ids
from sagehen.domain.ports.authorization import Authorizer
from sagehen.domain.ports.resource_policies import ResourceDocuments
from sagehen.services.s3.access_logs.configuration import BucketLogging
from sagehen.services.s3.access_logs.delivery import AccessLogs
from sagehen.services.s3.acl.operations import Acls
from sagehen.services.s3.attributes import Attributes
from sagehen.services.s3.bucket_configuration import (
    BucketCors,
    BucketEncryption,
    BucketOwnership,
    BucketTagging,
    BucketVersioning,
    PublicAccessBlocks,
)
from sagehen.services.s3.bucket_policy import BucketPolicies, StoredBucketPolicies
from sagehen.services.s3.bucket_records import BucketRecords
from sagehen.services.s3.buckets import Buckets, StoredBuckets
from sagehen.services.s3.contents import Contents
from sagehen.services.s3.control.resource_tags import ResourceTags
from sagehen.services.s3.copies import Copies
from sagehen.services.s3.deletions import Deletions
from sagehen.services.s3.encryption.sealing import Sealing
from sagehen.services.s3.lifecycle.configuration import BucketLifecycles
from sagehen.services.s3.lifecycle.records import LifecycleRecords
from sagehen.services.s3.lifecycle.sweeps import Lifecycles
from sagehen.services.s3.listings import ObjectListings, UploadListings, VersionListings
from sagehen.services.s3.multipart import MultipartUploads
from sagehen.services.s3.notifications import Notifications
from sagehen.services.s3.object_events import ObjectEvents
from sagehen.services.s3.object_lock.configuration import BucketObjectLocks
from sagehen.services.s3.object_lock.operations import ObjectLocks
from sagehen.services.s3.object_records import ObjectRecords
from sagehen.services.s3.objects import Objects
from sagehen.services.s3.parts import Parts
from sagehen.services.s3.records import MIGRATIONS
from sagehen.services.s3.state import Resource, S3State
from sagehen.services.s3.tagging import ObjectTagging
from sagehen.services.s3.transfers import ObjectTransfers
from sagehen.services.s3.unset_configuration import UnsetConfiguration
from sagehen.services.s3.upload_records import UploadRecords
from sagehen.services.s3.uploads import Uploads
from sagehen.services.s3.website.configuration import BucketWebsites
from sagehen.services.s3.website.serving import Websites
from sagehen.store.blobs import BlobFolder
from sagehen.store.database import Database

_RESOURCES: tuple[type[Resource], ...] = (
    Acls,
    Attributes,
    BucketCors,
    BucketEncryption,
    BucketLifecycles,
    BucketLogging,
    BucketObjectLocks,
    BucketOwnership,
    BucketPolicies,
    BucketTagging,
    BucketVersioning,
    BucketWebsites,
    Buckets,
    Copies,
    Deletions,
    MultipartUploads,
    Notifications,
    ObjectListings,
    ObjectLocks,
    ObjectTagging,
    Objects,
    Parts,
    PublicAccessBlocks,
    UnsetConfiguration,
    UploadListings,
    Uploads,
    VersionListings,
)


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
        self._database = database
        self._blobs = BlobFolder(folder, ids, sync=sync_files)
        self._sweeping: asyncio.Task[int] | None = None
        buckets = BucketRecords(database)
        self.events = ObjectEvents(buckets, clock)
        state = S3State(
            buckets=buckets,
            objects=ObjectRecords(database),
            uploads=UploadRecords(database),
            contents=Contents(self._blobs, ids),
            events=self.events,
            clock=clock,
            ids=ids,
            authorizer=authorizer,
            documents=documents,
            sealing=Sealing(keys),
        )
        self.services: Sequence[Service] = (
            Service("s3", tuple(resource(state) for resource in _RESOURCES)),
            Service("s3control", (ResourceTags(state),)),
        )
        self.objects = ObjectTransfers(state)
        self.websites = Websites(state)
        self.lifecycles = Lifecycles(state, LifecycleRecords(database))
        self.access_logs = AccessLogs(state)
        self.resource_policies = StoredBucketPolicies(buckets)
        self.bucket_directory = StoredBuckets(buckets)

    async def start(self) -> None:
        await self._blobs.run(self._blobs.prepare)
        # What a crash left without a row is swept beside the first requests: start-up does not wait.
        self._sweeping = asyncio.create_task(self._blobs.sweep(self._known_blobs))
        self.access_logs.start()
        self.lifecycles.start()

    def _known_blobs(self, blob_ids: list[str]) -> set[str]:
        holes = ",".join("?" * len(blob_ids))
        rows = self._database.all(f"SELECT blob_id FROM s3_segments WHERE blob_id IN ({holes})", blob_ids)
        return {row["blob_id"] for row in rows}

    async def _end_sweep(self) -> None:
        if self._sweeping is not None:
            await asyncio.gather(self._sweeping, return_exceptions=True)
            self._sweeping = None

    async def stop(self) -> None:
        await self._end_sweep()
        await self.lifecycles.stop()
        await self.access_logs.stop()
        await self._blobs.close()

    async def reset(self) -> None:
        self.access_logs.forget()
        self.lifecycles.forget()
        await self._blobs.discard_all()
