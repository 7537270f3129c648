"""Objects that take each other's place: small, large and marked ones, and readers in between."""

from __future__ import annotations

import asyncio
import threading
from itertools import product
from pathlib import Path

import pytest

from sagehen.services.s3.errors.objects import NoSuchKey, OperationAborted
from sagehen.services.s3.records.versions import ObjectRecords
from sagehen.store.database import Database
from tests.unit.s3.conftest import S3

SMALL, LARGE = b"small", b"large" * 20_000


def rows(database: Database) -> tuple[int, int]:
    """Return how many versions and segments there are."""
    counted = [database.one(f"SELECT count(*) AS n FROM s3_{name}") for name in ("versions", "segments")]
    return tuple(row["n"] for row in counted if row is not None)  # type: ignore[return-value]


@pytest.mark.parametrize(("first", "second"), list(product((b"", SMALL, LARGE), repeat=2)))
async def test_nothing_is_left_of_what_was_replaced(
    s3: S3, database: Database, tmp_path: Path, first: bytes, second: bytes
) -> None:
    await s3("PutObject", Bucket="birds", Key="owl", Body=first, Metadata={"n": "1"}, Tagging="a=1")
    await s3("PutObject", Bucket="birds", Key="owl", Body=second, ContentType="image/png")
    assert await s3.read("birds", "owl") == second
    head = await s3("HeadObject", Bucket="birds", Key="owl")
    assert (head["ContentLength"], head["ContentType"]) == (len(second), "image/png")
    assert head["Metadata"] == {} and "TagCount" not in head
    assert rows(database) == (1, 1 if second is LARGE else 0)
    listed = await s3("ListObjectsV2", Bucket="birds")
    assert [(entry["Key"], entry["Size"]) for entry in listed["Contents"]] == [("owl", len(second))]


async def test_in_a_suspended_bucket_the_null_version_changes_and_others_stay(s3: S3) -> None:
    versioning = "PutBucketVersioning"
    await s3(versioning, Bucket="birds", VersioningConfiguration={"Status": "Enabled"})
    kept = (await s3("PutObject", Bucket="birds", Key="owl", Body=b"kept"))["VersionId"]
    await s3(versioning, Bucket="birds", VersioningConfiguration={"Status": "Suspended"})
    for body in (b"one", b"two"):
        await s3("PutObject", Bucket="birds", Key="owl", Body=body)
    await s3("DeleteObject", Bucket="birds", Key="owl")  # a marker takes the place of the null version
    with pytest.raises(NoSuchKey):
        await s3.read("birds", "owl")
    await s3("PutObject", Bucket="birds", Key="owl", Body=b"three")
    versions = (await s3("ListObjectVersions", Bucket="birds"))["Versions"]
    assert [(one["VersionId"], one["IsLatest"]) for one in versions] == [("null", True), (kept, False)]
    assert await s3.read("birds", "owl") == b"three"
    assert await s3.read("birds", "owl", VersionId=kept) == b"kept"


async def test_small_objects_of_earlier_versions_of_the_tables_can_be_read(
    s3: S3, database: Database
) -> None:
    await s3("PutObject", Bucket="birds", Key="owl", Body=SMALL)
    await database.execute("UPDATE s3_versions SET content_id = 'c', data = NULL")
    await database.execute(
        "INSERT INTO s3_segments VALUES ('c', 0, ?, NULL, 0, ?, NULL)", (SMALL, len(SMALL))
    )
    assert await s3.read("birds", "owl") == SMALL
    await s3("PutObject", Bucket="birds", Key="owl", Body=b"new")
    assert await s3.read("birds", "owl") == b"new"
    assert rows(database) == (1, 0)


@pytest.mark.parametrize("body", [SMALL, LARGE])
async def test_a_record_never_gets_the_bytes_of_its_successor(
    s3: S3, database: Database, body: bytes
) -> None:
    await s3("PutObject", Bucket="birds", Key="owl", Body=body)
    records = ObjectRecords(database)
    before = records.get("birds", "owl")
    assert before is not None
    await s3("PutObject", Bucket="birds", Key="owl", Body=b"other")
    with pytest.raises(OperationAborted):
        records.segments(before)


async def test_a_reader_who_was_overtaken_gets_the_new_object(
    s3: S3, monkeypatch: pytest.MonkeyPatch
) -> None:
    await s3("PutObject", Bucket="birds", Key="owl", Body=SMALL)
    read, overtaken = ObjectRecords.segments, [True, True]

    def segments(records: ObjectRecords, version: object) -> object:
        if overtaken:
            overtaken.pop()
            raise OperationAborted
        return read(records, version)  # type: ignore[arg-type]

    monkeypatch.setattr(ObjectRecords, "segments", segments)
    assert await s3.read("birds", "owl") == SMALL
    assert not overtaken


@pytest.mark.parametrize("operation", ["PutObject", "UploadPart"])
async def test_an_upload_whose_caller_goes_while_it_commits_is_whole(
    s3: S3, database: Database, tmp_path: Path, operation: str
) -> None:
    request = {"Bucket": "birds", "Key": "owl", "Body": LARGE}
    if operation == "UploadPart":
        started = await s3("CreateMultipartUpload", Bucket="birds", Key="owl")
        request |= {"UploadId": started["UploadId"], "PartNumber": 1}
    else:
        await s3("PutObject", Bucket="birds", Key="owl", Body=LARGE * 2)
    begun, held = threading.Event(), threading.Event()
    holding = asyncio.create_task(database.write(lambda tx: begun.set() or held.wait()))
    assert await asyncio.to_thread(begun.wait, 30)  # or what waits would be this one itself
    upload = asyncio.create_task(s3(operation, **request))
    while not database._jobs.qsize():  # its bytes are written, its row waits for the thread
        await asyncio.sleep(0.001)
    upload.cancel()
    await asyncio.gather(upload, return_exceptions=True)
    held.set()
    await holding
    await database.write(lambda tx: None)
    await asyncio.sleep(0)
    row = database.one("SELECT blob_id FROM s3_segments")
    assert row is not None and (tmp_path / "objects" / row["blob_id"]).stat().st_size == len(LARGE)
    await s3.service.stop()  # what is condemned is gone now
    assert [path.name for path in (tmp_path / "objects").iterdir() if path.is_file()] == [row["blob_id"]]
