"""Which policies a bucket takes: the grammar of all policies, S3's own rules, and S3's words.

The texts were seen in public reports of clients (Terraform, versitygw's issues); those of unknown
fields and of syntax in general are from memory.

Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-policies.html
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Any

from sagehen.domain.policies import FaultReason, PolicyFault, PolicyKind
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.services.s3.errors.buckets import MalformedPolicy

# Documented: Bucket policies for Amazon S3, which are limited to 20 KB.
_POLICY_BYTES = 20 * 1024
_WORDS = {
    FaultReason.JSON: "Policies must be valid JSON and the first byte must be '{'",
    FaultReason.VERSION: "The policy must contain a valid version string",
    FaultReason.UNKNOWN_FIELD: "Unknown field %s",
    FaultReason.MISSING_FIELD: "Missing required field %s",
    FaultReason.NO_STATEMENT: "Could not parse the policy: Statement is empty!",
    FaultReason.EFFECT: "Invalid effect: %s",
    FaultReason.ACTION: "Policy has invalid action",
    FaultReason.RESOURCE: "Policy has invalid resource",
    FaultReason.PRINCIPAL: "Invalid principal in policy",
    FaultReason.OPERATOR: "Invalid Condition type : %s",
    FaultReason.CONDITION_KEY: "Policy has an invalid condition key",
}


def stored_policy(text: str, bucket_arn: str, documents: ResourceDocuments) -> str:
    """Return a policy as it is to be stored for a bucket.

    Raises:
        MalformedPolicy: With the first thing that is wrong.
    """
    if len(text.encode()) > _POLICY_BYTES:
        raise MalformedPolicy("Policy exceeds the maximum allowed size: 20480 bytes")
    try:
        stored = documents.stored(text, PolicyKind.BUCKET)
    except PolicyFault as fault:
        raise MalformedPolicy(_words(fault)) from None
    # The grammar is kept: elements are texts or lists of texts, and no pair occurs twice.
    for action in _values(stored, "Action"):
        if action != "*" and not action.lower().startswith("s3:"):
            raise MalformedPolicy(_WORDS[FaultReason.ACTION])
    for resource in _values(stored, "Resource"):
        # A pattern may stand for the bucket too: `*`, `arn:aws:s3:::bir*/x`.
        if not fnmatchcase(bucket_arn, resource.partition("/")[0]):
            raise MalformedPolicy(_WORDS[FaultReason.RESOURCE])
    return stored


def _words(fault: PolicyFault) -> str:
    return _WORDS.get(fault.reason, "Invalid policy syntax.").replace("%s", fault.value.strip('"'))


def _values(text: str, element: str) -> Iterator[str]:
    """Yield what all statements have as an element or its negation."""
    statements: Any = json.loads(text)["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        value = statement[element if element in statement else f"Not{element}"]
        yield from value if isinstance(value, list) else [value]
