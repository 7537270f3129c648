"""Training jobs that fail, are stopped, or are cut off by the end of the platform."""

from __future__ import annotations

import asyncio
import io
import json
import os
import tarfile
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.executors.base import ExitStatus
from sagehen.services.sagemaker.instances import limits as instance_limits
from sagehen.services.sagemaker.jobs.actions import Step, Wait
from sagehen.services.sagemaker.training.decisions import End, Ending, Observed, deadline, decide
from sagehen.services.sagemaker.training.job import TrainingJob
from sagehen.services.sagemaker.transfers import downloads

from ..conftest import SCOPE, job_request
from .job_parts import forever, members, two_hosts


async def test_one_failing_host_ends_the_others_at_once(platform: Any) -> None:
    async def train(container: Any) -> int:
        if container.spec.hostname == "algo-2":
            (container.opt_ml / "output" / "failure").write_text("out of luck")
            return 5
        return await forever(container)

    platform.executor.program = train
    await platform.create(ResourceConfig=two_hosts())
    described = await platform.ended()
    assert described["TrainingJobStatus"] == "Failed"
    assert described["FailureReason"] == "AlgorithmError: out of luck, exit code: 5"
    assert platform.executor.started[0].signals == ["KILL"]


async def test_a_host_that_cannot_start_fails_the_job_and_ends_the_others(platform: Any) -> None:
    platform.executor.program = forever
    platform.executor.refusal = "no namespaces"
    await platform.create(ResourceConfig=two_hosts())
    described = await platform.ended()
    assert described["FailureReason"].startswith("CapacityError: Unable to provision")
    assert "no namespaces" in described["FailureReason"]
    assert platform.executor.started[0].signals == ["KILL"]


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (ExitStatus(1), "AlgorithmError: , exit code: 1"),
        (ExitStatus(139, 11), "AlgorithmError: , exit code: 139"),
        (
            ExitStatus(137, 9, out_of_memory=True),
            "ClientError: Please use an instance type with more memory, or reduce the size of training "
            "data processed on an instance., exit code: 137",
        ),
        (
            ExitStatus(0, out_of_disk=True),
            "AlgorithmError: OSError: [Errno 28] No space left on device (the job's files are more than "
            "the 5 GB of VolumeSizeInGB, or than this computer's disk has room for), exit code: 1",
        ),
    ],
)
async def test_failure_reasons(platform: Any, status: ExitStatus, reason: str) -> None:
    async def fail(container: Any) -> Any:
        (container.opt_ml / "model" / "partial.bin").write_bytes(b"p")
        return status

    platform.executor.program = fail
    await platform.create()
    described = await platform.ended()
    assert (described["TrainingJobStatus"], described["FailureReason"]) == ("Failed", reason)
    assert ("out", "jobs/Job-1/output/model.tar.gz") in platform.objects.content


@pytest.mark.parametrize(
    ("name", "own"),
    [("m5.xlarge", 0), ("m5d.xlarge", 1), ("c6gd.large", 1), ("g4dn.xlarge", 1), ("g5.xlarge", 1),
     ("p3.2xlarge", 0), ("p3dn.24xlarge", 1), ("p4d.24xlarge", 1), ("p5.48xlarge", 1), ("c5n.large", 0),
     ("inf1.xlarge", 0), ("trn1.2xlarge", 1), ("t3.medium", 0), ("g5g.xlarge", 0)],
)  # fmt: skip
def test_types_with_disks_of_their_own_have_no_volume(name: str, own: int) -> None:
    assert instance_limits.has_instance_storage(f"ml.{name}") == bool(own)


async def test_the_reason_shows_the_beginning_of_a_long_failure_file(platform: Any) -> None:
    async def fail(container: Any) -> int:
        (container.opt_ml / "output" / "failure").write_text("é" * 3000)
        return 1

    platform.executor.program = fail
    await platform.create()
    reason = (await platform.ended())["FailureReason"]
    assert reason.startswith("AlgorithmError: ééé") and len(reason) == 1024


async def test_links_out_of_the_container_are_not_followed(platform: Any, tmp_path: Any) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "failure").write_text("the host's own")

    async def trick(container: Any) -> int:
        output, model = container.opt_ml / "output", container.opt_ml / "model"
        (output / "data").rmdir()
        output.rmdir()
        output.symlink_to(secret)
        (model / "link").symlink_to(secret / "failure")
        return 1

    platform.executor.program = trick
    await platform.create()
    assert (await platform.ended())["FailureReason"] == "AlgorithmError: , exit code: 1"
    archive = platform.objects.content[("out", "jobs/Job-1/output/model.tar.gz")]
    assert members(archive) == {}


