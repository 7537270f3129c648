"""Training jobs through boto3 alone."""

from __future__ import annotations

import io
import json
import tarfile
import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.1.0-cpu-py310"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "sagemaker.amazonaws.com"}, "Action": "sts:AssumeRole"}
    ],
}


class Stage:
    """A bucket, a role that may use it, and short ways to run jobs."""

    def __init__(self, client: Any) -> None:
        unique = uuid.uuid4().hex[:8]
        self.bucket, self.role_name = f"training-{unique}", f"trainer-{unique}"
        self.s3, self.sagemaker = client("s3"), client("sagemaker")
        self.logs, self.iam = client("logs"), client("iam")
        self.s3.create_bucket(Bucket=self.bucket)
        role = self.iam.create_role(RoleName=self.role_name, AssumeRolePolicyDocument=json.dumps(TRUST))
        self.role_arn = role["Role"]["Arn"]
        self.allow(["s3:*"], [f"arn:aws:s3:::{self.bucket}", f"arn:aws:s3:::{self.bucket}/*"])
        self.s3.put_object(Bucket=self.bucket, Key="train/a.txt", Body=b"alpha")
        self.s3.put_object(Bucket=self.bucket, Key="train/sub/b.txt", Body=b"beta")

    def allow(self, actions: list[str], resources: list[str]) -> None:
        statement = {"Effect": "Allow", "Action": actions, "Resource": resources}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self.iam.put_role_policy(RoleName=self.role_name, PolicyName="s3", PolicyDocument=document)

    def create(self, script: str, **changes: Any) -> str:
        name = f"Job-{uuid.uuid4().hex[:8]}"
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
            info = tarfile.TarInfo("train.py")
            info.size = len(script.encode())
            tar.addfile(info, io.BytesIO(script.encode()))
        key = f"{name}/source/sourcedir.tar.gz"
        self.s3.put_object(Bucket=self.bucket, Key=key, Body=buffer.getvalue())
        hyperparameters = {
            "sagemaker_program": json.dumps("train.py"),
            "sagemaker_submit_directory": json.dumps(f"s3://{self.bucket}/{key}"),
            **changes.pop("HyperParameters", {}),
        }
        request: dict[str, Any] = {
            "TrainingJobName": name,
            "AlgorithmSpecification": {"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            "RoleArn": self.role_arn,
            "HyperParameters": hyperparameters,
            "InputDataConfig": [
                {
                    "ChannelName": "train",
                    "DataSource": {
                        "S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://{self.bucket}/train"}
                    },
                }
            ],
            "OutputDataConfig": {"S3OutputPath": f"s3://{self.bucket}/out/"},
            "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            "StoppingCondition": {"MaxRuntimeInSeconds": 600},
        }
        self.sagemaker.create_training_job(**(request | changes))
        return name

    def until(self, name: str, *statuses: str, limit_s: float = 60) -> Any:
        deadline = time.monotonic() + limit_s
        while True:
            answer = self.sagemaker.describe_training_job(TrainingJobName=name)
            if {answer["TrainingJobStatus"], answer["SecondaryStatus"]} & set(statuses):
                return answer
            failed = answer["TrainingJobStatus"] == "Failed" and "Failed" not in statuses
            assert not failed, answer["FailureReason"]
            assert time.monotonic() < deadline, answer["SecondaryStatusTransitions"]
            time.sleep(0.05)

    def ended(self, name: str) -> Any:
        return self.until(name, "Completed", "Failed", "Stopped")

    def archive(self, name: str, file: str = "model.tar.gz") -> dict[str, bytes]:
        body = self.s3.get_object(Bucket=self.bucket, Key=f"out/{name}/output/{file}")["Body"].read()
        with tarfile.open(fileobj=io.BytesIO(body)) as tar:
            return {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}  # type: ignore[union-attr]

    def log(self, name: str, host: str = "algo-1") -> str:
        group = "/aws/sagemaker/TrainingJobs"
        streams = self.logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=f"{name}/{host}")
        stream = streams["logStreams"][0]["logStreamName"]
        events = self.logs.get_log_events(logGroupName=group, logStreamName=stream, startFromHead=True)
        return "\n".join(event["message"] for event in events["events"])


@pytest.fixture(scope="module")
def stage(client: Any) -> Stage:
    return Stage(client)


