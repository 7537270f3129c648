"""Which names buckets may have, and where they go."""

from __future__ import annotations

import pytest

from sagehen.services.s3.buckets.names import is_bucket_name
from sagehen.services.s3.buckets.placement import bucket_region
from sagehen.services.s3.errors.buckets import IllegalLocationConstraintException, InvalidLocationConstraint


@pytest.mark.parametrize("name", ["abc", "a.b-c", "9ab", "a" * 63])
def test_bucket_names(name: str) -> None:
    assert is_bucket_name(name)


@pytest.mark.parametrize(
    "name", ["ab", "a" * 64, "Abc", "a_b", "-abc", "abc-", "a..b", "1.2.3.4", "xn--a", "x-s3alias"]
)
def test_refused_bucket_names(name: str) -> None:
    assert not is_bucket_name(name)


def test_where_a_bucket_goes() -> None:
    assert bucket_region(None, "us-east-1") == "us-east-1"
    assert bucket_region("eu-west-1", "us-east-1") == "eu-west-1"
    assert bucket_region("eu-west-1", "eu-west-1") == "eu-west-1"
    with pytest.raises(InvalidLocationConstraint):
        bucket_region("us-east-1", "us-east-1")
    with pytest.raises(IllegalLocationConstraintException, match="unspecified"):
        bucket_region(None, "eu-west-1")