async def test_a_download_that_is_refused_fails_the_job_with_the_denial(platform: Any) -> None:
    platform.objects.unreadable.add("train/a.jpg")
    await platform.create()
    described = await platform.ended()
    assert described["FailureReason"] == (
        "ClientError: Data download failed:AccessDenied (403): "
        "arn:aws:sts::123456789012:assumed-role/Trainer/SageMaker may not read train/a.jpg"
    )
    assert not platform.executor.started


async def test_an_upload_that_is_refused_fails_the_job(platform: Any) -> None:
    platform.objects.unreadable.add("jobs/Job-1/output/model.tar.gz")
    await platform.create()
    assert (await platform.ended())["FailureReason"].startswith("ClientError: Artifact upload failed:")


async def test_a_source_that_is_no_archive_fails_the_job(platform: Any) -> None:
    platform.objects.put("s3://data/src.tar.gz", b"not gzip")
    await platform.create(HyperParameters={"sagemaker_submit_directory": '"s3://data/src.tar.gz"'})
    assert "s3://data/src.tar.gz is not a usable tar.gz" in (await platform.ended())["FailureReason"]


async def test_the_source_is_unpacked_before_the_start_and_may_not_escape(platform: Any) -> None:
    def archive(name: str) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            info = tarfile.TarInfo(name)
            info.size = 2
            tar.addfile(info, io.BytesIO(b"ok"))
        return buffer.getvalue()

    found: list[str] = []

    async def look(container: Any) -> int:
        found.append((container.opt_ml / "code" / "train.py").read_text())
        return 0

    platform.executor.program = look
    platform.objects.put("s3://data/good.tar.gz", archive("train.py"))
    platform.objects.put("s3://data/bad.tar.gz", archive("../train.py"))
    for name in ("good", "bad"):
        uri = f"s3://data/{name}.tar.gz"
        await platform.create(name, HyperParameters={"sagemaker_submit_directory": json.dumps(uri)})
    assert (await platform.ended("good"))["TrainingJobStatus"] == "Completed"
    assert (await platform.ended("bad"))["TrainingJobStatus"] == "Failed"
    assert found == ["ok"]


