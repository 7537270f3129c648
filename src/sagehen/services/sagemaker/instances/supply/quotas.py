"""Quotas of instance types, in AWS's words. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from sagehen.services.sagemaker.instances.supply.offer import Offer
from sagehen.services.sagemaker.resources.errors import ResourceLimitExceeded

# What is counted apart, as Service Quotas names it (documented: Amazon SageMaker endpoints and quotas).
TRAINING = "training job usage"
SPOT_TRAINING = "spot training job usage"
WARM_POOL = "training warm pool usage"
PROCESSING = "processing job usage"
TRANSFORM = "transform job usage"
ENDPOINT = "endpoint usage"
NOTEBOOK = "notebook instance usage"


def exceeded(instance_type: str, usage: str, limit: int, used: int, delta: int) -> ResourceLimitExceeded:
    """Return AWS's answer to who asks for more instances than the account may have.

    Recorded (aws/amazon-sagemaker-examples issue 1543) but for the last two sentences, which are newer and
    from memory.

    Args:
        usage: One of those above.
        used: Instances that it has.
        delta: Those that it asks for.
    """
    return ResourceLimitExceeded(
        f"The account-level service limit '{instance_type} for {usage}' is {limit} Instances, with current "
        f"utilization of {used} Instances and a request delta of {delta} Instances. "
        "Please use AWS Service Quotas to request an increase for this quota. "
        "If AWS Service Quotas is not available, contact AWS support to request an increase for this quota."
    )


def exceeded_in_all(name: str, limit: int, unit: str, used: int, delta: int) -> ResourceLimitExceeded:
    """Return AWS's answer where something else than instances is counted, in the same form."""
    return ResourceLimitExceeded(
        f"The account-level service limit '{name}' is {limit} {unit}, with current utilization of {used} "
        f"{unit} and a request delta of {delta} {unit}. "
        "Please use AWS Service Quotas to request an increase for this quota. "
        "If AWS Service Quotas is not available, contact AWS support to request an increase for this quota."
    )


def require(offer: Offer, usage: str, used: int, delta: int) -> None:
    """Check that an account may have so many more.

    Raises:
        ResourceLimitExceeded
    """
    if offer.limit is not None and delta > 0 and used + delta > offer.limit:
        raise exceeded(offer.instance_type, usage, offer.limit, used, delta)


def require_all(
    offers: Mapping[str, Offer], usage: str, used: Mapping[str, int], wanted: Mapping[str, int]
) -> None:
    """Check several types at once, by their names.

    Raises:
        ResourceLimitExceeded
    """
    for instance_type, delta in wanted.items():
        if instance_type in offers:
            require(offers[instance_type], usage, used.get(instance_type, 0), delta)
