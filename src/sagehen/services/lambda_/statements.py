"""Statements of resource policies, as functions and layers have them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.domain.policies import FaultReason, PolicyFault, PolicyKind
from sagehen.domain.ports.identity.resource_policies import ResourceDocuments
from sagehen.services.lambda_.errors import (
    InvalidParameterValueException,
    ResourceConflictException,
    ResourceNotFoundException,
)

Statement = Mapping[str, Any]

_ACCOUNT = re.compile(r"\d{12}")
_IAM_ARN = re.compile(r"arn:aws[a-zA-Z-]*:(iam|sts)::(\d{12}|cloudfront):.+")
_SERVICE = re.compile(r"[a-z0-9.-]+\.(amazonaws\.com(\.cn)?|amazon\.com|internal)")
_NO_PRINCIPAL = "The provided principal was invalid. Please check the principal and try again."


@dataclass(frozen=True, slots=True)
class ResourcePolicy:
    """Statements in the order in which they were added."""

    statements: Sequence[Statement]

    def document(self) -> str:
        """Return the policy as GetPolicy shows it: without spaces, with AWS's Id `default` (recorded)."""
        return document_of({"Version": "2012-10-17", "Id": "default", "Statement": list(self.statements)})


def document_of(value: Mapping[str, Any]) -> str:
    """Return JSON as AWS writes policies and statements: without spaces (recorded)."""
    return json.dumps(value, separators=(",", ":"))


def allowing(sid: str, principal: str, action: str, resource: str) -> dict[str, Any]:
    """Return the statement that AddPermission or AddLayerVersionPermission asks for, without conditions.

    Raises:
        InvalidParameterValueException: The principal is none.
    """
    return {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": _principal(principal),
        "Action": action,
        "Resource": resource,
    }


def _principal(text: str) -> str | dict[str, str]:
    if text == "*":
        return "*"
    if _ACCOUNT.fullmatch(text):
        return {"AWS": f"arn:aws:iam::{text}:root"}
    if _IAM_ARN.fullmatch(text):
        return {"AWS": text}
    if _SERVICE.fullmatch(text):
        return {"Service": text}
    raise InvalidParameterValueException(_NO_PRINCIPAL)


def bound(documents: ResourceDocuments, statement: Statement) -> Statement:
    """Return a statement as it is stored: with the unique id of the user or role that it names.

    Raises:
        InvalidParameterValueException: There is no such principal, or the action is none.
    """
    try:
        document = documents.stored(
            document_of({"Version": "2012-10-17", "Statement": [statement]}), PolicyKind.RESOURCE
        )
    except PolicyFault as fault:
        principal = fault.reason is FaultReason.PRINCIPAL
        raise InvalidParameterValueException(_NO_PRINCIPAL if principal else fault.message) from None
    stored: Statement = json.loads(document)["Statement"][0]
    return stored


def with_statement(statements: Sequence[Statement], added: Statement) -> list[Statement]:
    """Return the statements and one more.

    Raises:
        ResourceConflictException: There is one of that id.
    """
    if any(one["Sid"] == added["Sid"] for one in statements):
        raise ResourceConflictException(
            f"The statement id ({added['Sid']}) provided already exists. Please provide a new statement id, "
            "or remove the existing statement."
        )
    return [*statements, added]


def without_statement(statements: Sequence[Statement], sid: str) -> list[Statement]:
    """Return the statements but one.

    Raises:
        ResourceNotFoundException: There is none of that id.
    """
    if not statements:
        raise ResourceNotFoundException("No policy is associated with the given resource.")
    kept = [one for one in statements if one["Sid"] != sid]
    if len(kept) == len(statements):
        raise ResourceNotFoundException(f"Statement {sid} is not found in resource policy.")
    return kept
