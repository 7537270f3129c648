"""What is asked for: one action on one resource, and the refusal of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from sagehen.domain.addresses import is_loopback

ConditionValue = str | tuple[str, ...]


class AclGrant(Enum):
    """What the resource's access control list grants of one action to who asks."""

    NOTHING = ""
    TO_THE_ACCOUNT = "account"
    TO_EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Access:
    """One thing that a request needs to be allowed to do.

    Args:
        action: IAM action, such as `s3:GetObject`.
        resource: The ARN acted on, or `*` where the action has no resource type.
        conditions: Condition keys that this action adds (`s3:prefix`, `iam:PassedToService`,
            `aws:RequestTag/team`); many-valued keys hold tuples.
        acl: What the resource's own ACL grants (S3's buckets and objects have one).
    """

    action: str
    resource: str = "*"
    conditions: Mapping[str, ConditionValue] = field(default_factory=dict)
    acl: AclGrant = AclGrant.NOTHING


def request_conditions(
    *, at: datetime, source_ip: str, secure: bool, region: str, user_agent: str | None, referer: str | None
) -> dict[str, ConditionValue]:
    """Return the global condition keys that a request itself determines, whichever door it came through.

    Keys of the principal (`aws:username`, `aws:PrincipalArn`, …) are added by the evaluator.

    Args:
        at: When it was received, UTC.
        source_ip: The peer's address.
        secure: Whether it came over TLS. Over loopback nothing else is on the wire, so that counts as secure,
            too: SAM's and CDK's own buckets refuse everything else, and endpoint URLs here are plain.
        region: What it is asked of.
        user_agent, referer: These headers; there is no key where there is no header.
    """
    keys: dict[str, ConditionValue] = {
        "aws:CurrentTime": f"{at:%Y-%m-%dT%H:%M:%SZ}",
        "aws:EpochTime": str(int(at.timestamp())),
        "aws:SourceIp": source_ip,
        "aws:SecureTransport": "true" if secure or is_loopback(source_ip) else "false",
        "aws:RequestedRegion": region,
        # Policies that ask for it mean: nobody but the caller. Services that pass a request on say so.
        "aws:ViaAWSService": "false",
    }
    if user_agent:
        keys["aws:UserAgent"] = user_agent
    if referer:
        keys["aws:Referer"] = referer
    return keys


class AccessDenied(Exception):
    """The evaluator's refusal. The front door gives it the code and status of the service's protocol.

    Args:
        message: AWS's wording, without a code.
    """

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message
