"""What IAM's parsers refuse in well-formed statements, in the order in which they look (recorded)."""

from __future__ import annotations

import re

from sagehen.domain.policies import FaultReason, PolicyKind
from sagehen.services.iam.grammar.dates import is_date
from sagehen.services.iam.grammar.operators import split_operator
from sagehen.services.iam.grammar.resources import is_cut_short, resource_fault, service_fault
from sagehen.services.iam.grammar.statements import SYNTAX, Statement, fault

_LEGACY = "The policy failed legacy parsing"
# What stands before the colon of an action; IAM's sentence for others is recorded.
_VENDOR = re.compile(r"[a-z0-9.-]+", re.IGNORECASE)


def check_legacy(statement: Statement, strict: bool) -> None:
    """Check what IAM's older parser, which looks before the newer one goes on, is known to refuse."""
    message = _LEGACY if strict else SYNTAX
    if statement.effect not in ("Allow", "Deny"):
        raise fault(FaultReason.EFFECT, message, statement.effect)
    if not strict:
        return
    for name, _, values in statement.conditions:
        if split_operator(name)[1].startswith("date") and not all(map(is_date, values)):
            raise fault(FaultReason.SYNTAX, message)
    resources = statement.resources or ()
    if any(map(is_cut_short, resources)) and not any(map(resource_fault, resources)):
        raise fault(FaultReason.RESOURCE, message)


def check_present(statement: Statement, kind: PolicyKind, strict: bool) -> None:
    """Check that a kind of policy has the elements that it must have, and none that it must not.

    Raises:
        MalformedPolicyDocument
    """
    if not statement.actions:
        raise fault(FaultReason.MISSING_FIELD, "Policy statement must contain actions.", "Action")
    if kind is PolicyKind.IDENTITY:
        if statement.principals is not None:
            message = "Policy document should not specify a principal."
            raise fault(FaultReason.PROHIBITED_FIELD, message, "Principal")
    elif statement.principals is None:
        raise fault(FaultReason.MISSING_FIELD, "Missing required field Principal", "Principal")
    if kind is PolicyKind.TRUST:
        if statement.resources is not None:
            raise fault(FaultReason.PROHIBITED_FIELD, "Has prohibited field Resource", "Resource")
    elif not statement.resources:
        raise fault(FaultReason.MISSING_FIELD, "Policy statement must contain resources.", "Resource")


def check_resources(statement: Statement, kind: PolicyKind, strict: bool) -> None:
    """Check the form of ARNs; what IAM and S3 have against ARNs of their own only where `strict`.

    Raises:
        MalformedPolicyDocument
    """
    for resource in statement.resources or ():
        if message := resource_fault(resource) or (service_fault(resource) if strict else ""):
            raise fault(FaultReason.RESOURCE, message)


def check_actions(statement: Statement, kind: PolicyKind, strict: bool) -> None:
    """Check the form of actions; trust policies have those of STS alone.

    Raises:
        MalformedPolicyDocument
    """
    for action in statement.actions:
        if action == "*":
            continue
        vendor, colon, name = action.partition(":")
        if not colon or not name:
            raise fault(
                FaultReason.ACTION,
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.",
            )
        if ":" in name:
            raise fault(FaultReason.ACTION, "Actions/Condition can contain only one colon.")
        if vendor != "*" and not _VENDOR.fullmatch(vendor):
            raise fault(FaultReason.ACTION, f"Vendor {vendor} is not valid")
    if kind is PolicyKind.TRUST and any(not name.lower().startswith("sts:") for name in statement.actions):
        raise fault(FaultReason.ACTION, "AssumeRole policy may only specify STS AssumeRole actions.")
