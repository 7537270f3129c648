"""A platform and one node, both on this machine: placed by Ray, drained, slowed down, filled up, cut off."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from sagehen.cluster.address import BadAddress, read_address
from tests.e2e import story
from tests.e2e.wire import Wire
from tests.running import RunningSagehen
from tests.waiting import eventually

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.timeout(400),
    pytest.mark.skipif(
        find_spec("ray") is None, reason="Ray is not installed: pip install 'sagehen[cluster]'"
    ),
]

JOB = """
import os, pathlib
data = pathlib.Path("/opt/ml/input/data/train")
print("here", sum(path.stat().st_size for path in data.rglob("*")) if data.exists() else 0, flush=True)
pathlib.Path(os.environ["SM_MODEL_DIR"], "done.txt").write_text("done")
"""
# Ends at once where its checkpoint says that an earlier attempt came so far.
LONG = """
import pathlib, sys, time
seen = pathlib.Path("/opt/ml/checkpoints/seen")
if seen.exists(): print("again", flush=True); sys.exit()
seen.write_text("yes"); print("up", flush=True); time.sleep(600)
"""
ECHO = """
def model_fn(model_dir):
    return None

def transform_fn(model, data, content_type, accept):
    return data, content_type
"""
# A step of a pipeline.
APPEND = """
import json
def model_fn(model_dir):
    print("first is up", flush=True)

def transform_fn(model, data, content_type, accept):
    return json.dumps([*json.loads(data), "first"]), content_type
"""


@dataclass
class Node:
    """The node, and the wire that it hangs on."""

    folder: Path
    wire: Wire
    process: subprocess.Popen[bytes]
    log: Path


def sagehen_command(*arguments: str) -> str:
    ran = subprocess.run(
        [sys.executable, "-m", "sagehen.cli", *arguments], capture_output=True, text=True, timeout=90
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


def nodes(sagehen: RunningSagehen, *arguments: str) -> str:
    return sagehen_command("nodes", "--data", str(sagehen.data_folder), *arguments)


def drain(sagehen: RunningSagehen, node: str, *arguments: str) -> None:
    sagehen_command("drain", node, "--data", str(sagehen.data_folder), *arguments)


def join(sagehen: RunningSagehen, folder: Path) -> Node:
    """Start a node, without waiting for it."""
    *_, address, _, token = nodes(sagehen, "--invite").split()
    host, port = read_address(address)
    wire = Wire(host, (host, port))
    log = folder.with_suffix(".log")
    words = ["join", wire.address, "--token", token, "--folder", str(folder)]
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sagehen.cli", *words], stdout=output, stderr=output
        )
    return Node(folder, wire, process, log)


def end(node: Node) -> None:
    node.process.terminate()
    try:
        node.process.wait(60)
    finally:
        node.process.kill()
        node.process.wait()
        node.wire.close()


@pytest.fixture(scope="module")
def sagehen(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningSagehen]:
    try:
        read_address("auto")
    except BadAddress as error:
        pytest.skip(str(error))
    running = RunningSagehen(tmp_path_factory.mktemp("platform") / "data")
    running.start("--cluster", "auto:0")
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="module")
def node(sagehen: RunningSagehen, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Node]:
    joined = join(sagehen, tmp_path_factory.mktemp("node") / "node")
    try:
        eventually(lambda: nodes(sagehen).count(" ready ") == 2, 180)
        yield joined
    finally:
        end(joined)


@pytest.fixture
def elsewhere(sagehen: RunningSagehen, node: Node) -> Iterator[None]:
    """The platform's own machine takes nothing."""
    drain(sagehen, "platform")
    yield
    drain(sagehen, "platform", "--undo")


def name_of(sagehen: RunningSagehen) -> str:
    return next(line.split()[0] for line in nodes(sagehen).splitlines() if line.startswith("node-"))


@pytest.mark.usefixtures("elsewhere")
def test_a_job_runs_on_a_node_over_a_slow_network(sagehen: RunningSagehen, node: Node) -> None:
    s3 = story.client(sagehen, "s3")
    source = story.put_source(sagehen, JOB)
    s3.put_object(Bucket=story.BUCKET, Key="slow/data", Body=os.urandom(4_000_000))
    node.wire.slow(2_000_000)
    channel = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{story.BUCKET}/slow/"}
    channels = [{"ChannelName": "train", "DataSource": {"S3DataSource": channel}}]
    story.create_job(sagehen, "there", source, InputDataConfig=channels)
    job = story.finished_job(sagehen, "there")
    node.wire.slow(0)
    assert job["TrainingJobStatus"] == "Completed", json.dumps(job, default=str) + node.log.read_text()
    log = story.job_log(sagehen, "there")
    assert any("here 4000000" in line for line in log) and any("runs on node-" in line for line in log)
    assert list((node.folder / "work" / "executor").iterdir())  # it was there that it ran


