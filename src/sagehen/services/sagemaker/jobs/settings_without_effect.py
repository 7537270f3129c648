"""Settings of a training job's network and volume that are stored and have no effect here. Pure.

A job's network is this machine's loopback, its volume a folder: there is no VPC to be in, no wire to encrypt,
no disk of its own. Notebooks that must name them run all the same; the job's log says what did not happen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sagehen.api.errors import ValidationException
from sagehen.services.sagemaker.instances import limits as instance_limits

# Documented (Amazon EC2's resource ids): eight hexadecimal digits, or 17 since 2016. The service model takes
# any word.
_SUBNET = re.compile(r"subnet-[0-9a-f]{8}(?:[0-9a-f]{9})?\Z")
_GROUP = re.compile(r"sg-[0-9a-f]{8}(?:[0-9a-f]{9})?\Z")
# Documented (ResourceConfig's model, VolumeKmsKeyId): a key's id or ARN; aliases too (from memory).
_KEY = re.compile(
    r"(?:arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:)?"
    r"(?:key/)?(?:(?:mrk-)?[0-9a-f-]{32,36}|alias/[a-zA-Z0-9/_-]{1,250})\Z"
)


def check(request: Mapping[str, Any]) -> None:
    """Check the forms of ids; words from memory.

    Raises:
        ValidationException
    """
    network = request.get("VpcConfig") or {}
    for name in network.get("Subnets", ()):
        if not _SUBNET.match(name):
            raise ValidationException(f"The subnet ID '{name}' does not exist")
    for name in network.get("SecurityGroupIds", ()):
        if not _GROUP.match(name):
            raise ValidationException(f"The security group '{name}' does not exist")
    resources = request.get("ResourceConfig") or {}
    key = resources.get("VolumeKmsKeyId")
    if not key:
        return
    if not _KEY.match(key):
        raise ValidationException(f"Invalid VolumeKmsKeyId {key}. It must be the id or ARN of a KMS key.")
    # Documented (VolumeKmsKeyId): instances with local storage encrypt it themselves, and take no key.
    kinds = [group.get("InstanceType", "") for group in resources.get("InstanceGroups") or (resources,)]
    for kind in kinds:
        if instance_limits.has_instance_storage(kind):
            raise ValidationException(
                f"VolumeKmsKeyId can not be specified when using instance type {kind} with local storage."
            )


def notes(request: Mapping[str, Any]) -> list[str]:
    """Return what the job's log says of them."""
    lines = []
    if request.get("VpcConfig"):
        lines.append(
            "VpcConfig is stored and has no effect: the job is in a network of its own on this machine, and"
            " reaches what this machine reaches"
        )
    if request.get("EnableInterContainerTrafficEncryption"):
        lines.append("traffic between instances never leaves this machine and is not encrypted")
    if request["ResourceConfig"].get("VolumeKmsKeyId"):
        lines.append(
            "VolumeKmsKeyId is stored and has no effect: volumes are folders here, which nothing encrypts"
        )
    return lines
