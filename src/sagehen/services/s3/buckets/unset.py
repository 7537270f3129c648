"""Configurations that cannot be put here, and so are truthfully reported as absent.

Tools such as Terraform read all of them before they touch a bucket. Their Put operations are not
declared: those answer 501.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.operation import Request, operation
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.access.rules import on_bucket
from sagehen.services.s3.errors.unset import ReplicationConfigurationNotFoundError


class UnsetConfiguration(Resource):
    """Reads alone; each answers as AWS does for a bucket on which it was never put."""

    @operation("GetBucketAccelerateConfiguration", access=on_bucket("GetAccelerateConfiguration"))
    async def get_bucket_accelerate_configuration(
        self, context: RequestContext, request: Request
    ) -> Mapping[str, Any]:
        self.state.bucket(request)
        return {}

    @operation("GetBucketRequestPayment", access=on_bucket("GetBucketRequestPayment"))
    async def get_bucket_request_payment(
        self, context: RequestContext, request: Request
    ) -> Mapping[str, Any]:
        self.state.bucket(request)
        return {"Payer": "BucketOwner"}

    @operation("GetBucketReplication", access=on_bucket("GetReplicationConfiguration"))
    async def get_bucket_replication(self, context: RequestContext, request: Request) -> None:
        raise ReplicationConfigurationNotFoundError(self.state.bucket(request).name)
