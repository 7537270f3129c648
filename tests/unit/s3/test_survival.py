"""What was acknowledged survives `kill -9`, and what was not leaves no file."""

from __future__ import annotations

import hashlib
import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from sagehen.services.s3.service import S3Service
from sagehen.store.database import Database
from tests.unit.s3.conftest import S3, Rights

_CHILD = """
import asyncio, hashlib, random, sys
from pathlib import Path
from sagehen.api.context import RequestContext
from sagehen.domain.clock import SystemClock
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.domain.ids import Ids
from sagehen.domain.scope import Scope
from sagehen.services.s3.service import S3Service
from sagehen.store.database import Database

async def main():
    folder, clock = Path(sys.argv[1]), SystemClock()
    service = S3Service(database=Database(folder / "metadata.sqlite"), folder=folder / "objects",
                        clock=clock, ids=Ids(), authorizer=None, documents=None)
    await service.start()
    operations = {o.name: o for s in service.services for o in s.operations()}
    root = Principal(PrincipalKind.ROOT, "arn:aws:iam::111111111111:root", "111111111111")
    async def call(name, **request):
        context = RequestContext("r", "s3", name, Scope("111111111111", "us-east-1"), root, clock.now())
        return await operations[name].handler(context, request)
    await call("CreateBucket", Bucket="birds")
    async def put(lane):
        for number in range(10_000):
            data = random.randbytes(random.choice([100, 70_000, 3_000_000]))
            key = f"{lane}/{number % 5}"  # overwritten, so that old files go too
            md5 = hashlib.md5(data).hexdigest()
            print("begun", key, md5, flush=True)
            await call("PutObject", Bucket="birds", Key=key, Body=data)
            print("done", key, md5, flush=True)
    await asyncio.gather(*(put(lane) for lane in range(3)))

asyncio.run(main())
"""


async def test_acknowledged_objects_survive(
    tmp_path: Path, make_service: Callable[[], S3Service], database: Database, rights: Rights, clock: object
) -> None:
    # Of each key: what was acknowledged last, then what was begun after it and may be there or not.
    possible: dict[str, list[str]] = {}
    child = subprocess.Popen(
        [sys.executable, "-c", _CHILD, str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None and child.stderr is not None
    wanted = random.randint(20, 60)
    acknowledged: set[str] = set()
    for line in child.stdout:
        if len(line) < 40 or not line.endswith("\n"):  # cut off by the kill
            continue
        step, key, md5 = line.split()
        if step == "done":
            acknowledged.add(key)
            possible[key] = [md5]
            wanted -= 1
            if wanted == 0:
                child.kill()  # what it had written to the pipe before is still read here
        else:
            possible.setdefault(key, []).append(md5)
    errors = child.stderr.read()
    child.communicate()
    assert acknowledged, errors
    service = make_service()
    await service.start()
    s3 = S3(service, clock, rights)  # type: ignore[arg-type]
    for key in acknowledged:
        assert hashlib.md5(await s3.read("birds", key)).hexdigest() in possible[key]
    await service.stop()
    named = {
        row["blob_id"] for row in database.all("SELECT blob_id FROM s3_segments WHERE blob_id IS NOT NULL")
    }
    assert {entry.name for entry in (tmp_path / "objects").iterdir() if entry.is_file()} == named
