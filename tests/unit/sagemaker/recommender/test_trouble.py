"""What other jobs, other accounts and an earlier life leave to a recommendation job."""

from __future__ import annotations

import io
import tarfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from sagehen.api.errors import ServiceError
from sagehen.domain.clock import SystemClock
from sagehen.domain.scope import Scope
from sagehen.domain.timeouts import timeout
from sagehen.services.sagemaker.recommender.benchmarks import benchmarks_of
from sagehen.services.sagemaker.recommender.measuring.payloads import payloads
from sagehen.services.sagemaker.recommender.records import MOST_AT_ONCE, RecommendationRecords
from sagehen.services.sagemaker.recommender.run import RecommendationRun, Tools
from sagehen.services.sagemaker.recommender.schema import MIGRATIONS
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded
from sagehen.services.sagemaker.schema import MIGRATIONS as FIRST
from sagehen.store.database import Database

from .test_decisions import job


class _Objects:
    async def download(self, principal: Any, bucket: str, key: str, to: Path) -> None:
        assert not to.exists()
        with tarfile.open(to, "w:gz") as tar:
            info = tarfile.TarInfo("a")
            info.size = 2
            tar.addfile(info, io.BytesIO(b"1\n"))


async def test_what_a_killed_life_left_is_in_nobody_s_way(tmp_path: Path) -> None:
    folder = tmp_path / "job"
    (folder / "files").mkdir(parents=True)
    (folder / "files" / "left").write_bytes(b"2")
    (folder / "payloads.tar.gz").write_bytes(b"half")
    objects: Any = _Objects()
    principal: Any = None
    assert await payloads(objects, principal, "s3://bucket/rows.tar.gz", folder) == [b"1\n"]
    assert not folder.exists()


def test_jobs_of_one_name_share_no_folder() -> None:
    mine = job()
    others = (
        replace(mine, scope=Scope("999988887777", "us-east-1")),
        replace(mine, scope=Scope(mine.scope.account_id, "eu-west-1")),
    )
    assert len({one.folder for one in (mine, *others)}) == 3


async def test_an_account_has_so_many_jobs_at_once(tmp_path: Path) -> None:
    database = Database(tmp_path / "db")
    try:
        database.migrate("sagemaker", FIRST)
        database.migrate("sagemaker_recommender", MIGRATIONS)
        records = RecommendationRecords(database)
        for number in range(MOST_AT_ONCE):
            await records.add(replace(job(), name=f"job-{number}"), ())
        with pytest.raises(ResourceLimitExceeded):
            await records.add(replace(job(), name="one-more"), ())
        await records.change(job().scope, "job-0", lambda one: replace(one, status="STOPPED"))
        await records.add(replace(job(), name="one-more"), ())
    finally:
        database.close()


class _Calls:
    def __init__(self) -> None:
        self.made: list[tuple[str, Any]] = []

    async def call(self, principal: Any, scope: Scope, service: str, operation: str, request: Any) -> Any:
        self.made.append((operation, next(iter(request.values()))))
        if operation == "DescribeEndpoint":
            raise ServiceError("it is gone")


class _Roles:
    principal = None

    async def assume_for_service(self, *given: Any, **named: Any) -> Any:
        return self


class _Logs:
    def __init__(self) -> None:
        self.written: list[tuple[str, str]] = []

    def write(self, scope: Scope, group: str, stream: str, events: Sequence[tuple[int, str]]) -> None:
        self.written += [(stream, line) for _, line in events]

    async def flush(self) -> None: ...


async def test_a_job_that_was_being_stopped_leaves_no_endpoint_behind(tmp_path: Path) -> None:
    database, calls, logs = Database(tmp_path / "db"), _Calls(), _Logs()
    try:
        database.migrate("sagemaker", FIRST)
        database.migrate("sagemaker_recommender", MIGRATIONS)
        records, made = RecommendationRecords(database), job()
        stopping = replace(made, status="STOPPING", steps=({"Status": "IN_PROGRESS", "began_at": 1.0},))
        await records.add(stopping, ())
        nothing: Any = None
        roles: Any = _Roles()
        tools = Tools(records, SystemClock(), roles, nothing, tmp_path, nothing, calls, logs)
        async with timeout(30):
            await RecommendationRun(tools, stopping).carry_out()
        assert records.require(made.scope, made.name).status == "STOPPED"
    finally:
        database.close()
    assert ("DeleteEndpoint", benchmarks_of(made)[0].endpoint) in calls.made
    assert logs.written == [(f"{made.name}/execution", "Job STOPPED")]
