"""Objects as other services read them without a copy: piece by piece, or by the store's own file."""

from __future__ import annotations

import stat
from dataclasses import replace
from pathlib import Path

import pytest

from sagehen.domain.access import AccessDenied
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ports.storage.objects import NoSuchObject
from sagehen.services.s3.objects import transfers
from tests.unit.s3.conftest import OWNER, S3

ROOT = Principal(PrincipalKind.ROOT, f"arn:aws:iam::{OWNER}:root", OWNER)
LARGE = b"0123456789" * 20_000


async def test_one_plain_blob_is_shared_and_outlives_its_object(s3: S3, tmp_path: Path) -> None:
    await s3("PutObject", Bucket="birds", Key="k", Body=LARGE)
    first, second = tmp_path / "first", tmp_path / "second"
    for target in (first, second):
        summary, linked = await s3.service.objects.link(ROOT, "birds", "k", target)
        assert summary.size == len(LARGE) and linked
    assert first.stat().st_ino == second.stat().st_ino
    assert stat.S_IMODE(first.stat().st_mode) == 0o644  # a sandbox's user reads it, and none may write
    await s3("PutObject", Bucket="birds", Key="k", Body=b"other")
    await s3("DeleteObject", Bucket="birds", Key="k")
    assert first.read_bytes() == LARGE
    with pytest.raises(FileExistsError):
        await s3("PutObject", Bucket="birds", Key="again", Body=LARGE)
        await s3.service.objects.link(ROOT, "birds", "again", first)


@pytest.mark.parametrize("kind", ["small", "encrypted", "parts"])
async def test_everything_else_has_to_be_written_out(s3: S3, tmp_path: Path, kind: str) -> None:
    if kind == "parts":
        upload = (await s3("CreateMultipartUpload", Bucket="birds", Key="k"))["UploadId"]
        named = {"Bucket": "birds", "Key": "k", "UploadId": upload}
        bodies = [bytes(5 * 1024 * 1024), LARGE]
        parts = [
            {"PartNumber": n, "ETag": (await s3("UploadPart", **named, PartNumber=n, Body=body))["ETag"]}
            for n, body in enumerate(bodies, 1)
        ]
        await s3("CompleteMultipartUpload", **named, MultipartUpload={"Parts": parts})
        whole = b"".join(bodies)
    else:
        whole = b"few" if kind == "small" else LARGE
        more = {"ServerSideEncryption": "aws:kms"} if kind == "encrypted" else {}
        await s3("PutObject", Bucket="birds", Key="k", Body=whole, **more)
    target = tmp_path / "target"
    assert not (await s3.service.objects.link(ROOT, "birds", "k", target))[1]
    assert not target.exists()
    await s3.service.objects.download(ROOT, "birds", "k", target)
    assert target.read_bytes() == whole
    summary, _ = await s3.service.objects.read(ROOT, "birds", "k")
    there = tmp_path / "there"
    there.write_bytes(bytes(len(whole)))
    assert await s3.service.objects.fill(ROOT, "birds", summary, there)
    assert there.read_bytes() == whole
    assert not await s3.service.objects.fill(ROOT, "birds", replace(summary, etag='"other"'), there)
    assert target.stat().st_nlink == 1
    target.write_bytes(b"overwritten")  # the store must not notice
    assert await s3.read("birds", "k") == whole


async def test_what_is_being_read_stays(s3: S3) -> None:
    await s3("PutObject", Bucket="birds", Key="k", Body=LARGE)
    summary, chunks = await s3.service.objects.read(ROOT, "birds", "k")
    await s3("DeleteObject", Bucket="birds", Key="k")
    assert summary.size == len(LARGE)
    assert b"".join([chunk async for chunk in chunks]) == LARGE


async def test_rights_are_looked_at(s3: S3, tmp_path: Path) -> None:
    objects = s3.service.objects
    with pytest.raises(NoSuchObject):
        await objects.read(ROOT, "birds", "none")
    with pytest.raises(NoSuchObject):
        await objects.link(ROOT, "birds", "none", tmp_path / "none")
    await s3("PutObject", Bucket="birds", Key="k", Body=LARGE)
    s3.rights.refused.add(("s3:GetObject", "arn:aws:s3:::birds/k"))
    with pytest.raises(AccessDenied):
        await objects.read(ROOT, "birds", "k")
    with pytest.raises(AccessDenied):
        await objects.link(ROOT, "birds", "k", tmp_path / "none")
    assert not (tmp_path / "none").exists()


async def test_what_is_written_behind_a_file_meanwhile_is_not_waited_for(tmp_path: Path) -> None:
    path, read = tmp_path / "a", b""
    path.write_bytes(bytes(1_500_000))
    with path.open("ab", buffering=0) as file:
        async for chunk in transfers._chunks(path):
            read += chunk
            file.write(bytes(2_000_000))
            if len(read) > 10_000_000:
                break
    assert len(read) == 1_500_000
    assert b"".join([chunk async for chunk in transfers._chunks(path, 700)]) == bytes(700)


async def test_bytes_are_stored_as_a_file_of_them_would_be(s3: S3, tmp_path: Path) -> None:
    """Small and large, plain and encrypted: the same object, ETag and all where that tells of the bytes."""
    objects = s3.service.objects
    key_id = (await s3("PutObject", Bucket="birds", Key="x", Body=b"x", ServerSideEncryption="aws:kms"))[
        "SSEKMSKeyId"
    ]
    for content in (b"", b"few", LARGE):
        source = tmp_path / "source"
        source.write_bytes(content)
        of_file = await objects.upload(ROOT, "birds", "file", source)
        of_bytes = await objects.upload(ROOT, "birds", "bytes", content)
        assert (of_bytes.size, of_bytes.etag) == (of_file.size, of_file.etag)
        sealed = await objects.upload(ROOT, "birds", "sealed", content, kms_key_id=key_id)
        assert sealed.etag != of_file.etag
        assert [await s3.read("birds", key) for key in ("bytes", "sealed")] == [content, content]
    s3.rights.refused.add(("s3:PutObject", "arn:aws:s3:::birds/bytes"))
    with pytest.raises(AccessDenied):
        await objects.upload(ROOT, "birds", "bytes", b"other")
    assert await s3.read("birds", "bytes") == LARGE
