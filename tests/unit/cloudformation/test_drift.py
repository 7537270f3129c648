"""What is drift: of what the template names alone, whatever the order of lists and the form of values."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.api.bounded.budget import BudgetSpent, within
from sagehen.services.cloudformation.drift.comparing import differences, own_tags
from sagehen.services.cloudformation.types.known import ABSENT
from sagehen.services.cloudformation.types.resource_type import resource_types

TYPES = resource_types()
POLICY = {"Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]}


@pytest.mark.parametrize(
    ("wanted", "found", "told"),
    [
        (60, "60", []),
        ("true", True, []),
        ({"Status": "Enabled"}, {"status": "Enabled", "MFADelete": "Disabled"}, []),
        ({"Status": "Enabled"}, {"Status": "Suspended"}, [("/P/Status", "NOT_EQUAL")]),
        ({"Status": "Enabled"}, ABSENT, [("/P", "REMOVE")]),
        ({"A": {"B": 1, "C": 2}}, {"A": {"B": 1}}, [("/P/A/C", "REMOVE")]),
        ([], ABSENT, []),
        (["a", "b"], ["b", "a"], []),
        (["a"], ["a", "b"], [("/P", "NOT_EQUAL")]),
        (["a", "a"], ["a", "b"], [("/P", "NOT_EQUAL")]),
        ([{"K": 1}], [{"K": "1", "more": 2}], []),
        (POLICY, '{"Statement": [{"Effect": "Allow", "Action": ["s3:Get*"], "Resource": "*"}]}', []),
        (POLICY, '{"Statement": []}', [("/P/Statement", "REMOVE")]),
        ("", None, []),
    ],
)
def test_what_differs_is_told_where_it_differs(wanted: Any, found: Any, told: list[tuple[str, str]]) -> None:
    every = list(differences("/P", wanted, found))
    assert [(one["PropertyPath"], one["DifferenceType"]) for one in every] == told


def test_long_lists_and_deep_documents_have_an_end() -> None:
    numbers = list(range(20_000))
    with pytest.raises(BudgetSpent):
        within(0.05, lambda: list(differences("/P", numbers, numbers[::-1])))
    deep = "[" * 100_000
    assert list(differences("/P", deep, deep)) == []


def test_tags_of_aws_s_own_are_no_drift() -> None:
    assert own_tags([{"Key": "aws:x", "Value": 1}, {"Key": "k", "Value": 2}]) == [{"Key": "k", "Value": 2}]
    assert own_tags({"aws:x": 1, "k": 2}) == {"k": 2}


@pytest.mark.parametrize("name", sorted(name for name, kind in TYPES.items() if kind.read))
def test_what_a_reading_gives_are_properties_that_are_sent(name: str) -> None:
    kind = TYPES[name]
    sent = kind.named_properties | {one for step in kind.update for one in step["on"]} | {"Tags"}
    gives = {one for step in kind.read for one in step.get("gives") or {}}
    takes = kind.takes_rest is not None
    assert takes or gives <= sent | {"*"}, gives - sent
