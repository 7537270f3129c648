"""Training jobs as requests: refused, listed, described, deleted."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from sagehen.api.bounded import budget
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.domain.access import AccessDenied
from sagehen.services.sagemaker.resources.errors import ResourceInUse, ResourceLimitExceeded
from sagehen.services.sagemaker.training.description import describe
from sagehen.services.sagemaker.training.job import TrainingJob

from ..conftest import SCOPE, job_request
from .job_parts import forever, source, two_hosts


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
        ({"SessionChainingConfig": {"EnableSessionTagChaining": True}}, "EnableSessionTagChaining"),
        ({"InfraCheckConfig": {"EnableInfraCheck": True}}, "EnableInfraCheck"),
        ({"RemoteDebugConfig": {"EnableRemoteDebug": True}}, "EnableRemoteDebug"),
        ({"StoppingCondition": {"MaxPendingTimeInSeconds": 7200}}, "StoppingCondition.MaxPendingTime"),
        ({"InputDataConfig": source("s3://data/train", S3DataType="Converse")}, "Converse"),
        (
            {"AlgorithmSpecification": {"TrainingImage": "tensorflow-training", "TrainingInputMode": "File"}},
            r"Image tensorflow-training needs tensorflow, .* `sagehen images build tensorflow-training`",
        ),
    ],
)
async def test_what_is_not_built_is_named(platform: Any, changes: dict[str, Any], named: str) -> None:
    with pytest.raises(NotImplementedOperation, match=named):
        await platform.create(**changes)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"EnableManagedSpotTraining": True}, "Invalid MaxWaitTimeInSeconds"),
        (  # less than the day that MaxRuntimeInSeconds is by default
            {"EnableManagedSpotTraining": True, "StoppingCondition": {"MaxWaitTimeInSeconds": 60}},
            "Invalid MaxWaitTimeInSeconds",
        ),
        (
            {
                "EnableManagedSpotTraining": True,
                "StoppingCondition": {"MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59},
            },
            "Invalid MaxWaitTimeInSeconds",
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


async def test_definitions_that_take_too_long_to_compile_are_refused(
    platform: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty of 20,000 copies each held the event loop for 1.5 s."""
    monkeypatch.setattr(budget, "INLINE_S", 0.0)
    definitions = [{"Name": "loss", "Regex": "loss=([0-9.]+)"}]
    algorithm = {"TrainingImage": "pytorch-training", "TrainingInputMode": "File"}
    changes = {"AlgorithmSpecification": algorithm | {"MetricDefinitions": definitions}}
    await platform.create(**changes)  # in a thread
    monkeypatch.setattr(budget, "THREAD_S", 0.0)
    with pytest.raises(ValidationException, match="take too long to compile"):
        await platform.create("another", **changes)


async def test_more_instances_than_the_quota(platform: Any) -> None:
    with pytest.raises(ResourceLimitExceeded, match="a request delta of 21 Instances"):
        await platform.create(ResourceConfig=two_hosts() | {"InstanceCount": 21})


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


def test_metrics_that_an_algorithm_declares_itself_are_described() -> None:
    """SDK v2's `training_job_analytics` reads their names from there."""
    image = "683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    algorithm = {"TrainingImage": image, "TrainingInputMode": "File"}

    def told(**hyperparameters: str) -> dict[str, Any]:
        request = job_request(AlgorithmSpecification=algorithm, HyperParameters=hyperparameters)
        job = TrainingJob.new(SCOPE, request, datetime(2026, 11, 29, tzinfo=UTC))
        return dict(describe(job)["AlgorithmSpecification"])

    assert "validation:rmse" in [entry["Name"] for entry in told(num_round="1")["MetricDefinitions"]]
    assert "MetricDefinitions" not in told(sagemaker_program="train.py")
