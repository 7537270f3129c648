"""Every way that a training job can go, over fakes and a clock moved by hand."""

from __future__ import annotations

import asyncio
import io
import json
import tarfile
from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.executors.base import ExitStatus
from sagehen.services.sagemaker import instance_limits, training_container
from sagehen.services.sagemaker.errors import ResourceInUse, ResourceLimitExceeded


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


# --- the ordinary way ---------------------------------------------------------------------------


async def test_a_job_goes_through_its_statuses_and_leaves_its_model(platform: Any) -> None:
    async def train(container: Any) -> int:
        (container.opt_ml / "model" / "weights.bin").write_bytes(b"w")
        container.say("loss=0.5")
        return 0

    platform.executor.program = train
    answer = await platform.create()
    assert answer["TrainingJobArn"] == "arn:aws:sagemaker:us-east-1:123456789012:training-job/job-1"
    described = await platform.ended()
    assert (described["TrainingJobStatus"], described["SecondaryStatus"]) == ("Completed", "Completed")
    steps = described["SecondaryStatusTransitions"]
    assert [step["Status"] for step in steps] == [
        "Starting", "Downloading", "Training", "Uploading", "Completed",
    ]  # fmt: skip
    assert all(step["EndTime"] is not None for step in steps)
    assert steps[2]["StatusMessage"] == "Training image download completed. Training in progress."
    archive = platform.objects.content[("out", "jobs/Job-1/output/model.tar.gz")]
    assert members(archive) == {"weights.bin": b"w"}
    assert ("out", "jobs/Job-1/output/output.tar.gz") not in platform.objects.content
    assert described["ModelArtifacts"] == {"S3ModelArtifacts": "s3://out/jobs/Job-1/output/model.tar.gz"}
    assert described["TrainingTimeInSeconds"] == described["BillableTimeInSeconds"] == 1
    assert described["OutputDataConfig"]["KmsKeyId"] == ""
    async with asyncio.timeout(5):  # the folder goes after the status is there to be read
        while list((platform.folder / "training-jobs").iterdir()):
            await asyncio.sleep(0.002)


async def test_what_the_container_finds(platform: Any) -> None:
    seen: dict[str, Any] = {}

    async def look(container: Any) -> int:
        for name in ("hyperparameters", "inputdataconfig", "resourceconfig"):
            seen[name] = container.config(name)
        seen["file"] = (container.channel("train") / "a.jpg").read_bytes()
        seen["spec"] = container.spec
        (role,) = [m.source for m in container.spec.mounts if m.target == "/opt/sagehen/role"]
        seen["role"] = json.loads((role / "credentials.json").read_text())
        return 0

    platform.executor.program = look
    await platform.create(HyperParameters={"epochs": "3"}, Environment={"MINE": "1"})
    assert (await platform.ended())["TrainingJobStatus"] == "Completed"
    assert seen["hyperparameters"] == {"epochs": "3"}
    assert seen["inputdataconfig"]["train"]["S3DistributionType"] == "FullyReplicated"
    assert seen["resourceconfig"]["hosts"] == ["algo-1"]
    assert seen["resourceconfig"]["current_instance_type"] == "ml.m5.large"
    assert seen["file"] == b"x"
    spec = seen["spec"]
    environment = spec.environment
    assert environment["TRAINING_JOB_NAME"] == "Job-1"
    assert environment["TRAINING_JOB_ARN"].endswith("training-job/job-1")
    assert environment["AWS_ENDPOINT_URL"] == environment["HTTPS_PROXY"] == "http://127.0.0.1:4566"
    assert not [name for name in environment if name in ("AWS_ACCESS_KEY_ID", "AWS_SESSION_TOKEN")]
    assert environment["AWS_CONFIG_FILE"] == "/opt/sagehen/role/config"
    assert seen["role"]["SessionToken"] == "token"
    assert environment["MINE"] == "1"
    assert environment["PIP_INDEX_URL"] == "https://pypi.test"
    assert spec.command == ("python", "-m", "sagehen.trainingtoolkit")
    assert (spec.warm_parent, spec.hostname) == ("torch", "algo-1")
    assert spec.network.platform_door
    assert spec.limits.disk_mib == 5 * 1024