async def test_stop_while_training_gives_120_seconds_and_uploads(platform: Any) -> None:
    async def train(container: Any) -> int:
        await container.sandbox.terminated.wait()
        (container.opt_ml / "model" / "last.bin").write_bytes(b"l")
        return 143

    platform.executor.program = train
    await platform.create()
    await platform.until("Training")
    await platform.call(platform.jobs, "StopTrainingJob", TrainingJobName="Job-1")
    described = await platform.ended()
    assert (described["TrainingJobStatus"], described["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert "FailureReason" not in described
    assert platform.executor.started[0].signals == ["TERM 120"]
    archive = platform.objects.content[("out", "jobs/Job-1/output/model.tar.gz")]
    assert members(archive) == {"last.bin": b"l"}
    steps = [step["Status"] for step in described["SecondaryStatusTransitions"]]
    assert steps == ["Starting", "Downloading", "Training", "Stopping", "Stopped"]


async def test_stop_while_downloading_starts_nothing(platform: Any) -> None:
    platform.objects.gate = asyncio.Event()
    await platform.create()
    await platform.until("Downloading")
    await platform.call(platform.jobs, "StopTrainingJob", TrainingJobName="Job-1")
    assert (await platform.ended())["TrainingJobStatus"] == "Stopped"
    assert not platform.executor.started


async def test_stop_is_refused_once_the_job_has_ended(platform: Any) -> None:
    await platform.create()
    await platform.ended()
    with pytest.raises(ValidationException) as refusal:
        await platform.call(platform.jobs, "StopTrainingJob", TrainingJobName="Job-1")
    assert (
        refusal.value.message == "The request was rejected because the training job is in status Completed."
    )


async def test_max_runtime_stops_the_job_and_keeps_its_model(platform: Any) -> None:
    async def train(container: Any) -> int:
        await container.sandbox.terminated.wait()
        return 0

    platform.executor.program = train
    await platform.create(StoppingCondition={"MaxRuntimeInSeconds": 60})
    await platform.until("Training")
    await asyncio.sleep(0.02)
    await platform.clock.advance(59)
    assert platform.executor.started[0].signals == []
    await platform.clock.advance(2)
    described = await platform.ended()
    assert (described["TrainingJobStatus"], described["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")
    assert described["TrainingTimeInSeconds"] == 61
    assert ("out", "jobs/Job-1/output/model.tar.gz") in platform.objects.content


@pytest.mark.parametrize(
    ("attempt_at", "ends_at", "by"), [(120, 180, Ending.MAX_RUNTIME), (150, 190, Ending.MAX_WAIT)]
)
def test_a_spot_job_s_wait_counts_from_its_creation(attempt_at: float, ends_at: float, by: Ending) -> None:
    times = {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 90}
    request = job_request(EnableManagedSpotTraining=True, StoppingCondition=times)
    job = TrainingJob.new(SCOPE, request, datetime.fromtimestamp(100, UTC))
    assert deadline(job) == (datetime.fromtimestamp(190, UTC), Ending.MAX_WAIT)
    begun = job.begun(datetime.fromtimestamp(attempt_at, UTC))
    assert deadline(begun) == (datetime.fromtimestamp(ends_at, UTC), by)
    running = Observed(preparation=Step.DONE, containers=Step.RUNNING)
    assert decide(begun, running, datetime.fromtimestamp(ends_at - 1, UTC)) == Wait(
        datetime.fromtimestamp(ends_at, UTC)
    )
    assert decide(begun, running, datetime.fromtimestamp(ends_at, UTC)) == End(by, 120)


async def test_a_job_that_was_cut_off_is_restarted_and_says_why(platform: Any) -> None:
    platform.executor.program = forever
    await platform.create()
    await platform.until("Training")
    await asyncio.sleep(0.02)
    platform.executor.program = lambda container: _zero()
    await platform.restart()
    described = await platform.ended()
    assert described["TrainingJobStatus"] == "Completed"
    steps = described["SecondaryStatusTransitions"]
    assert [step["Status"] for step in steps] == [
        "Starting", "Downloading", "Training", "Restarting", "Downloading", "Training", "Uploading",
        "Completed",
    ]  # fmt: skip
    assert "platform was down" in steps[3]["StatusMessage"]
    assert platform.executor.started[0].signals == ["KILL"]


async def test_a_job_that_was_stopping_is_stopped_after_the_restart(platform: Any) -> None:
    platform.executor.program = forever
    await platform.create()
    await platform.until("Training")
    await platform.call(platform.jobs, "StopTrainingJob", TrainingJobName="Job-1")
    await platform.restart()
    assert (await platform.ended())["TrainingJobStatus"] == "Stopped"


async def test_an_attempt_resumes_from_the_checkpoints_of_the_last(platform: Any) -> None:
    platform.objects.put("s3://out/ckpt/step-1.pt", b"one")
    seen: list[bytes] = []

    async def train(container: Any) -> int:
        seen.append((container.opt_ml / "checkpoints" / "step-1.pt").read_bytes())
        (container.opt_ml / "checkpoints" / "step-2.pt").write_bytes(b"two")
        return 0

    platform.executor.program = train
    await platform.create(CheckpointConfig={"S3Uri": "s3://out/ckpt"})
    await platform.ended()
    assert seen == [b"one"]
    assert platform.objects.content[("out", "ckpt/step-2.pt")] == b"two"


async def test_more_checkpoints_than_anybody_looks_at_are_not_brought_in(
    platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(downloads, "MAX_ENTRIES", 2)
    for number in range(3):
        platform.objects.put(f"s3://out/ckpt/step-{number}.pt")
    await platform.create(CheckpointConfig={"S3Uri": "s3://out/ckpt"})
    assert "has more than 2 objects" in (await platform.ended())["FailureReason"]


async def test_more_checkpoints_than_the_volume_holds_are_not_brought_in(platform: Any) -> None:
    for number in range(3):
        platform.objects.put(f"s3://out/ckpt/step-{number}.pt")
        platform.objects.sizes[f"ckpt/step-{number}.pt"] = 2 * 1024**3  # and the volume has 5 GB
    await platform.create(CheckpointConfig={"S3Uri": "s3://out/ckpt"})
    described = await platform.ended()
    assert described["TrainingJobStatus"] == "Failed"
    assert "s3://out/ckpt is more than the 5 GB that the volume has room for" in described["FailureReason"]
    assert platform.executor.started == []


async def _zero() -> int:
    return 0


async def test_holes_in_the_model_folder_fail_the_job_at_once(platform: Any) -> None:
    async def train(container: Any) -> int:
        with (container.opt_ml / "model" / "sparse").open("wb") as sparse:
            sparse.truncate(1 << 40)
        return 0

    platform.executor.program = train
    await platform.create()
    described = await platform.ended()
    assert described["TrainingJobStatus"] == "Failed"
    assert described["FailureReason"].startswith("ClientError: Artifact upload failed:algo-1 has more than")


async def _ended_by_time(platform: Any, seconds: float) -> Any:
    """Move the clock, again where the job was not waiting for it yet, until the job has ended."""
    async with asyncio.timeout(60):
        while (described := await platform.describe())["TrainingJobStatus"] in ("InProgress", "Stopping"):
            await platform.clock.advance(seconds)
            await asyncio.sleep(0.002)
    return described


async def test_a_download_that_does_not_end_is_ended_by_max_runtime(platform: Any) -> None:
    platform.objects.gate = asyncio.Event()
    await platform.create(StoppingCondition={"MaxRuntimeInSeconds": 60})
    await platform.until("Downloading")
    described = await _ended_by_time(platform, 61)
    assert (described["TrainingJobStatus"], described["SecondaryStatus"]) == ("Stopped", "MaxRuntimeExceeded")


@pytest.mark.parametrize(("stopped", "after_s"), [(True, 121), (False, 3601)])
async def test_an_upload_that_does_not_end_is_ended(platform: Any, stopped: bool, after_s: int) -> None:
    begun = asyncio.Event()

    async def upload(*_: Any) -> None:
        begun.set()
        await asyncio.Event().wait()

    platform.objects.upload = upload
    await platform.create()
    await asyncio.wait_for(begun.wait(), 60)
    if stopped:
        await platform.call(platform.jobs, "StopTrainingJob", TrainingJobName="Job-1")
    else:
        await platform.clock.advance(119)
        assert (await platform.describe())["SecondaryStatus"] == "Uploading"
    described = await _ended_by_time(platform, after_s)
    assert described["TrainingJobStatus"] == ("Stopped" if stopped else "Failed")
    if not stopped:
        assert described["FailureReason"].startswith("ClientError: Artifact upload failed:")


async def test_odd_files_in_the_model_folder_are_named_in_the_log(platform: Any) -> None:
    async def train(container: Any) -> int:
        model = container.opt_ml / "model"
        (model / "weights").write_bytes(b"w")
        (model / "private").symlink_to("/root/nobody/may/look")
        os.mkfifo(model / "pipe")
        return 0

    platform.executor.program = train
    await platform.create()
    assert (await platform.ended())["TrainingJobStatus"] == "Completed"
    assert members(platform.objects.content[("out", "jobs/Job-1/output/model.tar.gz")]) == {"weights": b"w"}
    (lines,) = platform.logs.lines.values()
    assert "sagehen: algo-1: pipe is not a file, folder or link; left out" in lines


async def test_an_internal_error_is_retried_as_often_as_was_asked_for(
    platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    attempts: list[str] = []

    async def break_down(spec: Any, on_output: Any) -> None:
        attempts.append(spec.name)
        raise RuntimeError("a fault of the platform's own")

    monkeypatch.setattr(platform.executor, "start", break_down)
    await platform.create(RetryStrategy={"MaximumRetryAttempts": 2})
    described = await _ended_by_time(platform, 4)
    assert described["FailureReason"].startswith("InternalServerError")
    assert described["RetryStrategy"] == {"MaximumRetryAttempts": 2}
    statuses = [step["Status"] for step in described["SecondaryStatusTransitions"]]
    assert statuses == ["Starting", "Downloading", "Training"] * 3 + ["Failed"]
    assert len(attempts) == 3
    lines = [line for each in platform.logs.lines.values() for line in each]
    again = "an internal error ended the one before; RetryStrategy asks for another"
    notes = [line for line in lines if line.startswith("sagehen: attempt")]
    assert notes == [f"sagehen: attempt {number}: {again}" for number in (2, 3)]


async def test_what_the_script_broke_is_not_retried(platform: Any) -> None:
    async def fail(_: Any) -> int:
        return 1

    platform.executor.program = fail
    await platform.create(RetryStrategy={"MaximumRetryAttempts": 2})
    assert (await platform.ended())["TrainingJobStatus"] == "Failed"
    assert len(platform.executor.started) == 1
