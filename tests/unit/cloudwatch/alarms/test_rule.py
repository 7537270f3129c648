"""The grammar of composite alarms' rules."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.services.cloudwatch.alarms.evaluation.rule import parse_rule
from sagehen.services.cloudwatch.errors import ValidationError

STATES = {"up": "OK", "cpu": "ALARM", "new one": "INSUFFICIENT_DATA", "a (b)": "ALARM"}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("ALARM(cpu)", True),
        ('ALARM("cpu")', True),
        ("ALARM( cpu )", True),
        ("OK(cpu)", False),
        ("INSUFFICIENT_DATA(new one)", True),
        ('ALARM("a (b)")', True),
        ("ALARM(arn:aws:cloudwatch:us-east-1:111122223333:alarm:cpu)", True),
        ("ALARM(cpu) AND NOT OK(up)", False),
        ("ALARM(up) OR ALARM(cpu) AND OK(up)", True),
        ("(ALARM(cpu) OR ALARM(up)) AND ALARM(up)", False),
        ("NOT (ALARM(up) OR FALSE)", True),
        ("NOT NOT TRUE", True),
        ("NOT TRUE OR TRUE", True),
        ("ALARM(gone)", False),
        ("NOT ALARM(gone)", True),
        ("TRUE AND\n ALARM(cpu)", True),
    ],
)
def test_rules(text: str, holds: bool) -> None:
    assert parse_rule(text).holds(STATES) is holds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "ALARM",
        "ALARM()",
        "ALARM(cpu",
        "alarm(cpu)",
        "ALARM(cpu) ALARM(up)",
        "ALARM(cpu) AND",
        "OR ALARM(cpu)",
        "(TRUE",
        "TRUE)",
        "TRUE && FALSE",
        "(" * 5000,
        "NOT " * 5000 + "TRUE",
        " OR ".join(f"ALARM(a{index})" for index in range(101)),
    ],
)
def test_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        parse_rule(text)


def test_children_are_named_once_in_order() -> None:
    rule = parse_rule("ALARM(b) OR OK(a) AND NOT ALARM(b)")
    assert rule.children == ("b", "a")


trees = st.recursive(
    st.sampled_from([("ALARM(cpu)", True), ("OK(cpu)", False), ("TRUE", True), ("ALARM(up)", False)]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda p: (f"({p[0][0]} AND {p[1][0]})", p[0][1] and p[1][1])),
        st.tuples(inner, inner).map(lambda p: (f"({p[0][0]} OR {p[1][0]})", p[0][1] or p[1][1])),
        inner.map(lambda one: (f"NOT {one[0]}", not one[1])),
    ),
    max_leaves=20,
)


@given(trees)
def test_rules_mean_what_they_say(tree: tuple[str, bool]) -> None:
    text, holds = tree
    assert parse_rule(text).holds(STATES) is holds