PROCESS = """
import pathlib
out, given = (pathlib.Path("/opt/ml/processing", name) for name in ("out", "in"))
(out / "said.txt").write_text((given / "numbers.csv").read_text().upper() + "there")
(given / "numbers.csv").write_text("its own to change"); (given / "more").mkdir()
pathlib.Path("/opt/ml/output/message").write_text("done")
"""


@pytest.mark.usefixtures("elsewhere")
def test_processing_and_transform_jobs_run_on_a_node(sagehen: RunningSagehen, node: Node) -> None:
    s3, sagemaker = story.client(sagehen, "s3"), story.client(sagehen, "sagemaker")
    story.put_source(sagehen, JOB)
    s3.put_object(Bucket=story.BUCKET, Key="code/work.py", Body=PROCESS.encode())
    s3.put_object(Bucket=story.BUCKET, Key="echo.tar.gz", Body=story.archive({"code/inference.py": ECHO}))
    place = "/opt/ml/processing"
    inputs = [(name, f"s3://{story.BUCKET}/{key}/") for name, key in (("in", "data"), ("code", "code"))]
    sagemaker.create_processing_job(
        ProcessingJobName="processes",
        RoleArn=story.ROLE,
        AppSpecification={
            "ImageUri": story.IMAGE,
            "ContainerEntrypoint": ["python3", f"{place}/code/work.py"],
        },
        ProcessingInputs=[
            {"InputName": name, "S3Input": {"S3Uri": uri, "S3DataType": "S3Prefix",
                                            "LocalPath": f"{place}/{name}", "S3InputMode": "File"}}
            for name, uri in inputs
        ],
        ProcessingOutputConfig={"Outputs": [{"OutputName": "out", "S3Output": {
            "S3Uri": f"s3://{story.BUCKET}/said", "LocalPath": f"{place}/out",
            "S3UploadMode": "Continuous"}}]},
        ProcessingResources={"ClusterConfig": {
            "InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1}},
    )  # fmt: skip
    model = {"Image": story.IMAGE, "ModelDataUrl": f"s3://{story.BUCKET}/echo.tar.gz"}
    sagemaker.create_model(ModelName="echo", ExecutionRoleArn=story.ROLE, PrimaryContainer=model)
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{story.BUCKET}/data/"}
    sagemaker.create_transform_job(
        TransformJobName="transforms",
        ModelName="echo",
        TransformInput={"DataSource": {"S3DataSource": source}, "ContentType": "text/csv"},
        TransformOutput={"S3OutputPath": f"s3://{story.BUCKET}/transformed"},
        TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 2},
    )

    def ended(status: str, **job: Any) -> dict[str, Any]:
        kind = "processing" if "ProcessingJobName" in job else "transform"
        described: dict[str, Any] = getattr(sagemaker, f"describe_{kind}_job")(**job)
        return described if described[status] not in ("InProgress", "Stopping") else {}

    done = eventually(lambda: ended("ProcessingJobStatus", ProcessingJobName="processes"), 90)
    assert done.get("ExitMessage") == "done", done
    done = eventually(lambda: ended("TransformJobStatus", TransformJobName="transforms"), 90)
    assert done["TransformJobStatus"] == "Completed", done

    def stored(key: str) -> bytes:
        return bytes(s3.get_object(Bucket=story.BUCKET, Key=key)["Body"].read())

    assert stored("said/said.txt") == b"1,2\n3,4\nthere"
    assert stored("transformed/numbers.csv.out") == b"1,2\n3,4\n"
    logs = story.client(sagehen, "logs")
    for kind in ("ProcessingJobs", "TransformJobs"):
        events = logs.filter_log_events(logGroupName=f"/aws/sagemaker/{kind}")["events"]
        assert any("runs on node-" in event["message"] for event in events)


def test_who_waits_for_room_is_told_why(sagehen: RunningSagehen, node: Node) -> None:
    name = name_of(sagehen)
    for each in ("platform", name):
        drain(sagehen, each)
    story.create_job(sagehen, "waits", story.put_source(sagehen, JOB))
    sagemaker = story.client(sagehen, "sagemaker")

    def last() -> str:
        told = sagemaker.describe_training_job(TrainingJobName="waits")
        return str(told["SecondaryStatusTransitions"][-1]["StatusMessage"])

    said = eventually(lambda: last() if "Waiting for compute" in last() else "", 60)
    assert "platform is drained" in said and f"{name} is drained" in said
    for each in ("platform", name):
        drain(sagehen, each, "--undo")
    assert story.finished_job(sagehen, "waits")["TrainingJobStatus"] == "Completed"


def test_drain_moves_instances_and_no_request_fails(sagehen: RunningSagehen, node: Node) -> None:
    story.put_source(sagehen, JOB)  # makes the bucket
    drain(sagehen, "platform")
    weights, second = {"weights.bin": "w" * 2_000_000}, APPEND.replace("first", "second")
    story.deploy(sagehen, "moves", APPEND, instances=2, files=weights, then=second)
    # One model of each container for both of them, and nothing of it here.
    assert len(list((node.folder / "work").rglob("weights.bin"))) == 1
    assert not list(sagehen.data_folder.rglob("weights.bin"))
    eventually(lambda: len(list((node.folder / "work").rglob("inference.py"))) == 2, 60)
    drain(sagehen, "platform", "--undo")
    ended, answers, failed = threading.Event(), [0], list[str]()

    def ask() -> None:
        while not ended.is_set():
            try:
                assert story.invoke(sagehen, "moves", [1]) == [1, "first", "second"]
                answers[0] += 1
            except Exception as error:  # whatever it is, a request failed
                failed.append(repr(error))

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        for each in (name_of(sagehen), "platform"):
            drain(sagehen, each)
            line = eventually(
                lambda each=each: [x for x in nodes(sagehen).splitlines() if x.startswith(each)], 60
            )
            assert " draining " in line[0]
            eventually(
                lambda each=each: any(
                    x.startswith(each) and x.split()[-1] == "-" for x in nodes(sagehen).splitlines()
                ),
                120,
            )
            drain(sagehen, each, "--undo")
    finally:
        ended.set()
        asking.join(60)
    assert answers[0] > 0 and failed == []
    logs = story.client(sagehen, "logs")

    def said() -> set[tuple[str, str]]:
        found = logs.filter_log_events(logGroupName="/aws/sagemaker/Endpoints/moves", filterPattern='"is up"')
        return {(each["logStreamName"].rpartition("/")[2], each["message"]) for each in found["events"]}

    eventually(lambda: said() >= {("container-1", "first is up"), ("container-2", "second is up")}, 60)
    story.client(sagehen, "sagemaker").delete_endpoint(EndpointName="moves")


@pytest.mark.skipif(os.geteuid() != 0, reason="a small disk takes root")
def test_a_full_disk_on_a_node_fails_the_job_with_the_reason(
    sagehen: RunningSagehen, node: Node, tmp_path: Path
) -> None:
    small = tmp_path / "small"
    small.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "none", str(small)]).returncode:
        pytest.skip("nothing can be mounted here")
    full = join(sagehen, small / "node")
    drained = ["platform", name_of(sagehen)]
    try:
        eventually(lambda: nodes(sagehen).count(" ready ") == 3, 180)
        for each in drained:
            drain(sagehen, each)
        story.create_job(sagehen, "full", story.put_source(sagehen, JOB))
        job = story.finished_job(sagehen, "full")
        assert job["TrainingJobStatus"] == "Failed" and "no room for the job" in job["FailureReason"]
    finally:
        for each in drained:
            drain(sagehen, each, "--undo")
        end(full)
        subprocess.run(["umount", "-l", str(small)])


