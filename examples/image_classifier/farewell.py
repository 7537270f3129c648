"""Everything that the story made is deleted again, through the API."""

from __future__ import annotations

from examples.image_classifier import function_chapter, machine, rest_api
from examples.image_classifier.endpoints import GROUP as ENDPOINT_GROUP
from examples.image_classifier.one_endpoint_role import NAME
from examples.image_classifier.story import Story
from examples.image_classifier.training import GROUP


def delete_everything(story: Story, endpoints: list[str]) -> None:
    """Delete endpoints, models, the machine, roles, log groups and the bucket; return when all are gone."""
    sagemaker, iam, logs, s3 = (story.client(name) for name in ("sagemaker", "iam", "logs", "s3"))
    rest_api.forget(story)
    function_chapter.forget(story)
    machine.forget(story)
    for name in endpoints:
        sagemaker.delete_endpoint(EndpointName=name)
        sagemaker.delete_endpoint_config(EndpointConfigName=name)
        sagemaker.delete_model(ModelName=name)
    for name in endpoints:
        sagemaker.get_waiter("endpoint_deleted").wait(EndpointName=name, WaiterConfig={"Delay": 1})
    iam.delete_role_policy(RoleName=NAME, PolicyName="invoke-one-endpoint")
    iam.delete_role(RoleName=NAME)
    for group in (GROUP, *map(ENDPOINT_GROUP.format, endpoints)):
        logs.delete_log_group(logGroupName=group)
    for page in s3.get_paginator("list_objects_v2").paginate(Bucket=story.bucket):
        keys = [{"Key": entry["Key"]} for entry in page.get("Contents", [])]
        if keys:
            s3.delete_objects(Bucket=story.bucket, Delete={"Objects": keys, "Quiet": True})
    s3.delete_bucket(Bucket=story.bucket)
    story.say("endpoints, models, the machine, roles, log groups, objects and the bucket are deleted")