def test_a_script_trains_and_its_model_lands_in_s3(stage: Stage) -> None:
    script = """
import argparse, os, pathlib
parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int)
epochs = parser.parse_args().epochs
data = pathlib.Path(os.environ["SM_CHANNEL_TRAIN"])
words = [p.read_text() for p in sorted(data.rglob("*.txt"))]
print("words", words, "loss=0.125;")
pathlib.Path(os.environ["SM_MODEL_DIR"], "model.txt").write_text(" ".join(words) * epochs)
pathlib.Path(os.environ["SM_OUTPUT_DATA_DIR"], "report.txt").write_text("fine")
"""
    name = stage.create(
        script,
        HyperParameters={"epochs": "2"},
        AlgorithmSpecification={
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "MetricDefinitions": [{"Name": "loss", "Regex": "loss=(.*?);"}],
        },
    )
    job = stage.ended(name)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), stage.log(name))
    uri = f"s3://{stage.bucket}/out/{name}/output/model.tar.gz"
    assert job["ModelArtifacts"]["S3ModelArtifacts"] == uri
    assert stage.archive(name) == {"model.txt": b"alpha betaalpha beta"}
    assert stage.archive(name, "output.tar.gz") == {"report.txt": b"fine"}
    assert "words ['alpha', 'beta']" in stage.log(name)
    assert job["FinalMetricDataList"][0]["Value"] == 0.125


def test_a_failing_script_tells_why(stage: Stage) -> None:
    job = stage.ended(name := stage.create("raise ValueError('no such breed')"))
    assert job["TrainingJobStatus"] == "Failed"
    assert job["FailureReason"].startswith(
        'AlgorithmError: ExecuteUserScriptError:\nExitCode 1\nErrorMessage "ValueError: no such breed"'
    )
    assert job["FailureReason"].endswith(", exit code: 1")
    assert "Traceback" in stage.log(name)


def test_a_model_is_stored_under_the_output_key_with_the_role_s_rights(stage: Stage, client: Any) -> None:
    key = client("kms").create_key()["KeyMetadata"]["Arn"]
    output = {"S3OutputPath": f"s3://{stage.bucket}/kms/", "KmsKeyId": key}
    script = "import pathlib\npathlib.Path('/opt/ml/model/w').write_text('w')\n"
    refused = stage.ended(stage.create(script, OutputDataConfig=output))
    assert refused["TrainingJobStatus"] == "Failed"
    assert "kms:GenerateDataKey" in refused["FailureReason"]
    statement = {"Effect": "Allow", "Action": ["kms:GenerateDataKey", "kms:Decrypt"], "Resource": key}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    stage.iam.put_role_policy(RoleName=stage.role_name, PolicyName="kms", PolicyDocument=document)
    job = stage.ended(stage.create(script, OutputDataConfig=output))
    assert job["TrainingJobStatus"] == "Completed", job
    path = job["ModelArtifacts"]["S3ModelArtifacts"].removeprefix(f"s3://{stage.bucket}/")
    stored = stage.s3.get_object(Bucket=stage.bucket, Key=path)
    assert (stored["ServerSideEncryption"], stored["SSEKMSKeyId"]) == ("aws:kms", key)
    assert stored["Body"].read(2) == b"\x1f\x8b"


def test_two_hosts_see_each_other_and_their_models_are_merged(stage: Stage) -> None:
    script = """
import os, pathlib, socket, time
host = os.environ["SM_CURRENT_HOST"]
if host == "algo-1":
    server = socket.create_server((socket.gethostbyname("algo-1"), 7777))
    server.settimeout(20)
    connection, _ = server.accept()
    print("heard", connection.recv(10))
else:
    for _ in range(100):
        try:
            connection = socket.create_connection(("algo-1", 7777))
            break
        except OSError:
            time.sleep(0.1)
    connection.sendall(b"hello")
pathlib.Path(os.environ["SM_MODEL_DIR"], host + ".txt").write_text(host)
"""
    resources = {"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1}
    name = stage.create(script, ResourceConfig=resources)
    job = stage.ended(name)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), stage.log(name))
    assert "heard b'hello'" in stage.log(name)
    assert stage.archive(name) == {"algo-1.txt": b"algo-1", "algo-2.txt": b"algo-2"}


def test_the_script_has_its_role_s_rights_and_no_others(stage: Stage) -> None:
    script = f"""
import boto3
print(boto3.client("sts").get_caller_identity()["Arn"])
boto3.client("s3").put_object(Bucket="{stage.bucket}", Key="from-the-job", Body=b"here")
try:
    boto3.client("iam").list_users()
except Exception as error:
    print("REFUSED", error)
"""
    name = stage.create(script)
    job = stage.ended(name)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), stage.log(name))
    log = stage.log(name)
    assert f":assumed-role/{stage.role_name}/SageMaker" in log
    assert "REFUSED" in log and "is not authorized to perform: iam:ListUsers" in log
    assert stage.s3.get_object(Bucket=stage.bucket, Key="from-the-job")["Body"].read() == b"here"


