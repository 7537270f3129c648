"""Which keys CreateKey makes, and what it needs to be allowed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sagehen.api.context import RequestContext
from sagehen.api.errors import NotImplementedOperation, ValidationException
from sagehen.api.operation import Request
from sagehen.domain.access import Access
from sagehen.services.kms.keys.access import request_conditions
from sagehen.services.kms.keys.specs import BUILT, SYMMETRIC, usages
from sagehen.services.kms.policies.guard import lockout_bypass


def on_creation(_: Any, context: RequestContext, request: Request) -> Iterator[Access]:
    """The access rule of CreateKey, and of TagResource where it has tags; there is no ARN yet."""
    spec = request.get("KeySpec") or request.get("CustomerMasterKeySpec") or SYMMETRIC
    usage = request.get("KeyUsage") or usages(spec)[0]
    conditions = {
        **request_conditions(context.principal.account_id, request),
        "kms:KeySpec": spec,
        "kms:KeyUsage": usage,
        "kms:KeyOrigin": request.get("Origin", "AWS_KMS"),
        "kms:MultiRegion": str(bool(request.get("MultiRegion"))).lower(),
        "kms:MultiRegionKeyType": "PRIMARY" if request.get("MultiRegion") else "NONE",
    }
    bypass = {"kms:BypassPolicyLockoutSafetyCheck": lockout_bypass(request)}
    yield Access("kms:CreateKey", "*", {**conditions, **bypass})
    if request.get("Tags"):
        yield Access("kms:TagResource", "*", conditions)


def checked_spec(request: Mapping[str, Any]) -> str:
    """Return the spec of the key that is asked for.

    Raises:
        ValidationException: It is given twice.
        NotImplementedOperation: Specs, regions, stores and origins that are not built.
    """
    spec, older = request.get("KeySpec"), request.get("CustomerMasterKeySpec")
    # From memory.
    if spec and older:
        raise ValidationException(
            "You cannot specify KeySpec and CustomerMasterKeySpec in the same request."
            " CustomerMasterKeySpec is deprecated."
        )
    chosen: str = spec or older or SYMMETRIC
    if chosen not in BUILT:
        raise NotImplementedOperation(f"CreateKey: keys of spec {chosen} are not implemented.")
    if request.get("MultiRegion"):
        raise NotImplementedOperation("CreateKey: multi-Region keys are not implemented.")
    if request.get("CustomKeyStoreId") or request.get("XksKeyId"):
        raise NotImplementedOperation("CreateKey: custom key stores are not implemented.")
    origin = request.get("Origin", "AWS_KMS")
    if origin not in ("AWS_KMS", "EXTERNAL"):
        raise NotImplementedOperation(f"CreateKey: material of origin {origin} is not implemented.")
    return chosen


def checked_usage(request: Mapping[str, Any], spec: str) -> str:
    # The sentence of a usage that is missing is recorded, the other one from memory.
    """Return what the key is for; a symmetric key needs no word of it.

    Raises:
        ValidationException: It is missing, or none of the spec's.
    """
    possible = usages(spec)
    usage: str | None = request.get("KeyUsage")
    if usage is None:
        if len(possible) > 1 or spec != SYMMETRIC:
            raise ValidationException(
                "You must specify a KeyUsage value for all KMS keys except for symmetric encryption keys."
            )
        return possible[0]
    if usage not in possible:
        raise ValidationException(f"KeyUsage {usage} is not compatible with KeySpec {spec}")
    return usage
