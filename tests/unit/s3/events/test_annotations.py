"""Events of tags and ACLs: what they say, and that nothing is said where nothing changed."""

from __future__ import annotations

from typing import Any

from sagehen.domain.ids import host_id
from tests.unit.s3.conftest import S3

ARN = "arn:aws:lambda:us-east-1:111111111111:function:f"


class Heard:
    """A notifier that keeps what it is told."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.traces: list[str | None] = []

    def accepts(self, scope: Any, bucket: str, arn: str) -> bool:
        return True

    async def object_event(
        self, scope: Any, bucket: str, arn: str, event: dict[str, Any], trace: str | None = None
    ) -> None:
        self.events.append(event)
        self.traces.append(trace)


async def test_tags_and_acls_are_told(s3: S3) -> None:
    heard = s3.service.events.notifier = Heard()
    rule = {"LambdaFunctionArn": ARN, "Events": ["s3:ObjectTagging:*", "s3:ObjectAcl:Put"]}
    wanted = {"LambdaFunctionConfigurations": [rule]}
    await s3("PutBucketNotificationConfiguration", Bucket="birds", NotificationConfiguration=wanted)
    await s3("DeleteBucketOwnershipControls", Bucket="birds")
    await s3("DeletePublicAccessBlock", Bucket="birds")
    put = await s3("PutObject", Bucket="birds", Key="k", Body=b"x")
    tags = {"TagSet": [{"Key": "a", "Value": "b"}]}
    await s3("PutObjectTagging", Bucket="birds", Key="k", Tagging=tags)
    # From within a function: Lambda knows a loop by what is handed on.
    await s3("DeleteObjectTagging", Bucket="birds", Key="k", headers={"x-amzn-trace-id": "Root=1"})
    for _ in range(2):  # the second changes nothing
        await s3("PutObjectAcl", Bucket="birds", Key="k", ACL="public-read")
    assert [event["eventName"] for event in heard.events] == [
        "ObjectTagging:Put",
        "ObjectTagging:Delete",
        "ObjectAcl:Put",
    ]
    assert heard.traces == [None, "Root=1", None]
    told = heard.events[0]
    # Without size and sequencer, and of a later schema (recorded).
    assert told["eventVersion"] == "2.3"
    assert told["s3"]["object"] == {"key": "k", "eTag": put["ETag"].strip('"')}
    assert told["responseElements"] == {"x-amz-request-id": "r", "x-amz-id-2": host_id("r")}
