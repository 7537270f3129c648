"""Stack policies: what an update may do, by statements."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.stacks.policies import check_policy, refusal

ALL = {"Effect": "Allow", "Principal": "*", "Action": "Update:*", "Resource": "*"}
DATABASES = {"StringLike": {"ResourceType": ["AWS::RDS::*"]}}


def policy(*statements: dict[str, Any]) -> str:
    return check_policy(json.dumps({"Statement": list(statements)}))


@pytest.mark.parametrize(
    ("statements", "action", "logical_id", "kind", "words"),
    [
        ([ALL], "Update:Delete", "A", "T", None),
        ([{**ALL, "Action": "Update:Modify"}], "Update:Delete", "A", "T", "not allowed"),
        ([{**ALL, "NotAction": "Update:Delete", "Action": None}], "Update:Delete", "A", "T", "not allowed"),
        (
            *([ALL, {**ALL, "Effect": "Deny", "Resource": "LogicalResourceId/Data*"}], "Update:Modify"),
            *("Database", "T", r"Statement \[#2\] does not allow \[Update:Modify\]"),
        ),
        (
            *([ALL, {**ALL, "Effect": "Deny", "Resource": "LogicalResourceId/Data*"}], "Update:Modify"),
            *("Other", "T", None),
        ),
        (
            *([ALL, {**ALL, "Effect": "Deny", "Condition": DATABASES}], "Update:Replace"),
            *("A", "AWS::RDS::DBInstance", "does not allow"),
        ),
        (
            [ALL, {**ALL, "Effect": "Deny", "Condition": DATABASES}],
            "Update:Replace",
            "A",
            "AWS::S3::Bucket",
            None,
        ),
        (
            *([{**ALL, "NotResource": "LogicalResourceId/Kept", "Resource": None}], "Update:Modify"),
            *("Kept", "T", "not allowed"),
        ),
    ],
)
def test_what_a_policy_allows(
    statements: list[dict[str, Any]], action: str, logical_id: str, kind: str, words: str | None
) -> None:
    given = [{name: one for name, one in each.items() if one is not None} for each in statements]
    found = refusal(policy(*given), action, logical_id, kind)
    if words is None:
        assert found is None
    else:
        assert found is not None
        with pytest.raises(ValueError, match=words):
            raise ValueError(found)


def test_without_a_policy_all_is_allowed() -> None:
    assert refusal("", "Update:Delete", "A", "T") is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{}",
        '{"Statement": []}',
        json.dumps({"Statement": [{**ALL, "Effect": "Maybe"}]}),
        json.dumps({"Statement": [{**ALL, "Principal": "me"}]}),
        json.dumps({"Statement": [{**ALL, "Action": "Update:Some"}]}),
        json.dumps({"Statement": [{**ALL, "Resource": 1}]}),
        json.dumps({"Statement": [{**ALL, "Condition": {"Bool": {}}}]}),
        json.dumps({"Statement": [{**ALL, "More": 1}]}),
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="Error validating stack policy"):
        check_policy(text)