async def test_a_small_channel_is_the_host_s_own_and_a_large_one_is_shared_read_only(
    platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    await platform.create("small")
    await platform.ended("small")
    monkeypatch.setattr(training_container, "PRIVATE_COPY_BYTES", 0)
    await platform.create("large")
    await platform.ended("large")
    target = "/opt/ml/input/data/train"
    small, large = ([m for m in s.spec.mounts if m.target == target] for s in platform.executor.started)
    assert small == []
    assert [mount.writable for mount in large] == [False]


async def test_network_isolation_shuts_the_door_and_keeps_credentials_out(platform: Any) -> None:
    await platform.create(EnableNetworkIsolation=True)
    await platform.ended()
    spec = platform.executor.started[0].spec
    assert not spec.network.platform_door
    assert not [
        name for name in spec.environment if name.startswith(("AWS_ACCESS", "AWS_CONFIG")) or "PROXY" in name
    ]


async def test_a_container_entrypoint_takes_the_toolkit_s_place(platform: Any) -> None:
    algorithm = {
        "TrainingImage": "pytorch-training:2.1",
        "TrainingInputMode": "File",
        "ContainerEntrypoint": ["/bin/bash"],
        "ContainerArguments": ["-c", "true"],
    }
    await platform.create(AlgorithmSpecification=algorithm)
    await platform.ended()
    assert platform.executor.started[0].spec.command == ("/bin/bash", "-c", "true")


async def test_the_log_says_what_is_taken_without_an_effect(platform: Any) -> None:
    algorithm = {
        "TrainingImage": "pytorch-training:2.1",
        "TrainingInputMode": "File",
        "EnableSageMakerMetricsTimeSeries": True,
    }
    await platform.create(
        AlgorithmSpecification=algorithm,
        EnableInterContainerTrafficEncryption=True,
        ProfilerConfig={"S3OutputPath": "s3://out/"},
    )
    await platform.ended()
    (lines,) = platform.logs.lines.values()
    for named in ("EnableSageMakerMetricsTimeSeries", "not encrypted", "Profiler is not run"):
        assert any(named in line for line in lines)


async def test_log_streams_bear_the_host_and_name_the_environment(platform: Any) -> None:
    async def talk(container: Any) -> int:
        container.say(f"hello from {container.spec.hostname}")
        return 0

    platform.executor.program = talk
    await platform.create(ResourceConfig=two_hosts())
    await platform.ended()
    epoch = int(platform.clock.now().timestamp())
    assert sorted(platform.logs.lines) == [f"Job-1/algo-1-{epoch}", f"Job-1/algo-2-{epoch}"]
    lines = platform.logs.lines[f"Job-1/algo-2-{epoch}"]
    assert "asked for: torch 2.1.0" in lines[0]
    assert lines[-1] == "hello from algo-2"


async def test_metrics_are_the_last_matches_in_the_log(platform: Any) -> None:
    async def talk(container: Any) -> int:
        for value in ("0.5", "0.25", "nonsense"):
            container.say(f"epoch loss={value};")
        return 0

    platform.executor.program = talk
    algorithm = {
        "TrainingImage": "pytorch-training:2.1",
        "TrainingInputMode": "File",
        "MetricDefinitions": [{"Name": "loss", "Regex": "loss=(.*?);"}],
    }
    await platform.create(AlgorithmSpecification=algorithm)
    described = await platform.ended()
    final = [(entry["MetricName"], entry["Value"]) for entry in described["FinalMetricDataList"]]
    assert final == [("loss", 0.25)]
    assert [value.value for value in platform.metrics.values if value.name == "loss"] == [0.5, 0.25]


# --- several instances --------------------------------------------------------------------------


async def test_models_of_all_hosts_are_merged_and_the_first_host_wins(platform: Any) -> None:
    async def train(container: Any) -> int:
        host = container.spec.hostname
        (container.opt_ml / "model" / "same.bin").write_text("same")
        (container.opt_ml / "model" / "clash.bin").write_text(host)
        (container.opt_ml / "model" / f"{host}.bin").write_text(host)
        (container.opt_ml / "output" / "data" / f"{host}.txt").write_text(host)
        return 0

    platform.executor.program = train
    await platform.create(ResourceConfig=two_hosts())
    await platform.ended()
    model = members(platform.objects.content[("out", "jobs/Job-1/output/model.tar.gz")])
    assert model == {
        "same.bin": b"same", "clash.bin": b"algo-1", "algo-1.bin": b"algo-1", "algo-2.bin": b"algo-2",
    }  # fmt: skip
    output = members(platform.objects.content[("out", "jobs/Job-1/output/output.tar.gz")])
    assert sorted(output) == ["algo-1.txt", "algo-2.txt"]
    told = [line for lines in platform.logs.lines.values() for line in lines if "more than one" in line]
    assert len(told) == 1 and "clash.bin" in told[0]


async def test_a_sharded_channel_gives_each_host_its_share(platform: Any) -> None:
    for number in range(5):
        platform.objects.put(f"s3://data/shards/{number}.rec")
    found: dict[str, list[str]] = {}

    async def look(container: Any) -> int:
        folder = container.channel("train")
        found[container.spec.hostname] = sorted(path.name for path in folder.iterdir())
        return 0

    platform.executor.program = look
    data = source("s3://data/shards/", S3DataDistributionType="ShardedByS3Key")
    await platform.create(ResourceConfig=two_hosts(), InputDataConfig=data)
    await platform.ended()
    assert found == {"algo-1": ["0.rec", "2.rec", "4.rec"], "algo-2": ["1.rec", "3.rec"]}


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


# --- failures -----------------------------------------------------------------------------------


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
            "the 5 GB of VolumeSizeInGB), exit code: 1",
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


# --- stopping -----------------------------------------------------------------------------------


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


# --- the platform goes down ---------------------------------------------------------------------


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


async def _zero() -> int:
    return 0


# --- what is refused ----------------------------------------------------------------------------


async def test_names_are_taken_once(platform: Any) -> None:
    await platform.create()
    with pytest.raises(ResourceInUse) as refusal:
        await platform.create()
    assert refusal.value.message == (
        "Training job names must be unique within an AWS account and region, and a training job with this "
        "name already exists (arn:aws:sagemaker:us-east-1:123456789012:training-job/job-1)"
    )


async def test_data_that_is_not_there_is_refused_at_creation(platform: Any) -> None:
    with pytest.raises(ValidationException) as refusal:
        await platform.create(InputDataConfig=source("s3://data/none"))
    assert refusal.value.message.startswith(
        'No S3 objects found under S3 URL "s3://data/none" given in input'
    )
    with pytest.raises(ValidationException, match="Requested resource not found"):
        await platform.describe()


async def test_the_role_must_be_passable_and_trusting(platform: Any) -> None:
    platform.roles.trusted = False
    with pytest.raises(ValidationException, match="Could not assume role"):
        await platform.create()
    platform.roles.passable = False
    with pytest.raises(AccessDenied):
        await platform.create()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"VpcConfig": {"Subnets": ["s"], "SecurityGroupIds": ["g"]}}, "VpcConfig"),
        ({"RetryStrategy": {"MaximumRetryAttempts": 2}}, "RetryStrategy"),
        ({"StoppingCondition": {"MaxPendingTimeInSeconds": 7200}}, "StoppingCondition.MaxPendingTime"),
        ({"InputDataConfig": source("s3://data/train", AttributeNames=["a"])}, "AttributeNames"),
        ({"OutputDataConfig": {"S3OutputPath": "s3://out/", "KmsKeyId": "k"}}, "KmsKeyId"),
        (
            {"AlgorithmSpecification": {"TrainingImage": "pytorch-training", "TrainingInputMode": "Pipe"}},
            "Pipe",
        ),
        ({"InputDataConfig": source("s3://data/train", S3DataType="AugmentedManifestFile")}, "Augmented"),
    ],
)
async def test_what_is_not_built_is_named(platform: Any, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(NotImplementedOperation, match=named):
        await platform.create(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"EnableManagedSpotTraining": True}, "Invalid MaxWaitTimeInSeconds"),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59},
            },
            "Invalid MaxWaitTimeInSeconds",
        ),
        (
            {"AlgorithmSpecification": {"TrainingImage": "tensorflow-training", "TrainingInputMode": "File"}},
            "Mapped images: pytorch-training, sagemaker-pytorch, sagemaker-scikit-learn",
        ),
        ({"OutputDataConfig": {"S3OutputPath": "/tmp"}}, "Invalid S3 URI"),
        ({"InputDataConfig": source("s3://data/train") * 2}, "Duplicate channel"),
        (
            {
                "AlgorithmSpecification": {
                    "TrainingImage": "pytorch-training",
                    "TrainingInputMode": "File",
                    "MetricDefinitions": [{"Name": "loss", "Regex": "loss=("}],
                }
            },
            "Invalid regular expression",
        ),
    ],
)
async def test_rules_of_creation(platform: Any, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationException, match=message):
        await platform.create(**changes)


