"""Bucket policies: are they well formed, are they public, what is left of them when public access is
restricted. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any

from sagehen.services.s3.errors import MalformedPolicy

_POLICY_BYTES = 20 * 1024
# Conditions with fixed values that make a grant to everybody a grant to somebody.
_NARROWING_KEYS = {
    "aws:sourceip",
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:userid",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
}
_NARROWING_OPERATORS = (
    "stringequals",
    "stringlike",
    "arnequals",
    "arnlike",
    "ipaddress",
    "stringequalsignore",
)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def check_policy(text: str, bucket_arn: str) -> None:
    """Check a policy that is to be put on a bucket.

    Raises:
        MalformedPolicy: With AWS's wording of the first thing that is wrong.
    """
    if len(text.encode()) > _POLICY_BYTES:
        raise MalformedPolicy("Policy exceeds the maximum allowed size: 20480 bytes")
    try:
        policy = json.loads(text)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise MalformedPolicy("Policies must be valid JSON and the first byte must be '{'")
    if policy.get("Version", "2008-10-17") not in ("2012-10-17", "2008-10-17"):
        raise MalformedPolicy("The policy must contain a valid version string")
    statements = _list(policy.get("Statement") or [])
    if not statements:
        raise MalformedPolicy("Missing required field Statement")
    for statement in statements:
        if not isinstance(statement, dict):
            raise MalformedPolicy("Policy has invalid statement")
        _check_statement(statement, bucket_arn)


def _check_statement(statement: Mapping[str, Any], bucket_arn: str) -> None:
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicy(
            f"Invalid effect: {statement['Effect']}"
            if "Effect" in statement
            else "Missing required field Effect"
        )
    for member in ("Principal", "Action", "Resource"):
        if member not in statement and f"Not{member}" not in statement:
            raise MalformedPolicy(f"Missing required field {member}")
    principal = statement.get("Principal", statement.get("NotPrincipal"))
    if principal != "*" and not (isinstance(principal, dict) and principal):
        raise MalformedPolicy("Invalid principal in policy")
    for action in _list(statement.get("Action", statement.get("NotAction"))):
        if not isinstance(action, str) or (action != "*" and not action.lower().startswith("s3:")):
            raise MalformedPolicy("Policy has invalid action")
    for resource in _list(statement.get("Resource", statement.get("NotResource"))):
        # A pattern may stand for the bucket too: `*`, `arn:aws:s3:::bir*/x`.
        named = resource.partition("/")[0] if isinstance(resource, str) else ""
        if not fnmatchcase(bucket_arn, named):
            raise MalformedPolicy("Policy has invalid resource")


@lru_cache(maxsize=1024)
def is_public(text: str) -> bool:
    """Tell whether a policy lets everybody do something, whoever they are."""
    return any(
        statement.get("Effect") == "Allow"
        and _names_everybody(statement)
        and not _is_narrowed(statement.get("Condition") or {})
        for statement in _list(json.loads(text)["Statement"])
    )


def _names_everybody(statement: Mapping[str, Any]) -> bool:
    if "NotPrincipal" in statement:
        return True
    principal = statement.get("Principal")
    if isinstance(principal, dict):
        return any("*" in _list(values) for values in principal.values())
    return principal == "*"


def _is_narrowed(condition: Mapping[str, Mapping[str, Any]]) -> bool:
    for operator, keys in condition.items():
        if not operator.lower().startswith(_NARROWING_OPERATORS) or operator.lower().endswith("ifexists"):
            continue
        for key, values in keys.items():
            fixed = all(not _is_open(str(value)) for value in _list(values))
            if key.lower() in _NARROWING_KEYS and fixed:
                return True
    return False


def _is_open(value: str) -> bool:
    """Tell whether a condition's value stands for everybody: a bare wildcard, or the whole internet."""
    return value in ("*", "0.0.0.0/0", "::/0") or "${" in value


@lru_cache(maxsize=1024)
def restricted(text: str, account_id: str, bucket_arn: str) -> str:
    """Return a public policy as RestrictPublicBuckets leaves it: closed to other accounts and nobody."""
    policy = json.loads(text)
    closed = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [bucket_arn, f"{bucket_arn}/*"],
        "Condition": {
            "StringNotEquals": {"aws:PrincipalAccount": account_id},
            "BoolIfExists": {"aws:PrincipalIsAWSService": "false"},
        },
    }
    return json.dumps({**policy, "Statement": [*_list(policy["Statement"]), closed]})
