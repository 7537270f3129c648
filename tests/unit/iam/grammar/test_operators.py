"""Operators of conditions: one value of a policy against one of a request."""

from __future__ import annotations

import pytest

from sagehen.services.iam.grammar.operators import OPERATORS, parse_date, split_operator


@pytest.mark.parametrize(
    ("name", "policy", "request_", "same"),
    [
        ("stringequals", "a", "a", True),
        ("stringequals", "a", "A", False),
        ("stringequals", "a*", "ab", False),
        ("stringequalsignorecase", "a", "A", True),
        ("stringlike", "a*c", "abbc", True),
        ("stringlike", "a?c", "abbc", False),
        ("stringlike", "A*", "abc", False),
        ("numericequals", "1", "1.0", True),
        ("numericequals", "1", "one", False),
        ("numericlessthan", "10", "9", True),
        ("numericlessthan", "10", "10", False),
        ("numericlessthanequals", "10", "10", True),
        ("numericgreaterthan", "10", "10", False),
        ("numericgreaterthan", "10", "10.5", True),
        ("numericgreaterthanequals", "10", "10", True),
        ("dateequals", "2026-01-01T00:00:00Z", "1767225600", True),
        ("datelessthan", "2026-01-01T00:00:00Z", "2025-12-31T23:59:59Z", True),
        ("datelessthan", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z", False),
        ("datelessthanequals", "2026-01-01T00:00:00Z", "2026-01-01T01:00:00+01:00", True),
        ("dategreaterthan", "2026-01-01T00:00:00Z", "2026-01-02", True),
        ("dategreaterthanequals", "2026-01-01", "2026-01-01", True),
        ("dategreaterthan", "2026-01-01", "2026-01-01", False),
        ("dategreaterthan", "2026-01-01", "tomorrow", False),
        ("bool", "true", "True", True),
        ("bool", "true", "false", False),
        ("binaryequals", "aGk=", "aGk=", True),
        ("binaryequals", "aGk=", "no base64", False),
        ("ipaddress", "10.0.0.0/8", "10.1.2.3", True),
        ("ipaddress", "10.0.0.0/8", "11.1.2.3", False),
        ("ipaddress", "10.1.2.3", "10.1.2.3", True),
        ("ipaddress", "2001:db8::/32", "2001:db8::1", True),
        ("ipaddress", "::/0", "10.1.2.3", False),
        ("ipaddress", "10.0.0.0/8", "localhost", False),
        ("arnlike", "arn:aws:s3:::b*", "arn:aws:s3:::bucket/key", True),
        ("arnlike", "arn:*:b", "arn:aws:s3:::b", False),
        ("arnequals", "arn:aws:iam::*:role/r", "arn:aws:iam::123456789012:role/r", True),
    ],
)
def test_one_value_against_another(name: str, policy: str, request_: str, same: bool) -> None:
    make, negated = OPERATORS[name]
    assert not negated
    assert make(policy)(request_) is same


@pytest.mark.parametrize(
    ("name", "policy"),
    [("numericequals", "one"), ("datelessthan", "soon"), ("ipaddress", "10.0.0.0/33"), ("binaryequals", "!")],
)
def test_nonsense_of_a_policy_is_said_when_it_is_made(name: str, policy: str) -> None:
    with pytest.raises(ValueError):  # of float, date, address and base64, each in its words
        OPERATORS[name][0](policy)


def test_every_not_is_its_positive_turned_round() -> None:
    for name, (make, negated) in OPERATORS.items():
        if negated:
            positive = name.replace("not", "", 1)
            assert OPERATORS[positive][0] is make or name.startswith(("numeric", "date")), name
        assert negated == ("not" in name), name


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("StringLike", ("", "stringlike", False)),
        ("StringLikeIfExists", ("", "stringlike", True)),
        ("ForAnyValue:StringLike", ("foranyvalue", "stringlike", False)),
        ("ForAllValues:StringNotLikeIfExists", ("forallvalues", "stringnotlike", True)),
        ("Null", ("", "null", False)),
    ],
)
def test_names_of_operators(name: str, parts: tuple[str, str, bool]) -> None:
    assert split_operator(name) == parts


def test_a_date_without_a_zone_is_in_utc() -> None:
    assert parse_date("2026-01-01T00:00:00") == parse_date("2026-01-01T00:00:00Z") == 1767225600