async def test_more_instances_than_the_quota(platform: Any) -> None:
    with pytest.raises(ResourceLimitExceeded, match="a request delta of 21 Instances"):
        await platform.create(ResourceConfig=two_hosts() | {"InstanceCount": 21})


# --- lists and deletion -------------------------------------------------------------------------


async def test_lists_filter_sort_and_page(platform: Any) -> None:
    for name in ("a-1", "a-2", "b-1", "a_x"):
        await platform.create(name.replace("_", "-"))
        await platform.clock.advance(10)
    names = ("a-1", "a-2", "b-1", "a-x")
    for name in names:
        await platform.ended(name)

    async def listed(**request: Any) -> list[str]:
        answer = await platform.call(platform.jobs, "ListTrainingJobs", **request)
        return [entry["TrainingJobName"] for entry in answer["TrainingJobSummaries"]]

    assert await listed() == list(names)
    assert await listed(SortOrder="Descending") == list(reversed(names))
    assert await listed(SortBy="Name") == sorted(names)
    assert await listed(NameContains="A-") == ["a-1", "a-2", "a-x"]
    assert await listed(NameContains="%") == []
    assert await listed(StatusEquals="Failed") == []
    start = (await platform.describe("a-1"))["CreationTime"]
    assert await listed(CreationTimeBefore=start) == ["a-1"]
    paged: list[str] = []
    token = None
    while True:
        request = {"SortBy": "Status", "MaxResults": 3} | ({"NextToken": token} if token else {})
        answer = await platform.call(platform.jobs, "ListTrainingJobs", **request)
        paged += [entry["TrainingJobName"] for entry in answer["TrainingJobSummaries"]]
        token = answer["NextToken"]
        if token is None:
            break
    assert sorted(paged) == sorted(names)


