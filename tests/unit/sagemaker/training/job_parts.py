"""What tests of training jobs are made of."""

from __future__ import annotations

import asyncio
import io
import tarfile
from typing import Any


def two_hosts() -> dict[str, Any]:
    return {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 5}


def source(uri: str, **members: Any) -> list[dict[str, Any]]:
    s3 = {"S3DataType": "S3Prefix", "S3Uri": uri, **members}
    return [{"ChannelName": "train", "DataSource": {"S3DataSource": s3}}]


def members(archive: bytes) -> dict[str, bytes]:
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        files = (member for member in tar if member.isfile())
        return {member.name: tar.extractfile(member).read() for member in files}  # type: ignore[union-attr]


async def forever(_: Any) -> int:
    await asyncio.Event().wait()
    return 0
