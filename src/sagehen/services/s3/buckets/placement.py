"""Where a new bucket goes: the constraint and the endpoint that was asked. Pure."""

from __future__ import annotations

import re

from sagehen.services.s3.errors.buckets import (
    IllegalLocationConstraintException,
    InvalidLocationConstraint,
)

# Its endpoint is the one that was there before regions, and keeps its ways.
GLOBAL_REGION = "us-east-1"
# Wide enough for regions to come: which ones there are S3 does not say here, from memory.
_REGION = re.compile(r"[a-z]{2,3}(?:-[a-z]+){1,2}-\d{1,2}")


def bucket_region(constraint: str | None, endpoint_region: str) -> str:
    """Return where a new bucket goes.

    The endpoint of us-east-1 is the global one and makes buckets anywhere; every other makes them
    at home only, and wants to be told so.

    Raises:
        InvalidLocationConstraint: us-east-1, which is asked for by saying nothing, or no region at all.
        IllegalLocationConstraintException: The constraint is another region than the endpoint's.
    """
    region = "eu-west-1" if constraint == "EU" else constraint  # EU is older than region names
    if endpoint_region != GLOBAL_REGION:
        if region != endpoint_region:
            raise IllegalLocationConstraintException(
                f"The {constraint or 'unspecified'} location constraint is incompatible for the region "
                "specific endpoint this request was sent to."
            )
        return endpoint_region
    if constraint is not None and (region == GLOBAL_REGION or not _REGION.fullmatch(region or "")):
        raise InvalidLocationConstraint(
            "The specified location-constraint is not valid", LocationConstraint=constraint
        )
    return region or GLOBAL_REGION
