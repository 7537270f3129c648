"""S3 as other components see it: its port, its start, its reset."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sagehen.domain.access import AccessDenied as Refused
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.services.s3.service import S3Service
from tests.unit.s3.conftest import OWNER, S3

ROOT = Principal(PrincipalKind.ROOT, f"arn:aws:iam::{OWNER}:root", OWNER)


async def test_what_other_services_see(s3: S3, tmp_path: Path) -> None:
    objects = s3.service.objects
    source = tmp_path / "model.tar.gz"
    source.write_bytes(b"m" * 200_000)
    stored = await objects.upload(ROOT, "birds", "jobs/model.tar.gz", source)
    target = tmp_path / "copy"
    assert (await objects.download(ROOT, "birds", "jobs/model.tar.gz", target)).etag == stored.etag
    assert target.read_bytes() == source.read_bytes()
    target.write_bytes(b"overwritten")  # the store must not notice
    assert await s3.read("birds", "jobs/model.tar.gz") == source.read_bytes()
    keys = [summary.key async for summary in objects.list_objects(ROOT, "birds", "jobs/")]
    assert keys == ["jobs/model.tar.gz"]
    with pytest.raises(NoSuchObject):
        await objects.download(ROOT, "birds", "none", tmp_path / "none")
    s3.rights.refused.add(("s3:GetObject", "arn:aws:s3:::birds/jobs/model.tar.gz"))
    with pytest.raises(Refused):
        await objects.download(ROOT, "birds", "jobs/model.tar.gz", target)


async def test_a_later_life_sweeps_orphans_and_keeps_objects(
    s3: S3, make_service: Callable[[], S3Service], tmp_path: Path
) -> None:
    await s3("PutObject", Bucket="birds", Key="k", Body=b"x" * 100_000)
    folder = tmp_path / "objects"
    (folder / "orphan").write_bytes(b"x")
    (folder / "incoming" / "half").write_bytes(b"x")
    later = make_service()
    await later.start()
    await later.stop()
    assert not (folder / "orphan").exists() and not (folder / "incoming" / "half").exists()
    assert await s3.read("birds", "k") == b"x" * 100_000


async def test_reset_forgets_everything(s3: S3, tmp_path: Path, database: Any) -> None:
    for key in "abc":
        await s3("PutObject", Bucket="birds", Key=key, Body=b"x" * 100_000)
    await database.clear()
    await s3.service.reset()
    await s3("CreateBucket", Bucket="birds")
    await s3("PutObject", Bucket="birds", Key="k", Body=b"y" * 100_000)
    assert await s3.read("birds", "k") == b"y" * 100_000
    await s3.service.stop()
    assert [entry.name for entry in tmp_path.iterdir() if "discarded" in entry.name] == []
