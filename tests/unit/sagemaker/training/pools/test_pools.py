"""A pool from job to job: reused, kept, updated, ended; across a restart; and what lies in it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.executors.folders.job import JobFolder
from sagehen.services.sagemaker.instances.supply.offer import Offer
from sagehen.services.sagemaker.resources.errors import ResourceInUse, ResourceLimitExceeded
from sagehen.services.sagemaker.training.pools.content import PoolContent
from sagehen.services.sagemaker.training.pools.updates import RetentionUpdate
from sagehen.services.sagemaker.training.quota import TrainingQuota
from sagehen.services.sagemaker.training.updates.operation import TrainingJobUpdates

from ...conftest import SCOPE, job_request
from ..job_parts import forever

_KEPT = {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 5}


async def note(container: Any) -> int:
    """Append to a file in the cache that AWS keeps with a pool."""
    assert container.spec.environment["SAGEMAKER_MANAGED_WARMPOOL_CACHE_DIRECTORY"] == (
        "/opt/ml/sagemaker/warmpoolcache"
    )
    with (container.opt_ml / "sagemaker" / "warmpoolcache" / "runs").open("a") as file:
        file.write("x")
        container.say(f"runs: {file.tell()}")
    return 0


async def run(platform: Any, name: str, keep_s: int | None = 600, **changes: Any) -> Any:
    keep = {} if keep_s is None else {"KeepAlivePeriodInSeconds": keep_s}
    await platform.create(name, ResourceConfig={**_KEPT, **keep}, **changes)
    return await platform.ended(name)


async def pool(platform: Any, name: str) -> Any:
    return (await platform.describe(name))["WarmPoolStatus"]


def said(platform: Any, name: str) -> str:
    return "\n".join(
        line for stream, lines in platform.logs.lines.items() if stream.startswith(name) for line in lines
    )


async def limit(platform: Any, instances: int) -> None:
    await platform.supply.change("ml.m5.large", lambda _: Offer("ml.m5.large", limit=instances))


async def update(platform: Any, name: str, **members: Any) -> None:
    updates = TrainingJobUpdates(platform.job_records, {"ResourceConfig": RetentionUpdate(platform.pools)})
    await platform.call(updates, "UpdateTrainingJob", TrainingJobName=name, **members)


async def test_a_pool_moves_from_job_to_job_with_what_is_in_it(platform: Any) -> None:
    platform.executor.program = note
    assert (await run(platform, "a"))["WarmPoolStatus"] == {"Status": "Available"}
    await platform.clock.advance(100)
    # A type that cannot be had is no hindrance to who has it.
    await platform.supply.change("ml.m5.large", lambda _: Offer("ml.m5.large", available=False))
    assert (await run(platform, "b"))["WarmPoolStatus"] == {"Status": "Available"}
    assert await pool(platform, "a") == {
        "Status": "Reused", "ResourceRetainedBillableTimeInSeconds": 100, "ReusedByJob": "b",
    }  # fmt: skip
    assert "runs: 2" in said(platform, "b") and "those of a warm pool" in said(platform, "b")
    assert (await run(platform, "c", keep_s=None))["WarmPoolStatus"] == {"Status": "Terminated"}
    assert "runs: 3" in said(platform, "c")  # uses it up
    listed = await platform.call(platform.jobs, "ListTrainingJobs", WarmPoolStatusEquals="Reused")
    assert [each["TrainingJobName"] for each in listed["TrainingJobSummaries"]] == ["a", "b"]
    assert listed["TrainingJobSummaries"][0]["WarmPoolStatus"]["ReusedByJob"] == "b"


async def test_only_one_of_two_gets_it_and_others_begin_cold(platform: Any) -> None:
    platform.executor.program = note
    await run(platform, "a")
    await asyncio.gather(
        run(platform, "b"), run(platform, "c"), run(platform, "d", EnableNetworkIsolation=True)
    )
    runs = sorted("runs: 2" in said(platform, name) for name in ("b", "c", "d"))
    assert runs == [False, False, True] and "runs: 1" in said(platform, "d")


async def test_its_time_is_over(platform: Any) -> None:
    await platform.pools.recover(())
    await run(platform, "a", keep_s=60)
    await platform.clock.advance(61)
    async with asyncio.timeout(60):
        while (await pool(platform, "a"))["Status"] != "Terminated":
            await asyncio.sleep(0.002)
    assert (await pool(platform, "a"))["ResourceRetainedBillableTimeInSeconds"] == 60
    assert "runs" not in said(platform, "a")
    await platform.call(platform.jobs, "DeleteTrainingJob", TrainingJobName="a")


async def test_it_is_kept_longer_or_ended_as_the_user_says(platform: Any) -> None:
    await run(platform, "a", keep_s=60)
    with pytest.raises(ResourceInUse):
        await platform.call(platform.jobs, "DeleteTrainingJob", TrainingJobName="a")
    await update(platform, "a", ResourceConfig={"KeepAlivePeriodInSeconds": 1000})
    await platform.clock.advance(500)
    assert (await platform.describe("a"))["ResourceConfig"]["KeepAlivePeriodInSeconds"] == 1000
    assert await pool(platform, "a") == {"Status": "Available"}
    await update(platform, "a", ResourceConfig={"KeepAlivePeriodInSeconds": 0})
    assert (await pool(platform, "a"))["ResourceRetainedBillableTimeInSeconds"] == 500
    for refused, error in (
        ({"ResourceConfig": {"KeepAlivePeriodInSeconds": 1}}, ValidationException),
        ({}, ValidationException),
        ({"RemoteDebugConfig": {"EnableRemoteDebug": True}}, NotImplementedOperation),
    ):
        with pytest.raises(error):
            await update(platform, "a", **refused)
    with pytest.raises(ValidationException, match="not found"):
        await update(platform, "none", ResourceConfig={"KeepAlivePeriodInSeconds": 1})


@pytest.mark.parametrize(("code", "status"), [(1, "Available"), (0, "Available")])
async def test_a_script_s_own_failure_leaves_it(platform: Any, code: int, status: str) -> None:
    async def end(_: Any) -> int:
        return code

    platform.executor.program = end
    assert (await run(platform, "a"))["WarmPoolStatus"]["Status"] == status


async def test_a_fault_of_the_platform_s_or_a_limit_leaves_none(platform: Any) -> None:
    platform.executor.refusal = "no namespaces"
    platform.executor.program = forever
    await platform.create("a", ResourceConfig={**_KEPT, "InstanceCount": 2, "KeepAlivePeriodInSeconds": 60})
    assert (await platform.ended("a"))["WarmPoolStatus"]["Status"] == "Terminated"
    platform.executor.refusal, platform.executor.program = None, note
    await limit(platform, 1)
    assert (await run(platform, "b"))["WarmPoolStatus"]["Status"] == "Available"

    async def meanwhile(_: Any) -> int:
        await limit(platform, 0)
        return 0

    platform.executor.program = meanwhile
    assert (await run(platform, "c"))["WarmPoolStatus"]["Status"] == "Terminated"
    assert "no warm pool is kept: the account's limit" in said(platform, "c")


async def test_what_waits_counts_as_training_does_but_not_for_who_takes_it(platform: Any) -> None:
    await limit(platform, 2)
    await run(platform, "a")
    platform.executor.program = forever
    await platform.create("b", ResourceConfig=_KEPT, EnableNetworkIsolation=True)
    refusal = (
        "training job usage' is 2 Instances, with current utilization of 2 Instances and a request delta"
    )
    spot = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60}
    for other in ({"EnableNetworkIsolation": True}, {"ResourceConfig": {**_KEPT, "InstanceCount": 2}}):
        with pytest.raises(ResourceLimitExceeded, match=refusal):
            await platform.create("c", **{"ResourceConfig": _KEPT, **other})
    await platform.create("spot", EnableManagedSpotTraining=True, StoppingCondition=spot)
    await platform.create("d", ResourceConfig=_KEPT)
    with pytest.raises(ResourceLimitExceeded):
        await platform.create("e", ResourceConfig=_KEPT)
    await platform.until("Training", name="d")
    assert (await pool(platform, "a"))["ReusedByJob"] == "d"


async def test_several_jobs_at_once_take_several_pools(platform: Any) -> None:
    await limit(platform, 2)
    both = asyncio.Barrier(2)

    async def together(_: Any) -> int:
        await both.wait()
        return 0

    platform.executor.program = together
    await asyncio.gather(run(platform, "a"), run(platform, "b"))
    quota, request = TrainingQuota(platform.database, platform.supply), job_request("c", ResourceConfig=_KEPT)
    quota.require(SCOPE, request, jobs=2)
    with pytest.raises(ResourceLimitExceeded, match="utilization of 0 Instances and a request delta of 3"):
        quota.require(SCOPE, request, jobs=3)


async def test_a_restart_keeps_what_waits_and_ends_what_was_in_use(platform: Any) -> None:
    platform.executor.program = note
    await run(platform, "a")
    await platform.restart()
    assert await pool(platform, "a") == {"Status": "Available"}
    await run(platform, "b")
    assert "runs: 2" in said(platform, "b")
    platform.executor.program = forever
    await platform.create("c", ResourceConfig={**_KEPT, "KeepAlivePeriodInSeconds": 60})
    await platform.until("Training", name="c")
    assert await pool(platform, "c") == {"Status": "InUse"}
    platform.executor.program = note
    await platform.restart()  # c's instances are gone, and with them what was in them
    assert (await platform.ended("c"))["WarmPoolStatus"] == {"Status": "Available"}
    assert "runs: 1" in said(platform, "c")


async def test_a_kill_between_a_pool_and_the_end_of_its_job_leaves_none_behind(platform: Any) -> None:
    platform.executor.program = forever
    await platform.create("a", ResourceConfig={**_KEPT, "KeepAlivePeriodInSeconds": 60})
    await platform.until("Training", name="a")
    job = platform.job_records.get(SCOPE, "a")
    await platform.pools._records.change(job.scope, "a", lambda pool: pool.kept(platform.clock.now()))
    await platform.pools.recover([job])
    assert await pool(platform, "a") == {"Status": "InUse"}


async def test_what_cannot_be_moved_fails_no_job(platform: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def take(*_: Any) -> None:
        raise PermissionError(13, "Permission denied", "/somewhere")

    monkeypatch.setattr(PoolContent, "take", take)
    platform.executor.program = note
    described = await run(platform, "a")
    assert described["TrainingJobStatus"] == "Completed"
    assert described["WarmPoolStatus"]["Status"] == "Terminated"
    assert "cannot be moved: Permission denied" in said(platform, "a")


def test_links_that_a_job_leaves_are_not_followed(tmp_path: Path) -> None:
    secret = tmp_path / "secret" / "warmpoolcache"
    secret.mkdir(parents=True)
    folder, content = JobFolder(tmp_path / "job"), PoolContent(tmp_path / "pools" / "p")
    folder.create(("algo-1", "algo-2"))
    for host, trick in (("algo-1", "sagemaker"), ("algo-2", "warmpoolcache")):
        opt_ml = folder.host(host).opt_ml
        if trick == "sagemaker":
            (opt_ml / "sagemaker").symlink_to(secret.parent)
        else:
            (opt_ml / "sagemaker").mkdir()
            (opt_ml / "sagemaker" / "warmpoolcache").symlink_to(secret)
    (folder.host("algo-1").packages / "lib").symlink_to(secret)
    content.take(folder, ("algo-1", "algo-2"))
    assert secret.is_dir()
    assert not any(os.path.lexists(content.root / host / "cache") for host in ("algo-1", "algo-2"))
    assert (content.root / "algo-1" / "packages" / "lib").is_symlink()  # moved as it is, opened by nobody
    with contextlib.suppress(FileNotFoundError):
        content.discard()
