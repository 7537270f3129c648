"""RetryPolicies: after which failures a step begins anew, and when. Pure.

Documented: Retry Policy for Pipeline Steps, with its defaults and bounds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.services.sagemaker.pipelines.definition.refusals import Invalid

SERVICE_FAULT, THROTTLING = "Step.SERVICE_FAULT", "Step.THROTTLING"
INTERNAL_ERROR, CAPACITY, RESOURCE_LIMIT = (
    "SageMaker.JOB_INTERNAL_ERROR",
    "SageMaker.CAPACITY_ERROR",
    "SageMaker.RESOURCE_LIMIT",
)
_TYPES = (SERVICE_FAULT, THROTTLING, INTERNAL_ERROR, CAPACITY, RESOURCE_LIMIT)
_MEMBERS = {"ExceptionType", "IntervalSeconds", "BackoffRate", "MaxAttempts", "ExpireAfterMin"}
_MOST_INTERVAL_S = 43_200
_MOST_ATTEMPTS = 20
_MOST_EXPIRE_MIN = 14_400


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """One policy."""

    exceptions: tuple[str, ...]
    interval_s: float = 1.0
    rate: float = 2.0
    attempts: int = 5
    expire_s: float | None = None

    def again_at(self, retries: int, first_at: float, now: float) -> float | None:
        """Return when to try again; None where it is over.

        Args:
            retries: That there were.
            first_at: When the step began at first.
        """
        if retries >= self.attempts:
            return None
        at = now + min(self.interval_s * self.rate**retries, _MOST_INTERVAL_S)
        return None if self.expire_s is not None and at > first_at + self.expire_s else at


# Documented: Pipelines retries these by itself; how often is not said, and taken from the policies' defaults.
DEFAULT = RetryPolicy((SERVICE_FAULT, THROTTLING))


def policy_for(policies: Sequence[RetryPolicy], exception: str) -> RetryPolicy | None:
    """Return the policy that a failure falls under; None where there is none."""
    return next((one for one in (*policies, DEFAULT) if exception in one.exceptions), None)


def parse(step: str, given: Any) -> tuple[RetryPolicy, ...]:
    """Read a step's RetryPolicies.

    Raises:
        Invalid
    """
    if given is None:
        return ()
    if not isinstance(given, list) or len(given) > _MOST_ATTEMPTS:
        raise Invalid(f"Invalid RetryPolicies of step '{step}'.")
    return tuple(_policy(step, one) for one in given)


def _policy(step: str, given: Any) -> RetryPolicy:
    if not isinstance(given, dict) or not given.keys() <= _MEMBERS:
        raise Invalid(f"Invalid RetryPolicies of step '{step}'.")
    types = given.get("ExceptionType")
    types = [types] if isinstance(types, str) else types
    if not isinstance(types, list) or not types or any(one not in _TYPES for one in types):
        raise Invalid(f"Invalid ExceptionType '{types}' in RetryPolicies of step '{step}'.")
    minutes = _number(step, given, "ExpireAfterMin", 0, _MOST_EXPIRE_MIN, 0)
    return RetryPolicy(
        exceptions=tuple(types),
        interval_s=_number(step, given, "IntervalSeconds", 0, _MOST_INTERVAL_S, 1),
        rate=_number(step, given, "BackoffRate", 0, 1000, 2.0),
        # Either bound may stand alone.
        attempts=int(
            _number(step, given, "MaxAttempts", 1, _MOST_ATTEMPTS, _MOST_ATTEMPTS if minutes else 5)
        ),
        expire_s=minutes * 60.0 if minutes else None,
    )


def _number(step: str, given: dict[str, Any], name: str, least: float, most: float, default: float) -> float:
    value = given.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise Invalid(
            f"Invalid {name} '{value}' in RetryPolicies of step '{step}': between {least} and {most}."
        )
    return value
