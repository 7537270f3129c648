"""The same script on an EC2 machine: it copies code and images, trains, puts the model back, shuts down."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from botocore.exceptions import ClientError

from examples.image_classifier.story import Story
from sagehen.executors.hardware.instance_types import lookup

NAME = "trainer"
TYPE = "g6.xlarge"
IMAGE = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"
POLICY = "the-bucket"
# AWS bills Linux by the second, from the sixtieth on (documented: EC2, On-Demand pricing).
_LEAST_BILLED_S = 60
_DEADLINE_S = 6 * 3600.0
# Where no machine can be had, this is the platform's answer.
_NOT_HERE = 501
_LINES = 10
# Of the small network: enough to see that it learns.
_EPOCHS = 4
# Where nothing was tuned: the recipe's own choice is for more epochs than these.
_GENTLE = {"learning_rate": "0.03", "batch_size": "48"}
_SCRIPT = """#!/bin/bash
set -e
trap 'shutdown -h now' EXIT
mkdir -p /root/code && cd /root
aws s3 cp --only-show-errors s3://{bucket}/source/sourcedir.tar.gz - | tar -xz -C code
aws s3 cp --only-show-errors --recursive s3://{bucket}/images/train images/train
echo "copied: $(find images -type f | wc -l) images"
python3 code/train.py --data images --model-dir model {options}
tar -czf model.tar.gz -C model .
aws s3 cp --only-show-errors model.tar.gz s3://{bucket}/machine/model.tar.gz
echo "copied back: $(stat -c %s model.tar.gz) bytes"
"""


def price(type_name: str, seconds: float, least_s: float = 0) -> str:
    """Return what so long an instance costs, by its list price."""
    kind = lookup(type_name)
    if kind is None or kind.usd_per_hour is None:
        return "price unknown"
    return f"${kind.usd_per_hour * max(seconds, least_s) / 3600:.4f}"


def train(story: Story, tuned: Mapping[str, str]) -> tuple[str, str] | None:
    """Start the machine and see it to its end; return the model's S3 address and what to say of time and
    price; None where no machine can be had.

    Raises:
        RuntimeError: It left no model; its console's last lines say why.
    """
    ec2 = story.client("ec2")
    began = time.perf_counter()
    try:
        machine = _start(story, ec2, tuned)
    except ClientError as error:
        if error.response["ResponseMetadata"]["HTTPStatusCode"] != _NOT_HERE:
            raise
        story.say(f"left out: {error.response['Error']['Message']}")
        return None
    story.say(f"{machine}: {TYPE}, with a key pair, a security group and a role for the bucket")
    state, ran = "", False
    while state not in ("stopped", "terminated"):
        (reservation,) = ec2.describe_instances(InstanceIds=[machine])["Reservations"]
        found = reservation["Instances"][0]
        if found["State"]["Name"] != state:
            state = found["State"]["Name"]
            story.say(f"-- {state}")
        if time.perf_counter() - began > _DEADLINE_S:
            raise RuntimeError(f"{machine} has not ended in {_DEADLINE_S:.0f} s")
        time.sleep(0.25)
        ran = ran or state in ("running", "stopped")
    seconds = time.perf_counter() - began
    if not ran:
        story.say(f"left out: {found['StateReason']['Message']}")
        return None
    lines = ec2.get_console_output(InstanceId=machine).get("Output", "").splitlines()
    for line in lines[-_LINES:]:
        story.say(f"console | {line}")
    s3 = story.client("s3")
    try:
        s3.head_object(Bucket=story.bucket, Key="machine/model.tar.gz")
    except ClientError:
        raise RuntimeError(f"{machine} left no model: {found.get('StateReason')}") from None
    told = f"{seconds:.1f} s on {TYPE}, {price(TYPE, seconds, _LEAST_BILLED_S)} (a minute at least)"
    return f"s3://{story.bucket}/machine/model.tar.gz", told


def _start(story: Story, ec2: Any, tuned: Mapping[str, str]) -> str:
    iam = story.client("iam")
    iam.create_role(
        RoleName=NAME,
        AssumeRolePolicyDocument=story.policy(
            {"Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ),
    )
    bucket = f"arn:aws:s3:::{story.bucket}"
    iam.put_role_policy(
        RoleName=NAME,
        PolicyName=POLICY,
        PolicyDocument=story.policy(
            {"Action": ["s3:ListBucket", "s3:GetObject", "s3:PutObject"], "Resource": [bucket, f"{bucket}/*"]}
        ),
    )
    iam.create_instance_profile(InstanceProfileName=NAME)
    iam.add_role_to_instance_profile(InstanceProfileName=NAME, RoleName=NAME)
    ec2.create_key_pair(KeyName=NAME, KeyType="ed25519")
    group = ec2.create_security_group(GroupName=NAME, Description="Nobody comes in")["GroupId"]
    chosen = {**tuned, "model": story.model, "seed": "0"}
    if story.model == "small":
        chosen = _GENTLE | chosen
        chosen["epochs"] = str(min(_EPOCHS, story.epochs or _EPOCHS))
    elif story.epochs:
        chosen["epochs"] = str(story.epochs)
    options = " ".join(f"--{name} {value}" for name, value in chosen.items())
    (machine,) = ec2.run_instances(
        ImageId=IMAGE,
        InstanceType=TYPE,
        MinCount=1,
        MaxCount=1,
        KeyName=NAME,
        SecurityGroupIds=[group],
        IamInstanceProfile={"Name": NAME},
        UserData=_SCRIPT.format(bucket=story.bucket, options=options),
    )["Instances"]
    return str(machine["InstanceId"])


def forget(story: Story) -> None:
    """Terminate the machine and delete what was made for it, as far as it is there."""
    ec2, iam = story.client("ec2"), story.client("iam")
    ours = [{"Name": "key-name", "Values": [NAME]}]
    machines = [
        instance["InstanceId"]
        for reservation in ec2.describe_instances(Filters=ours)["Reservations"]
        for instance in reservation["Instances"]
    ]
    if machines:
        ec2.terminate_instances(InstanceIds=machines)
        ec2.get_waiter("instance_terminated").wait(InstanceIds=machines, WaiterConfig={"Delay": 1})
    ec2.delete_key_pair(KeyName=NAME)
    with suppress(ClientError):  # there is none
        ec2.delete_security_group(GroupName=NAME)
    with suppress(iam.exceptions.NoSuchEntityException):
        iam.remove_role_from_instance_profile(InstanceProfileName=NAME, RoleName=NAME)
        iam.delete_instance_profile(InstanceProfileName=NAME)
        iam.delete_role_policy(RoleName=NAME, PolicyName=POLICY)
        iam.delete_role(RoleName=NAME)
