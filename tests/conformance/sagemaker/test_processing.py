"""Processing jobs through boto3 alone: a script's inputs and outputs, on two instances, and its end."""

from __future__ import annotations

import json
import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import pauses

from .test_training import TRUST

IMAGE = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
SCRIPT = b"""
import json, os, pathlib, signal, sys, time
ml = pathlib.Path("/opt/ml")
host = json.loads((ml / "config" / "resourceconfig.json").read_text())["current_host"]
asked = json.loads((ml / "config" / "processingjobconfig.json").read_text())["Environment"]["ASKED"]
words = sorted(p.read_text() for p in (ml / "processing" / "input").rglob("*.txt"))
print(host, "read", words, "as", asked, sys.argv[1:])
signal.signal(signal.SIGTERM, lambda *_: sys.exit("told to end"))
(ml / "processing" / "out" / f"{host}.txt").write_text(" ".join(words))
os.symlink("/etc/passwd", ml / "processing" / "out" / "passwords.txt")
(ml / "output" / "message").write_text(f"{host} has read {len(words)}. ")
time.sleep(float(sys.argv[1]))
sys.exit(int(sys.argv[2]))
"""


class Stage:
    """A bucket, a role that may use it, and short ways to run jobs."""

    def __init__(self, client: Any) -> None:
        unique = uuid.uuid4().hex[:8]
        self.bucket, role_name = f"processing-{unique}", f"processor-{unique}"
        self.s3, self.sagemaker, self.logs = client("s3"), client("sagemaker"), client("logs")
        self.s3.create_bucket(Bucket=self.bucket)
        iam = client("iam")
        role = iam.create_role(RoleName=role_name, AssumeRolePolicyDocument=json.dumps(TRUST))
        self.role_arn = role["Role"]["Arn"]
        resources = [f"arn:aws:s3:::{self.bucket}", f"arn:aws:s3:::{self.bucket}/*"]
        statement = {"Effect": "Allow", "Action": "s3:*", "Resource": resources}
        document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        iam.put_role_policy(RoleName=role_name, PolicyName="s3", PolicyDocument=document)
        self.s3.put_object(Bucket=self.bucket, Key="in/a.txt", Body=b"alpha")
        self.s3.put_object(Bucket=self.bucket, Key="in/sub/b.txt", Body=b"beta")
        self.s3.put_object(Bucket=self.bucket, Key="code/work.py", Body=SCRIPT)

    def create(self, *arguments: str, instances: int = 1, mode: str = "EndOfJob", **changes: Any) -> str:
        name = f"Job-{uuid.uuid4().hex[:8]}"
        code = "/opt/ml/processing/input/code"
        request: dict[str, Any] = {
            "ProcessingJobName": name,
            "RoleArn": self.role_arn,
            "AppSpecification": {
                "ImageUri": IMAGE,
                "ContainerEntrypoint": ["python3", f"{code}/work.py"],
                "ContainerArguments": list(arguments),
            },
            "Environment": {"ASKED": "it was asked"},
            "ProcessingInputs": [
                self._input("data", "in", "/opt/ml/processing/input/data", "ShardedByS3Key"),
                self._input("code", "code/work.py", code),
            ],
            "ProcessingOutputConfig": {
                "Outputs": [
                    {
                        "OutputName": "words",
                        "S3Output": {
                            "S3Uri": f"s3://{self.bucket}/out/{name}",
                            "LocalPath": "/opt/ml/processing/out",
                            "S3UploadMode": mode,
                        },
                    }
                ]
            },
            "ProcessingResources": {
                "ClusterConfig": {
                    "InstanceType": "ml.m5.large",
                    "InstanceCount": instances,
                    "VolumeSizeInGB": 1,
                }
            },
        }
        self.sagemaker.create_processing_job(**(request | changes))
        return name

    def _input(self, name: str, key: str, path: str, distribution: str = "FullyReplicated") -> Any:
        source = {
            "S3Uri": f"s3://{self.bucket}/{key}",
            "LocalPath": path,
            "S3DataType": "S3Prefix",
            "S3InputMode": "File",
            "S3DataDistributionType": distribution,
        }
        return {"InputName": name, "S3Input": source}

    def until(self, name: str, *statuses: str) -> Any:
        deadline, pause = time.monotonic() + 60, pauses()
        while True:
            answer = self.sagemaker.describe_processing_job(ProcessingJobName=name)
            if answer["ProcessingJobStatus"] in statuses:
                return answer
            assert time.monotonic() < deadline, answer
            time.sleep(next(pause))

    def stored(self, name: str) -> dict[str, bytes]:
        prefix = f"out/{name}/"
        found = self.s3.list_objects_v2(Bucket=self.bucket, Prefix=prefix).get("Contents", ())
        return {
            one["Key"].removeprefix(prefix): self.s3.get_object(Bucket=self.bucket, Key=one["Key"])[
                "Body"
            ].read()
            for one in found
        }

    def log(self, name: str) -> str:
        found = self.logs.filter_log_events(
            logGroupName="/aws/sagemaker/ProcessingJobs", logStreamNamePrefix=f"{name}/"
        )
        return "\n".join(event["message"] for event in found["events"])


