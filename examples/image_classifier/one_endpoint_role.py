"""A role that may invoke one endpoint and no other."""

from __future__ import annotations

from botocore.exceptions import ClientError

from examples.image_classifier.endpoints import classify
from examples.image_classifier.images import files_of
from examples.image_classifier.story import Story

NAME = "one-endpoint-only"


def try_it(story: Story, allowed: str, refused: str) -> None:
    """Make the role, call both endpoints with it, and show what AWS would say.

    Raises:
        RuntimeError: The second call was not refused.
    """
    iam = story.client("iam")
    endpoint_arn = f"arn:aws:sagemaker:{story.region}:{story.account}:endpoint/{allowed}"
    role = iam.create_role(
        RoleName=NAME,
        AssumeRolePolicyDocument=story.policy(
            {"Principal": {"AWS": f"arn:aws:iam::{story.account}:root"}, "Action": "sts:AssumeRole"}
        ),
    )["Role"]
    iam.put_role_policy(
        RoleName=NAME,
        PolicyName="invoke-one-endpoint",
        PolicyDocument=story.policy({"Action": "sagemaker:InvokeEndpoint", "Resource": endpoint_arn}),
    )
    session = story.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="demo")
    runtime = story.client("sagemaker-runtime", session["Credentials"])
    image = next(files_of(story.images, "test"))
    label, probability = classify(runtime, allowed, image)
    story.say(f"{NAME} -> {allowed}: {label!r} ({probability:.0%})")
    try:
        classify(runtime, refused, image)
    except ClientError as error:
        code, message = error.response["Error"]["Code"], error.response["Error"]["Message"]
        story.say(f"{NAME} -> {refused}: {code}: {message}")
        if code != "AccessDeniedException":
            raise
    else:
        raise RuntimeError(f"{NAME} could call {refused}")
