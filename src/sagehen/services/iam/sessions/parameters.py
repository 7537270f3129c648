"""What a request for a session may ask: its length, its policies and tags, and how much of these fits.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
"""

from __future__ import annotations

import json
import re
import zlib

from sagehen.api.operation import Request
from sagehen.domain.identity import Principal, PrincipalKind
from sagehen.services.iam.entities.entity import Entity
from sagehen.services.iam.entities.tags import checked_tags
from sagehen.services.iam.errors import (
    InvalidInput,
    InvalidParameterValue,
    PackedPolicyTooLarge,
    ValidationError,
)
from sagehen.services.iam.grammar.documents import parse_policy
from sagehen.services.iam.policies.records import PolicyRecords

_ARN = re.compile(r"arn:[^:]+:[^:]+:[^:]*:[^:]*:.+", re.DOTALL)
# Documented: STS API Reference, AssumeRole: where none is asked for, and the most for who chains roles.
HOUR_S = 3600
# AWS packs session policies and tags into a binary format with an undisclosed limit; compressed
# JSON against this many bytes comes near it.
_PACKED_LIMIT = 2048
# In characters and in number; AssumeRole's own model has neither bound, its page has both.
# Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
_MAX_SESSION_POLICY = 2048
_MAX_POLICY_ARNS = 10


def session_policies(policies: PolicyRecords, request: Request, account_id: str) -> tuple[str, ...]:
    """Return the documents that narrow the session.

    Raises:
        ValidationError, MalformedPolicyDocument
    """
    documents, descriptors = [], request.get("PolicyArns") or ()
    if len(descriptors) > _MAX_POLICY_ARNS:
        raise _too_long("policyArns", _MAX_POLICY_ARNS)
    for descriptor in descriptors:
        arn = descriptor.get("arn") or ""  # the model does not ask for it
        document = policies.managed_document(arn)
        if document is None or arn.split(":")[4] not in ("aws", account_id):
            raise ValidationError(f"Policy {arn} does not exist or is not attachable.")
        documents.append(document)
    if inline := request.get("Policy"):
        if len(inline) > _MAX_SESSION_POLICY:
            raise _too_long("policy", _MAX_SESSION_POLICY)
        parse_policy(inline)
        documents.append(inline)
    return tuple(documents)


def _too_long(member: str, limit: int) -> ValidationError:
    return ValidationError(
        f"1 validation error detected: Value at '{member}' failed to satisfy constraint: Member must have"
        f" length less than or equal to {limit}"
    )


def require_arn(arn: str) -> None:
    """Refuse what is no ARN (recorded).

    Raises:
        ValidationError
    """
    if not _ARN.fullmatch(arn):
        raise ValidationError(f"{arn} is invalid")


def session_tags(request: Request) -> dict[str, str]:
    """Return the session tags of a request.

    Raises:
        InvalidParameterValue: STS's code for what IAM calls InvalidInput (recorded).
    """
    try:
        return checked_tags(request.get("Tags"), case=False)
    except InvalidInput as error:
        raise InvalidParameterValue(error.message) from None


def check_duration(caller: Principal, role: Entity, duration_s: int) -> None:
    """Check how long a session of a role may be, in seconds.

    Documented: STS API Reference, AssumeRole: the role's own maximum, and an hour for who chains roles.

    Raises:
        ValidationError
    """
    if caller.kind is PrincipalKind.ASSUMED_ROLE and duration_s > HOUR_S:
        raise ValidationError(
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role"
            " chaining."
        )
    if duration_s > role.max_session_s:
        raise ValidationError(
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role."
        )


def packed_size(policies: tuple[str, ...], tags: dict[str, str]) -> dict[str, int]:
    """Return PackedPolicySize in percent where anything was packed.

    Raises:
        PackedPolicyTooLarge
    """
    if not policies and not tags:
        return {}
    packed = len(zlib.compress(json.dumps([policies, tags]).encode()))
    percent = max(1, packed * 100 // _PACKED_LIMIT)
    if percent > 100:
        raise PackedPolicyTooLarge(
            f"Packed size of session tags and policies consumes {percent}% of the allotted space."
        )
    return {"PackedPolicySize": percent}
