"""What S3's conformance tests share: a client, a bucket that is emptied afterwards, and refusals."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

Refused = Callable[..., dict[str, Any]]


@pytest.fixture(scope="package")
def s3(client: Any) -> Any:
    return client("s3")


@pytest.fixture
def bucket(s3: Any) -> Iterator[str]:
    name = f"test-{uuid.uuid4()}"
    s3.create_bucket(Bucket=name)
    yield name
    empty(s3, name)
    s3.delete_bucket(Bucket=name)


def empty(s3: Any, bucket: str) -> None:
    while versions := s3.list_object_versions(Bucket=bucket):
        entries = [*versions.get("Versions", []), *versions.get("DeleteMarkers", [])]
        if not entries:
            return
        named = [{"Key": entry["Key"], "VersionId": entry["VersionId"]} for entry in entries]
        s3.delete_objects(Bucket=bucket, Delete={"Objects": named})


def refused(call: Callable[..., Any], **request: Any) -> dict[str, Any]:
    """Return `Error` of the answer without what differs from request to request, and `Status`."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    answer: Any = caught.value.response
    error = {name: value for name, value in answer["Error"].items() if name not in ("RequestId", "HostId")}
    return {**error, "Status": answer["ResponseMetadata"]["HTTPStatusCode"]}
