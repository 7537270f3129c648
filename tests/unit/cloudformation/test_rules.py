"""Rules of templates: which assertions hold, of which parameters."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.cloudformation.errors import ValidationError
from sagehen.services.cloudformation.templates.context import Context
from sagehen.services.cloudformation.templates.rules import check_rules

CONTEXT = Context({"Zone": "a", "Many": ["a", "b"], "Size": "3"}, {"AWS::Region": "us-east-1"})
CONTAINS = {"Fn::Contains": [["a", "b"], {"Ref": "Zone"}]}
EQUALS = {"Fn::Equals": [{"Ref": "Zone"}, "b"]}


@pytest.mark.parametrize(
    ("assertion", "holds"),
    [
        (CONTAINS, True),
        ({"Fn::Not": [CONTAINS]}, False),
        ({"Fn::Contains": [["1", 3], {"Ref": "Size"}]}, True),
        (EQUALS, False),
        ({"Fn::Or": [EQUALS, CONTAINS]}, True),
        ({"Fn::And": [EQUALS, CONTAINS]}, False),
        ({"Fn::EachMemberEquals": [{"Ref": "Many"}, "a"]}, False),
        ({"Fn::EachMemberIn": [{"Ref": "Many"}, ["a", "b", "c"]]}, True),
        ({"Fn::EachMemberIn": [{"Ref": "Many"}, ["a"]]}, False),
    ],
)
def test_an_assertion_holds_or_the_template_is_refused_in_its_words(assertion: Any, holds: bool) -> None:
    rules = {"Rule": {"Assertions": [{"Assert": assertion, "AssertDescription": "it must"}]}}
    if holds:
        check_rules(rules, CONTEXT)
        return
    with pytest.raises(ValidationError, match="it must"):
        check_rules(rules, CONTEXT)


def test_a_rule_whose_condition_does_not_hold_asserts_nothing() -> None:
    never = {"Assert": {"Fn::Equals": ["a", "b"]}}
    check_rules({"Rule": {"RuleCondition": EQUALS, "Assertions": [never]}}, CONTEXT)
    with pytest.raises(ValidationError, match="Rule"):
        check_rules({"Rule": {"RuleCondition": CONTAINS, "Assertions": [never]}}, CONTEXT)


@pytest.mark.parametrize(
    "rule",
    [
        {},
        [],
        {"Assertions": [{"Assert": "no"}]},
        {"Assertions": [{}]},
        {"Assertions": [], "Condition": EQUALS},
        {"Assertions": [{"Assert": CONTAINS, "Description": "it must"}]},
        {"Assertions": [{"Assert": {"Fn::Not": []}}]},
        {"Assertions": [{"Assert": {"Fn::Contains": ["a"]}}]},
    ],
)
def test_what_is_no_rule_is_refused(rule: Any) -> None:
    with pytest.raises(ValidationError, match="Rule"):
        check_rules({"Rule": rule}, CONTEXT)
