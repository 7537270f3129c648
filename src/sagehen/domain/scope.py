"""Scope: the account and region in which a resource lives."""

from __future__ import annotations

from dataclasses import dataclass


def partition_of(region: str) -> str:
    """Return the ARN partition of a region (`aws`, `aws-cn`, `aws-us-gov`)."""
    if region.startswith("cn-"):
        return "aws-cn"
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws"


@dataclass(frozen=True, slots=True)
class Scope:
    """One account in one region; the key under which nearly every record is stored.

    Args:
        account_id: Twelve digits.
        region: Such as `us-east-1`.
    """

    account_id: str
    region: str

    @property
    def partition(self) -> str:
        return partition_of(self.region)

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of `resource` of `service` in this scope."""
        return f"arn:{self.partition}:{service}:{self.region}:{self.account_id}:{resource}"
