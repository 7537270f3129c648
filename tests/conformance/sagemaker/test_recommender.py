"""Inference Recommender through boto3 alone: a model tried with two settings; what is refused, what stops."""

from __future__ import annotations

import io
import json
import tarfile
import uuid
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.waiting import eventually

from .test_processing import IMAGE, Stage
from .test_transform import CODE

# Of sandboxes it asks nothing that endpoints and jobs do not.
pytestmark = pytest.mark.once


def archive(**files: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        for name, content in files.items():
            info = tarfile.TarInfo(name.replace("__", "/").replace("_py", ".py"))
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return made.getvalue()


@pytest.fixture(scope="module")
def stage(client: Any) -> Stage:
    stage = Stage(client)
    statement = {
        "Effect": "Allow",
        "Action": ["sagemaker:*", "iam:PassRole", "cloudwatch:*"],
        "Resource": "*",
    }
    client("iam").put_role_policy(
        RoleName=stage.role_arn.rpartition("/")[2],
        PolicyName="recommends",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )
    stage.s3.put_object(Bucket=stage.bucket, Key="model.tar.gz", Body=archive(code__inference_py=CODE))
    stage.s3.put_object(Bucket=stage.bucket, Key="rows.tar.gz", Body=archive(a=b"1,2\n", b=b"3,4\n"))
    stage.s3.put_object(Bucket=stage.bucket, Key="words.tar.gz", Body=archive(a=b"no numbers"))
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


def begin(stage: Stage, payload: str, **changes: Any) -> str:
    name = f"Job-{uuid.uuid4().hex[:8]}"
    config = {"SamplePayloadUrl": f"s3://{stage.bucket}/{payload}", "SupportedContentTypes": ["text/csv"]}
    given = {
        "ModelName": stage.bucket,
        "ContainerConfig": {"PayloadConfig": config},
        "TrafficPattern": {"TrafficType": "STAIRS", "Stairs": {"NumberOfSteps": 2, "DurationInSeconds": 1}},
        "EndpointConfigurations": [{"InstanceType": "ml.m5.large"}],
    }
    stage.sagemaker.create_inference_recommendations_job(
        JobName=name, JobType="Advanced", RoleArn=stage.role_arn, InputConfig={**given, **changes}
    )
    return name


def ended(stage: Stage, name: str) -> dict[str, Any]:
    def found() -> Any:
        job = stage.sagemaker.describe_inference_recommendations_job(JobName=name)
        return job if job["Status"] in ("COMPLETED", "FAILED", "STOPPED") else None

    job: dict[str, Any] = eventually(found, timeout_s=180)
    return job


def test_a_model_is_tried_with_each_setting_and_the_cheapest_comes_first(stage: Stage) -> None:
    values = {"Name": "SAGEMAKER_MODEL_SERVER_WORKERS", "Value": ["1", "2"]}
    ranges = {"CategoricalParameterRanges": [values]}
    tried = [{"InstanceType": "ml.m5.large", "EnvironmentParameterRanges": ranges}]
    name = begin(stage, "rows.tar.gz", EndpointConfigurations=tried)
    job = ended(stage, name)
    assert job["Status"] == "COMPLETED", job
    first, second = job["InferenceRecommendations"]
    costs = [one["Metrics"]["CostPerInference"] for one in (first, second)]
    assert costs == sorted(costs)
    for one in (first, second):
        assert one["Metrics"]["MaxInvocations"] > 10 and one["Metrics"]["ModelLatency"] >= 1
        assert one["EndpointConfiguration"]["InstanceType"] == "ml.m5.large"
        [variable] = one["ModelConfiguration"]["EnvironmentParameters"]
        assert variable["Key"] == "SAGEMAKER_MODEL_SERVER_WORKERS"
        with pytest.raises(ClientError, match="Could not find endpoint"):  # nothing is left of it
            stage.sagemaker.describe_endpoint(EndpointName=one["EndpointConfiguration"]["EndpointName"])
    steps = stage.sagemaker.list_inference_recommendations_job_steps(JobName=name, MaxResults=1)
    assert [step["Status"] for step in steps["Steps"]] == ["COMPLETED"] and steps["NextToken"]
    scaling = stage.sagemaker.get_scaling_configuration_recommendation(
        InferenceRecommendationsJobName=name,
        RecommendationId=first["RecommendationId"],
        ScalingPolicyObjective={"MaxInvocationsPerMinute": 10 * first["Metrics"]["MaxInvocations"]},
    )
    assert scaling["RecommendationId"] == first["RecommendationId"]
    with pytest.raises(ClientError, match="Either RecommendationId or EndpointName"):
        stage.sagemaker.get_scaling_configuration_recommendation(InferenceRecommendationsJobName=name)
    assert scaling["DynamicScalingConfiguration"]["MaxCapacity"] in (20, 21)
    listed = stage.sagemaker.list_inference_recommendations_jobs(
        ModelNameEquals=stage.bucket, NameContains=name
    )
    assert [one["JobName"] for one in listed["InferenceRecommendationsJobs"]] == [name]


def test_one_whose_payload_is_refused_fails_and_one_is_stopped(stage: Stage) -> None:
    failing = begin(stage, "words.tar.gz")
    phase = {"InitialNumberOfUsers": 1, "DurationInSeconds": 3600}
    endless = begin(stage, "rows.tar.gz", TrafficPattern={"TrafficType": "PHASES", "Phases": [phase]})
    stage.sagemaker.stop_inference_recommendations_job(JobName=endless)
    assert ended(stage, endless)["Status"] == "STOPPED"
    with pytest.raises(ClientError, match="is STOPPED already"):
        stage.sagemaker.stop_inference_recommendations_job(JobName=endless)
    job = ended(stage, failing)
    assert job["Status"] == "FAILED" and "sample payload with status" in job["FailureReason"]
    with pytest.raises(ClientError, match="is FAILED, not COMPLETED"):
        stage.sagemaker.get_scaling_configuration_recommendation(InferenceRecommendationsJobName=failing)
    with pytest.raises(ClientError, match="does not exist"):
        stage.sagemaker.describe_inference_recommendations_job(JobName="none")
