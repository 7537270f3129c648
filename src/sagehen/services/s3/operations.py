"""Every operation of S3 and S3 Control, room by room; `service` gives them their state."""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.api.operation import Service
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access_logs.operations import BucketLogging
from sagehen.services.s3.acl.operations import Acls
from sagehen.services.s3.buckets.configurations import (
    BucketCors,
    BucketEncryption,
    BucketOwnership,
    BucketTagging,
    BucketVersioning,
    PublicAccessBlocks,
)
from sagehen.services.s3.buckets.operations import Buckets
from sagehen.services.s3.buckets.resource_tags import ResourceTags
from sagehen.services.s3.buckets.unset import UnsetConfiguration
from sagehen.services.s3.lifecycle.operations import BucketLifecycles
from sagehen.services.s3.listings.objects import ObjectListings
from sagehen.services.s3.listings.uploads import UploadListings
from sagehen.services.s3.listings.versions import VersionListings
from sagehen.services.s3.notifications.operations import Notifications
from sagehen.services.s3.object_lock.configuration import BucketObjectLocks
from sagehen.services.s3.object_lock.operations import ObjectLocks
from sagehen.services.s3.objects.attributes import Attributes
from sagehen.services.s3.objects.copies import Copies
from sagehen.services.s3.objects.deletions import Deletions
from sagehen.services.s3.objects.reads import ObjectReads
from sagehen.services.s3.objects.writes import ObjectWrites
from sagehen.services.s3.policies.operations import BucketPolicies
from sagehen.services.s3.state import S3State
from sagehen.services.s3.tagging.operations import ObjectTagging
from sagehen.services.s3.uploads.operations import MultipartUploads
from sagehen.services.s3.uploads.parts import Parts
from sagehen.services.s3.website.operations import BucketWebsites

_S3: tuple[type[Resource], ...] = (
    BucketCors,
    BucketEncryption,
    BucketOwnership,
    BucketTagging,
    BucketVersioning,
    Buckets,
    PublicAccessBlocks,
    UnsetConfiguration,
    BucketPolicies,
    BucketLifecycles,
    Notifications,
    BucketWebsites,
    BucketLogging,
    Acls,
    BucketObjectLocks,
    ObjectLocks,
    ObjectTagging,
    Attributes,
    Copies,
    Deletions,
    ObjectReads,
    ObjectWrites,
    MultipartUploads,
    Parts,
    ObjectListings,
    UploadListings,
    VersionListings,
)


def services_of(state: S3State) -> Sequence[Service]:
    """Return the operations of both APIs: S3 Control signs as S3 does, and has paths of its own."""
    return (
        Service("s3", tuple(resource(state) for resource in _S3)),
        Service("s3control", (ResourceTags(state),)),
    )