async def test_deletion_needs_an_ended_job(platform: Any) -> None:
    platform.executor.program = forever
    await platform.create()
    await platform.until("Training")
    with pytest.raises(ResourceInUse):
        await platform.call(platform.jobs, "DeleteTrainingJob", TrainingJobName="Job-1")
    await platform.call(platform.jobs, "StopTrainingJob", TrainingJobName="Job-1")
    await asyncio.sleep(0.02)
    await platform.executor.started[0].kill()
    await platform.ended()
    await platform.call(platform.jobs, "DeleteTrainingJob", TrainingJobName="Job-1")
    with pytest.raises(ValidationException, match=r"Requested resource not found\."):
        await platform.describe()


async def test_tags_come_with_the_job_and_go_with_it(platform: Any) -> None:
    await platform.create(Tags=[{"Key": "team", "Value": "birds"}])
    arn = "arn:aws:sagemaker:us-east-1:123456789012:training-job/job-1"
    await platform.call(platform.tags, "AddTags", ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    listed = await platform.call(platform.tags, "ListTags", ResourceArn=arn)
    assert listed["Tags"] == [{"Key": "b", "Value": "2"}, {"Key": "team", "Value": "birds"}]
    await platform.call(platform.tags, "DeleteTags", ResourceArn=arn, TagKeys=["b"])
    page = await platform.call(platform.tags, "ListTags", ResourceArn=arn)
    assert [tag["Key"] for tag in page["Tags"]] == ["team"]
    with pytest.raises(ValidationException):
        await platform.call(platform.tags, "ListTags", ResourceArn=arn + "-other")


async def test_describe_is_valid_for_botocore(platform: Any) -> None:
    """No member that the model does not know, none missing that it requires."""
    import botocore.session

    await platform.create()
    described = await platform.ended()
    shape = (
        botocore.session.get_session().get_service_model("sagemaker")
        .operation_model("DescribeTrainingJob").output_shape
    )  # fmt: skip
    assert set(described) <= set(shape.members)
    assert set(shape.required_members) <= set(described)