@pytest.fixture(scope="module")
def stage(client: Any) -> Stage:
    return Stage(client)


@pytest.mark.sandbox
def test_a_script_on_two_instances_reads_shares_and_leaves_files(stage: Stage) -> None:
    name = stage.create("0", "0", instances=2, Tags=[{"Key": "team", "Value": "data"}])
    ended = stage.until(name, "Completed", "Failed")
    assert ended["ProcessingJobStatus"] == "Completed", ended
    assert ended["ExitMessage"] == "algo-1 has read 1. algo-2 has read 1. "
    assert stage.stored(name) == {"algo-1.txt": b"alpha", "algo-2.txt": b"beta"}
    log = stage.log(name)
    assert "algo-1 read ['alpha'] as it was asked ['0', '0']" in log and "algo-2 read ['beta']" in log
    arn = ended["ProcessingJobArn"]
    assert stage.sagemaker.list_tags(ResourceArn=arn)["Tags"] == [{"Key": "team", "Value": "data"}]
    listed = stage.sagemaker.list_processing_jobs(NameContains=name)["ProcessingJobSummaries"]
    assert [one["ProcessingJobArn"] for one in listed] == [arn]
    stage.sagemaker.delete_processing_job(ProcessingJobName=name)
    with pytest.raises(ClientError, match="Could not find requested job with name"):
        stage.sagemaker.describe_processing_job(ProcessingJobName=name)


@pytest.mark.sandbox
def test_one_that_fails_and_one_that_is_stopped(stage: Stage) -> None:
    failing = stage.create("0", "7")
    stopped = stage.create("600", "0", mode="Continuous")
    ended = stage.until(failing, "Completed", "Failed")
    assert ended["FailureReason"] == "AlgorithmError: , exit code: 7"
    assert ended["ExitMessage"] == "algo-1 has read 2. " and stage.stored(failing) == {}
    deadline = time.monotonic() + 60
    while not stage.stored(stopped):  # stored while the job runs
        assert time.monotonic() < deadline
        time.sleep(0.1)
    stage.sagemaker.stop_processing_job(ProcessingJobName=stopped)
    assert stage.until(stopped, "Stopped", "Failed")["ProcessingJobStatus"] == "Stopped"
    assert stage.stored(stopped) == {"algo-1.txt": b"alpha beta"}
    assert "told to end" in stage.log(stopped)


def test_what_is_refused_at_once(stage: Stage) -> None:
    nothing = [stage._input("data", "nowhere", "/opt/ml/processing/in")]
    with pytest.raises(ClientError, match="No S3 objects found under S3 URL"):
        stage.create("0", "0", ProcessingInputs=nothing)
    with pytest.raises(ClientError, match="Invalid LocalPath"):
        stage.create("0", "0", ProcessingInputs=[stage._input("data", "in", "/etc")])
