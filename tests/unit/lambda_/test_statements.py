"""Statements of resource policies."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.lambda_.errors import (
    InvalidParameterValueException,
    ResourceConflictException,
    ResourceNotFoundException,
)
from sagehen.services.lambda_.statements import (
    ResourcePolicy,
    allowing,
    with_statement,
    without_statement,
)


@pytest.mark.parametrize(
    ("principal", "element"),
    [
        ("*", "*"),
        ("123456789012", {"AWS": "arn:aws:iam::123456789012:root"}),
        ("arn:aws:iam::123456789012:user/u", {"AWS": "arn:aws:iam::123456789012:user/u"}),
        ("arn:aws-cn:iam::123456789012:role/r", {"AWS": "arn:aws-cn:iam::123456789012:role/r"}),
        ("s3.amazonaws.com", {"Service": "s3.amazonaws.com"}),
        ("logs.us-east-1.amazonaws.com", {"Service": "logs.us-east-1.amazonaws.com"}),
        ("s3.amazonaws.com.cn", {"Service": "s3.amazonaws.com.cn"}),
        ("s3.example.com", None),
        ("12345678901", None),
        ("arn:aws:s3:::bucket", None),
        ("", None),
    ],
)
def test_principals(principal: str, element: Any) -> None:
    if element is None:
        with pytest.raises(InvalidParameterValueException, match="The provided principal was invalid"):
            allowing("sid", principal, "lambda:InvokeFunction", "arn")
    else:
        assert allowing("sid", principal, "lambda:InvokeFunction", "arn")["Principal"] == element


ONE, TWO = {"Sid": "one"}, {"Sid": "two"}


def test_statements_keep_their_order() -> None:
    assert with_statement([ONE], TWO) == [ONE, TWO]
    with pytest.raises(ResourceConflictException, match=r"^The statement id \(one\) provided already exists"):
        with_statement([ONE, TWO], dict(ONE))


@pytest.mark.parametrize(
    ("statements", "sid", "left", "message"),
    [
        ([ONE, TWO], "one", [TWO], ""),
        ([ONE], "one", [], ""),
        ([ONE], "two", None, r"^Statement two is not found in resource policy\.$"),
        ([], "one", None, r"^No policy is associated with the given resource\.$"),
    ],
)
def test_removal(statements: list[Any], sid: str, left: list[Any] | None, message: str) -> None:
    if left is None:
        with pytest.raises(ResourceNotFoundException, match=message):
            without_statement(statements, sid)
    else:
        assert without_statement(statements, sid) == left


def test_a_policy_is_written_without_spaces() -> None:
    document = ResourcePolicy([ONE]).document()
    assert document == '{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"one"}]}'
