"""Tags by ARN: which ARNs name something, how many tags there may be, pages, and the rights they take."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import ValidationException
from sagehen.domain.scope import Scope
from sagehen.services.sagemaker.tags.rights import creation
from sagehen.services.sagemaker.training.job import TrainingJob

from ..conftest import job_request

ARN = "arn:aws:sagemaker:us-east-1:123456789012:training-job/job-1"


@pytest.mark.parametrize(
    ("arn", "known"),
    [
        (ARN, True),
        (ARN.replace("job-1", "Job-1"), True),  # ARNs carry names lower-cased, but clients may not
        (ARN.replace("job-1", "job-2"), False),
        (ARN.replace("training-job", "model"), False),
        (ARN.replace("training-job", "app"), False),
        (ARN.replace("us-east-1", "eu-west-1"), False),
        (ARN.replace("123456789012", "210987654321"), False),
        (ARN.replace("sagemaker", "s3"), False),
        ("job-1", False),
        ("arn:aws:sagemaker", False),
    ],
)
async def test_which_arns_bear_tags(platform: Any, arn: str, known: bool) -> None:
    await platform.create("Job-1", Tags=[{"Key": "team", "Value": "birds"}])
    if known:
        listed = await platform.call(platform.tags, "ListTags", ResourceArn=arn)
        assert listed["Tags"] == [{"Key": "team", "Value": "birds"}]
    else:
        with pytest.raises(ValidationException):
            await platform.call(platform.tags, "ListTags", ResourceArn=arn)


async def test_tags_of_another_region_are_asked_for_there(platform: Any) -> None:
    there = Scope("123456789012", "eu-west-1")
    job = TrainingJob.new(there, job_request("Job-1"), platform.clock.now())
    await platform.job_records.add(job, [{"Key": "team", "Value": "birds"}])
    with pytest.raises(ValidationException, match="Could not find resource"):
        await platform.call(platform.tags, "ListTags", ResourceArn=job.arn)


@pytest.mark.parametrize(
    ("had", "added", "fits"), [(0, 50, True), (0, 51, False), (49, 1, True), (49, 2, False), (50, 0, True)]
)
async def test_fifty_tags_are_the_most(platform: Any, had: int, added: int, fits: bool) -> None:
    first = [{"Key": f"k{n}", "Value": "1"} for n in range(had)]
    await platform.create("Job-1", Tags=first)
    # One of those that were there is set again: it counts once.
    more = [{"Key": f"k{n}", "Value": "2"} for n in range(max(had - 1, 0), had + added)]
    adding = platform.call(platform.tags, "AddTags", ResourceArn=ARN, Tags=more)
    if fits:
        assert len((await adding)["Tags"]) == had + added
    else:
        with pytest.raises(ValidationException, match="at most 50"):
            await adding


async def test_pages_of_tags_are_in_order_of_keys(platform: Any) -> None:
    await platform.create("Job-1", Tags=[{"Key": key, "Value": key} for key in "dbac"])
    pages, token = [], None
    while not pages or token is not None:
        more = {"NextToken": token} if token else {}
        answer = await platform.call(platform.tags, "ListTags", ResourceArn=ARN, MaxResults=3, **more)
        pages.append("".join(tag["Key"] for tag in answer["Tags"]))
        token = answer["NextToken"]
    assert pages == ["abc", "d"]


@pytest.mark.parametrize(
    ("tags", "asked"),
    [
        (None, [("sagemaker:CreateModel", {"sagemaker:NetworkIsolation": "true"})]),
        ([], [("sagemaker:CreateModel", {"sagemaker:NetworkIsolation": "true"})]),
        (
            [{"Key": "a", "Value": "1"}, {"Key": "b", "Value": ""}],
            [
                ("sagemaker:CreateModel", {"sagemaker:NetworkIsolation": "true", "aws:RequestTag/a": "1",
                                           "aws:RequestTag/b": "", "aws:TagKeys": ("a", "b")}),
                ("sagemaker:AddTags", {"sagemaker:NetworkIsolation": "true", "aws:RequestTag/a": "1",
                                       "aws:RequestTag/b": "", "aws:TagKeys": ("a", "b"),
                                       "sagemaker:TaggingAction": "CreateModel"}),
            ],
        ),
    ],
)  # fmt: skip
def test_what_a_tagged_creation_takes(tags: Any, asked: Any) -> None:
    keys = {"sagemaker:NetworkIsolation": "true"}
    needed = list(creation("CreateModel", "arn", {"Tags": tags}, keys))
    assert [(access.action, dict(access.conditions)) for access in needed] == asked
