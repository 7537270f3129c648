"""Training jobs that go well, on one and on several instances, over fakes and a clock moved by hand."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from sagehen.services.sagemaker.training import container as training_container

from .job_parts import members, source, two_hosts


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
    async with asyncio.timeout(60):  # the folder goes after the status is there to be read
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
    )
    await platform.ended()
    (lines,) = platform.logs.lines.values()
    assert any("not encrypted" in line for line in lines)
    (not_run,) = [line for line in lines if "will not be run here" in line]
    assert "EnableSageMakerMetricsTimeSeries (" in not_run


async def test_what_the_sdk_asks_for_unasked_costs_one_line(platform: Any) -> None:
    """As the SDK v2 2.257.7 sends it for `PyTorch(...).fit()`."""
    algorithm = {
        "TrainingImage": "pytorch-training:2.1",
        "TrainingInputMode": "File",
        "EnableSageMakerMetricsTimeSeries": True,
    }
    await platform.create(
        AlgorithmSpecification=algorithm,
        DebugHookConfig={"S3OutputPath": "s3://out/", "CollectionConfigurations": []},
        ProfilerConfig={"S3OutputPath": "s3://out/", "DisableProfiler": False},
    )
    await platform.ended()
    (lines,) = platform.logs.lines.values()
    assert (
        len([line for line in lines if line.startswith("sagehen: ")]) == 2
    )  # the image, and what is not run


async def test_log_streams_bear_the_host_and_name_the_environment(platform: Any) -> None:
    async def talk(container: Any) -> int:
        container.say(f"hello from {container.spec.hostname}")
        assert container.spec.environment["USER"] == "root"  # @remote of the SDK wants sudo of others
        return 0

    platform.executor.program = talk
    await platform.create(ResourceConfig=two_hosts())
    await platform.ended()
    epoch = int(platform.clock.now().timestamp())
    assert sorted(platform.logs.lines) == [f"Job-1/algo-1-{epoch}", f"Job-1/algo-2-{epoch}"]
    lines = platform.logs.lines[f"Job-1/algo-1-{epoch}"]
    assert lines[0].startswith("sagehen: image ") and "asked for: torch 2.1.0" in lines[0]
    assert "hello from algo-1" in lines
    assert platform.logs.lines[f"Job-1/algo-2-{epoch}"] == ["hello from algo-2"]  # notes stand once


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
