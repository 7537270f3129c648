"""What may be wrong with a policy document, for the services that keep such documents.

One grammar reads them all (services/iam); a service that stores one puts the fault into its own
code and words (S3: `MalformedPolicy`).
"""

from __future__ import annotations

from enum import Enum, auto


class PolicyKind(Enum):
    """Where a document is used decides which elements it must have."""

    IDENTITY = "identity"  # users, groups, roles, boundaries, managed and session policies
    TRUST = "trust"  # who may assume a role
    BUCKET = "bucket"  # S3's, in which a Sid may occur twice
    RESOURCE = "resource"  # Lambda's and API Gateway's


class FaultReason(Enum):
    """Which rule a document breaks."""

    JSON = auto()  # not JSON, too deep, or a member given twice
    SYNTAX = auto()  # a value of a type that its place does not take
    VERSION = auto()
    UNKNOWN_FIELD = auto()
    MISSING_FIELD = auto()
    PROHIBITED_FIELD = auto()
    NO_STATEMENT = auto()
    EFFECT = auto()
    SID = auto()
    ACTION = auto()
    RESOURCE = auto()
    PRINCIPAL = auto()
    OPERATOR = auto()
    CONDITION_KEY = auto()


class PolicyFault(Exception):
    """A document that breaks the grammar.

    Args:
        reason: The rule.
        value: The field's name or the value that broke it, '' where there is none.
        message: IAM's wording.
    """

    def __init__(self, reason: FaultReason, value: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.value = value
        self.message = message
