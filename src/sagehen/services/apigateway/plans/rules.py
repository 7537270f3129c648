"""What a usage plan may be: checked when it is made and after each update."""

from __future__ import annotations

from collections.abc import Callable

from sagehen.services.apigateway.documents.definition import Document
from sagehen.services.apigateway.errors import BadRequestException, NotFoundException

# Documented: QuotaSettings, period.
PERIODS = ("DAY", "WEEK", "MONTH")


def bad_stage() -> BadRequestException:
    """Return AWS's answer to a stage that is not said as `API:STAGE` (recorded)."""
    return BadRequestException("Invalid API Stage specified")  # recorded


def check_plan(plan: Document, has_stage: Callable[[str, str], bool]) -> None:
    """Check a plan as a whole; a quota without an offset gets one of 0.

    Args:
        plan: The UsagePlan structure.
        has_stage: Whether the scope has an API with a stage, both by name.

    Raises:
        BadRequestException: A bad quota or throttle.
        NotFoundException: A stage that is not there.
    """
    # The words of the refusals are from memory, but for `bad_stage`.
    if not plan.get("name"):
        raise BadRequestException("Usage Plan name cannot be empty")
    if quota := plan.get("quota"):
        if quota.get("limit", 0) <= 0:
            raise BadRequestException("Usage Plan quota limit must be a positive number")
        if quota.get("period") not in PERIODS:
            raise BadRequestException(
                f"Invalid Usage Plan quota period. Valid options are {','.join(PERIODS)}"
            )
        if quota.setdefault("offset", 0) < 0:
            raise BadRequestException("Usage Plan quota offset must not be negative")
    throttles = [plan.get("throttle") or {}]
    for one in plan["apiStages"]:
        throttles.extend((one.get("throttle") or {}).values())
        if not one.get("apiId") or not one.get("stage"):
            raise bad_stage()
        if not has_stage(one["apiId"], one["stage"]):
            raise NotFoundException(f"API Stage not found: {one['apiId']}:{one['stage']}")
    for throttle in throttles:
        if throttle.get("rateLimit", 0) < 0 or throttle.get("burstLimit", 0) < 0:
            raise BadRequestException("Usage Plan throttle limits must not be negative")
