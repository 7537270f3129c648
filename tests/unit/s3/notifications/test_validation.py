"""Which notification wants which event. Pure."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.s3.errors.requests import InvalidArgument
from sagehen.services.s3.events.rules import fits
from sagehen.services.s3.notifications.validation import check_overlaps, check_rule

ARN = "arn:aws:lambda:us-east-1:123456789012:function:f"


def rule(*events: str, prefix: str = "", suffix: str = "") -> dict[str, Any]:
    rules = [{"Name": "Prefix", "Value": prefix}] if prefix else []
    rules += [{"Name": "suffix", "Value": suffix}] if suffix else []
    wanted: dict[str, Any] = {"LambdaFunctionArn": ARN, "Events": list(events)}
    return {**wanted, "Filter": {"Key": {"FilterRules": rules}}} if rules else wanted


@pytest.mark.parametrize(
    ("wanted", "name", "key", "expected"),
    [
        (rule("s3:ObjectCreated:*"), "ObjectCreated:Put", "a", True),
        (rule("s3:ObjectCreated:*"), "ObjectRemoved:Delete", "a", False),
        (rule("s3:ObjectCreated:Copy"), "ObjectCreated:Put", "a", False),
        (rule("s3:ObjectCreated:Put", prefix="in/"), "ObjectCreated:Put", "in/a", True),
        (rule("s3:ObjectCreated:Put", prefix="in/"), "ObjectCreated:Put", "out/in/a", False),
        (rule("s3:ObjectCreated:Put", suffix=".png"), "ObjectCreated:Put", "a.png.txt", False),
        (rule("s3:ObjectCreated:Put", "s3:ObjectRemoved:*"), "ObjectRemoved:DeleteMarkerCreated", "a", True),
    ],
)
def test_fits(wanted: dict[str, Any], name: str, key: str, expected: bool) -> None:
    assert fits(wanted, name, key) is expected


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        (rule("s3:ObjectCreated:*"), rule("s3:ObjectRemoved:*"), False),
        (rule("s3:ObjectCreated:*"), rule("s3:ObjectCreated:Put"), True),
        (rule("s3:ObjectCreated:*", prefix="a/"), rule("s3:ObjectCreated:*", prefix="b/"), False),
        (rule("s3:ObjectCreated:*", prefix="a/"), rule("s3:ObjectCreated:*", prefix="a/b/"), True),
        (rule("s3:ObjectCreated:*", suffix=".png"), rule("s3:ObjectCreated:*", suffix=".jpg"), False),
        (
            rule("s3:ObjectCreated:*", prefix="a/", suffix=".png"),
            rule("s3:ObjectCreated:*", prefix="a/", suffix=".jpg"),
            False,
        ),
    ],
)
def test_overlaps(one: dict[str, Any], other: dict[str, Any], overlap: bool) -> None:
    if overlap:
        with pytest.raises(InvalidArgument, match="Configuration is ambiguously defined"):
            check_overlaps([one, other])
    else:
        check_overlaps([one, other])


def test_two_prefixes() -> None:
    doubled = rule("s3:ObjectCreated:*", prefix="a/")
    doubled["Filter"]["Key"]["FilterRules"].append({"Name": "prefix", "Value": "b/"})
    with pytest.raises(InvalidArgument, match="more than one prefix rule"):
        check_rule(doubled)
