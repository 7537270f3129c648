"""Bucket policies: are they public, what is left of them when public access is
restricted. Pure.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

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


@lru_cache(maxsize=1024)
def is_public(text: str) -> bool:
    """Tell whether a policy lets everybody do something, whoever they are.

    One that was stored before the grammar was checked and cannot be read grants nothing.
    """
    try:
        return any(
            statement.get("Effect") == "Allow"
            and _names_everybody(statement)
            and not _is_narrowed(statement.get("Condition") or {})
            for statement in _list(json.loads(text)["Statement"])
        )
    except (ValueError, AttributeError, TypeError, LookupError):
        return False


def _names_everybody(statement: Mapping[str, Any]) -> bool:
    # Documented: The meaning of "public".
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