def test_stopping_keeps_what_was_trained(stage: Stage) -> None:
    script = """
import os, pathlib, signal, sys, time
def stop(*_):
    pathlib.Path(os.environ["SM_MODEL_DIR"], "last.txt").write_text("last")
    sys.exit(0)
signal.signal(signal.SIGTERM, stop)
print("ready", flush=True)
while True: time.sleep(0.05)
"""
    name = stage.create(script)
    stage.until(name, "Training")
    deadline = time.monotonic() + 60
    while True:
        try:
            if "ready" in stage.log(name):
                break
        except (IndexError, ClientError):
            pass  # the stream appears with its first line
        assert time.monotonic() < deadline
        time.sleep(0.05)
    stage.sagemaker.stop_training_job(TrainingJobName=name)
    job = stage.ended(name)
    assert (job["TrainingJobStatus"], job["SecondaryStatus"]) == ("Stopped", "Stopped")
    assert stage.archive(name) == {"last.txt": b"last"}


def test_errors_are_worded_as_aws_words_them(stage: Stage) -> None:
    with pytest.raises(ClientError) as missing:
        stage.sagemaker.describe_training_job(TrainingJobName="none")
    assert missing.value.response["Error"] == {
        "Code": "ValidationException",
        "Message": "Requested resource not found.",
    }
    name = stage.create("pass")
    stage.ended(name)
    with pytest.raises(
        stage.sagemaker.exceptions.ResourceInUse, match="must be unique within an AWS account"
    ):
        stage.sagemaker.create_training_job(
            TrainingJobName=name,
            AlgorithmSpecification={"TrainingImage": IMAGE, "TrainingInputMode": "File"},
            RoleArn=stage.role_arn,
            OutputDataConfig={"S3OutputPath": f"s3://{stage.bucket}/out/"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 600},
        )


@pytest.mark.torch
def test_torch_distributed_averages_over_the_hosts(stage: Stage) -> None:
    script = """
import os, pathlib, torch, torch.distributed as dist
dist.init_process_group("gloo")
value = torch.tensor([float(dist.get_rank() + 1)])
dist.all_reduce(value)
print("sum", value.item(), "of", dist.get_world_size())
if dist.get_rank() == 0:
    torch.save(value, pathlib.Path(os.environ["SM_MODEL_DIR"], "sum.pt"))
dist.destroy_process_group()
"""
    name = stage.create(
        script,
        HyperParameters={"sagemaker_torch_distributed_enabled": "true"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 2, "VolumeSizeInGB": 1},
    )
    job = stage.until(name, "Completed", "Failed", limit_s=120)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), stage.log(name))
    for host in ("algo-1", "algo-2"):
        assert "sum 3.0 of 2" in stage.log(name, host)


def test_an_entrypoint_of_its_own_may_change_its_channels(stage: Stage) -> None:
    """What SDK v3 sends: a shell line that makes a channel's script executable and runs it."""
    driver = b"""#!/bin/bash
python3 -c 'import json; print(json.load(open("/opt/ml/input/config/resourceconfig.json"))["hosts"])'
echo done > /opt/ml/model/done.txt
"""
    stage.s3.put_object(Bucket=stage.bucket, Key="drivers/sm_train.sh", Body=driver)
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{stage.bucket}/drivers"}
    path = "/opt/ml/input/data/sm_drivers/sm_train.sh"
    name = stage.create(
        "",
        HyperParameters={},
        InputDataConfig=[{"ChannelName": "sm_drivers", "DataSource": {"S3DataSource": source}}],
        AlgorithmSpecification={
            "TrainingImage": IMAGE,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["/bin/bash"],
            "ContainerArguments": ["-c", f"chmod +x {path} && {path}"],
        },
    )
    job = stage.ended(name)
    assert job["TrainingJobStatus"] == "Completed", (job.get("FailureReason"), stage.log(name))
    assert "['algo-1']" in stage.log(name)
    assert stage.archive(name) == {"done.txt": b"done\n"}


def test_a_job_cannot_hold_more_than_its_volume(stage: Stage) -> None:
    script = """
import os, time
for number in range(12):  # allocated and never written: no gigabyte goes over the disk for this
    with open(f"/opt/ml/checkpoints/{number}", "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 100 << 20)
time.sleep(100)
"""
    answer = stage.ended(stage.create(script))
    assert answer["TrainingJobStatus"] == "Failed"
    assert "[Errno 28] No space left on device" in answer["FailureReason"]
    assert "1 GB of VolumeSizeInGB" in answer["FailureReason"]


def test_no_file_is_larger_than_the_volume(stage: Stage) -> None:
    script = """
import os
with open("/opt/ml/model/large", "wb") as file:
    os.posix_fallocate(file.fileno(), 0, 20 << 30)
"""
    answer = stage.ended(stage.create(script))
    assert (answer["TrainingJobStatus"], "File too large" in answer["FailureReason"]) == ("Failed", True)