@pytest.mark.usefixtures("elsewhere")
def test_a_node_that_loses_the_platform_ends_its_jobs_after_a_minute(
    sagehen: RunningSagehen, node: Node
) -> None:
    checkpoints = {"S3Uri": f"s3://{story.BUCKET}/checkpoints/", "LocalPath": "/opt/ml/checkpoints"}
    source = story.put_source(sagehen, LONG)
    sagemaker = story.client(sagehen, "sagemaker")
    story.create_job(sagehen, "cut", source, CheckpointConfig=checkpoints)
    s3 = story.client(sagehen, "s3")
    eventually(lambda: s3.list_objects_v2(Bucket=story.BUCKET, Prefix="checkpoints/")["KeyCount"], 60)
    node.wire.cut()
    eventually(lambda: " unreachable " in nodes(sagehen), 60)

    def secondary() -> str:
        return str(sagemaker.describe_training_job(TrainingJobName="cut")["SecondaryStatus"])

    eventually(lambda: secondary() != "Training", 120)
    boxes = node.folder / "work" / "boxes"
    eventually(lambda: not any(boxes.glob("[0-9a-f]*")), 60)  # nothing of it runs there any more
    node.wire.mend()
    job = story.finished_job(sagehen, "cut")
    assert job["TrainingJobStatus"] == "Completed", json.dumps(job, default=str)
    assert "Restarting" in [each["Status"] for each in job["SecondaryStatusTransitions"]]
    assert any("again" in line for line in story.job_log(sagehen, "cut"))


def test_a_node_leaves(sagehen: RunningSagehen, node: Node) -> None:
    sagehen_command("leave", "--folder", str(node.folder))
    assert node.process.wait(60) == 0
    assert " left " in nodes(sagehen)
