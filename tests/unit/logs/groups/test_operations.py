"""Groups: made, described, protected, deleted, listed in pages."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.errors import NotImplementedOperation
from sagehen.services.logs.errors import (
    InvalidParameterException,
    ResourceAlreadyExistsException,
    ResourceNotFoundException,
)
from tests.unit.logs.calls import GROUP
from tests.unit.logs.conftest import Call


async def test_group_life(call: Call) -> None:
    await call("CreateLogGroup", logGroupName=GROUP, tags={"team": "a"})
    with pytest.raises(ResourceAlreadyExistsException, match="The specified log group already exists"):
        await call("CreateLogGroup", logGroupName=GROUP)
    await call("CreateLogGroup", logGroupName="other")
    [group] = (await call("DescribeLogGroups", logGroupNamePrefix="/aws"))["logGroups"]
    assert group["arn"] == f"arn:aws:logs:us-east-1:111122223333:log-group:{GROUP}:*"
    assert group["storedBytes"] == 0
    found = await call("DescribeLogGroups", logGroupNamePattern="th")
    assert [group["logGroupName"] for group in found["logGroups"]] == ["other"]
    arn = group["logGroupArn"]
    await call("TagResource", resourceArn=arn, tags={"b": "2"})
    await call("UntagResource", resourceArn=arn, tagKeys=["team"])
    assert (await call("ListTagsForResource", resourceArn=arn))["tags"] == {"b": "2"}
    assert (await call("ListTagsLogGroup", logGroupName=GROUP))["tags"] == {"b": "2"}
    await call("DeleteLogGroup", logGroupName=GROUP)
    with pytest.raises(ResourceNotFoundException, match=r"The specified log group does not exist\."):
        await call("DescribeLogStreams", logGroupName=GROUP)


async def test_a_key_that_would_encrypt_nothing_is_refused(call: Call) -> None:
    with pytest.raises(NotImplementedOperation, match="kmsKeyId"):
        await call("CreateLogGroup", logGroupName=GROUP, kmsKeyId="arn:aws:kms:us-east-1:111122223333:key/k")
    assert (await call("DescribeLogGroups"))["logGroups"] == []


async def test_pages_of_groups_hold_each_once(call: Call) -> None:
    named = ["/a", "/a/x", "/a/xy", "/b", "/b/é"]
    for name in reversed(named):
        group_class = "INFREQUENT_ACCESS" if name == "/b" else "STANDARD"
        await call("CreateLogGroup", logGroupName=name, logGroupClass=group_class)

    async def names(**more: Any) -> list[str]:
        found: list[str] = []
        while True:
            page = await call("DescribeLogGroups", limit=2, **more)
            assert len(page["logGroups"]) <= 2
            found += [one["logGroupName"] for one in page["logGroups"]]
            if (token := page.get("nextToken")) is None:
                return found
            more["nextToken"] = token

    assert await names() == named
    assert await names(logGroupNamePrefix="/a") == ["/a", "/a/x", "/a/xy"]
    assert await names(logGroupNamePattern="x") == ["/a/x", "/a/xy"]
    assert await names(logGroupClass="STANDARD") == ["/a", "/a/x", "/a/xy", "/b/é"]
    assert await names(logGroupIdentifiers=["/b", "/a", "/none"]) == ["/a", "/b"]
    with pytest.raises(InvalidParameterException):
        await call("DescribeLogGroups", nextToken="x")
