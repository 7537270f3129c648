"""Tags of a bucket by its ARN, as Terraform asks for them. They are those of PutBucketTagging.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_TagResource.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation
from sagehen.api.operation import AccessRule, Request, operation
from sagehen.domain.access import Access
from sagehen.domain.system_tags import counted, reserved
from sagehen.services.s3.access.resource import Resource
from sagehen.services.s3.buckets.names import is_bucket_name
from sagehen.services.s3.errors.objects import InvalidTag
from sagehen.services.s3.errors.requests import AccessDenied, BadRequest
from sagehen.services.s3.records.buckets import Bucket
from sagehen.services.s3.tagging.tag_sets import BUCKET_TAGS, parse_tag_set, tag_set


def _on_resource(action: str) -> AccessRule:
    def rule(owner: Any, context: RequestContext, request: Request) -> Iterator[Access]:
        resource: ResourceTags = owner
        yield Access(f"s3:{action}", resource.bucket(request).arn)

    return rule


class ResourceTags(Resource):
    """S3 Control's tags of general purpose buckets; those of other resources answer 501."""

    def bucket(self, request: Request) -> Bucket:
        """Return the bucket that a request's ARN names.

        Raises:
            NoSuchBucket: There is none.
            AccessDenied: It is not the account's that the request names.
            NotImplementedOperation: The ARN is of something else that S3 has.
        """
        arn = request["ResourceArn"]
        name = arn.partition(":::")[2]
        if arn.split(":")[2] != "s3" or not is_bucket_name(name):
            raise NotImplementedOperation(
                f"Sagehen keeps tags of general purpose buckets only, and {arn} is none."
            )
        bucket = self.state.buckets.require(name)
        if bucket.account_id != request["AccountId"]:
            raise AccessDenied()
        return bucket

    @operation("ListTagsForResource", access=_on_resource("ListTagsForResource"))
    async def list_tags_for_resource(self, context: RequestContext, request: Request) -> Mapping[str, Any]:
        return {"Tags": tag_set(self.state.buckets.configuration(self.bucket(request).name, "tags"))}

    @operation("TagResource", access=_on_resource("TagResource"))
    async def tag_resource(self, context: RequestContext, request: Request) -> None:
        new = parse_tag_set(request["Tags"], BUCKET_TAGS)

        def merged(tags: dict[str, str] | None) -> dict[str, str]:
            all_of_them = {**(tags or {}), **new}
            if counted(all_of_them) > BUCKET_TAGS:
                raise BadRequest(f"Bucket tag count cannot be greater than {BUCKET_TAGS}")
            return all_of_them

        await self.state.buckets.change_configuration(self.bucket(request).name, "tags", merged)

    @operation("UntagResource", access=_on_resource("UntagResource"))
    async def untag_resource(self, context: RequestContext, request: Request) -> None:
        removed = frozenset(request["TagKeys"])
        if reserved(removed):
            raise InvalidTag("System tags cannot be removed by requester")

        def left(tags: dict[str, str] | None) -> dict[str, str]:
            return {key: value for key, value in (tags or {}).items() if key not in removed}

        await self.state.buckets.change_configuration(self.bucket(request).name, "tags", left)
