"""Batch transform through boto3 alone: rows asked and joined, on two instances; one that fails."""

from __future__ import annotations

import io
import tarfile
import time
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import pauses

from .test_processing import IMAGE, Stage

CODE = b"""
def model_fn(folder):
    return 2

def input_fn(body, content_type):
    text = body.decode() if isinstance(body, bytes) else body
    return [[float(word) for word in line.split(",")] for line in text.splitlines()]

def predict_fn(rows, model):
    return [model * sum(row) for row in rows]

def output_fn(sums, accept):
    return "\\n".join(map(str, sums)), "text/csv"
"""


@pytest.fixture(scope="module")
def stage(client: Any) -> Stage:
    stage = Stage(client)
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w:gz") as tar:
        info = tarfile.TarInfo("code/inference.py")
        info.size = len(CODE)
        tar.addfile(info, io.BytesIO(CODE))
    objects = {
        "model.tar.gz": archive.getvalue(),
        "rows/a.csv": b"1,2,3\n4,5,6\n",
        "rows/deep/b.csv": b"7,8,9\n",
        "some/bad.csv": b"1,what\n",
        "some/good.csv": b"1,1\n",
    }
    for key, body in objects.items():
        stage.s3.put_object(Bucket=stage.bucket, Key=key, Body=body)
    stage.sagemaker.create_model(
        ModelName=stage.bucket,
        ExecutionRoleArn=stage.role_arn,
        PrimaryContainer={
            "Image": IMAGE,
            "ModelDataUrl": f"s3://{stage.bucket}/model.tar.gz",
            "Environment": {"SAGEMAKER_PROGRAM": "inference.py"},
        },
    )
    return stage


def create(stage: Stage, prefix: str, instances: int = 1, **changes: Any) -> str:
    name = f"Job-{uuid.uuid4().hex[:8]}"
    source = {"S3DataType": "S3Prefix", "S3Uri": f"s3://{stage.bucket}/{prefix}"}
    request: dict[str, Any] = {
        "TransformJobName": name,
        "ModelName": stage.bucket,
        "TransformInput": {
            "DataSource": {"S3DataSource": source},
            "ContentType": "text/csv",
            "SplitType": "Line",
        },
        "TransformOutput": {
            "S3OutputPath": f"s3://{stage.bucket}/out/{name}",
            "Accept": "text/csv",
            "AssembleWith": "Line",
        },
        "TransformResources": {"InstanceType": "ml.m5.large", "InstanceCount": instances},
    }
    stage.sagemaker.create_transform_job(**(request | changes))
    return name


def ended(stage: Stage, name: str) -> Any:
    deadline, pause = time.monotonic() + 90, pauses()
    while True:
        answer = stage.sagemaker.describe_transform_job(TransformJobName=name)
        if answer["TransformJobStatus"] not in ("InProgress", "Stopping"):
            return answer
        assert time.monotonic() < deadline, answer
        time.sleep(next(pause))


@pytest.mark.sandbox
def test_rows_are_asked_and_joined_and_one_that_fails_costs_no_other(stage: Stage) -> None:
    joined = create(
        stage,
        "rows/",
        instances=2,
        DataProcessing={"InputFilter": "$[1:]", "JoinSource": "Input", "OutputFilter": "$[0,3]"},
    )
    failing = create(stage, "some/", MaxConcurrentTransforms=2, BatchStrategy="SingleRecord")
    stopped = create(stage, "rows/")
    stage.sagemaker.stop_transform_job(TransformJobName=stopped)
    assert ended(stage, joined)["TransformJobStatus"] == "Completed"
    assert stage.stored(joined) == {"a.csv.out": b"1,10.0\n4,22.0\n", "deep/b.csv.out": b"7,34.0\n"}
    answer = ended(stage, failing)
    assert answer["FailureReason"] == "AlgorithmError: See job logs for more information"
    assert stage.stored(failing) == {"good.csv.out": b"4.0\n"}
    found = stage.logs.filter_log_events(
        logGroupName="/aws/sagemaker/TransformJobs", logStreamNamePrefix=f"{failing}/"
    )["events"]
    said = [event["message"] for event in found if event["logStreamName"].endswith("/data-log")]
    assert "MaxConcurrentTransforms=2, MaxPayloadInMB=6, BatchStrategy=SINGLE_RECORD" in said[0]
    assert said[1].endswith("some/bad.csv: Bad HTTP status received from algorithm: 500")
    assert said[3].endswith("some/bad.csv: Message:")
    assert ended(stage, stopped)["TransformJobStatus"] == "Stopped" and stage.stored(stopped) == {}
    listed = stage.sagemaker.list_transform_jobs(NameContains=failing, StatusEquals="Failed")
    assert [one["TransformJobName"] for one in listed["TransformJobSummaries"]] == [failing]


def test_what_is_refused_at_once(stage: Stage) -> None:
    with pytest.raises(ClientError, match="Could not find model"):
        create(stage, "rows/", ModelName="nobody")
    with pytest.raises(ClientError, match="No S3 objects found under S3 URL"):
        create(stage, "nowhere/")
    with pytest.raises(ClientError, match="Could not find requested job with name: nobody"):
        stage.sagemaker.describe_transform_job(TransformJobName="nobody")
