"""What a change set shows of values: with them or without, and never a secret."""

from __future__ import annotations

import json

from sagehen.services.cloudformation.change_sets.telling import Values, change_told, shown


def test_values_are_shown_where_they_are_asked_for_and_secrets_never() -> None:
    values = Values({"A": 1, "B": "x"}, {"A": 2, "C": {"url": "db://hush@host"}}, ["hush"])
    change = change_told("Modify", "R", "T", values, None, "False", ["Properties"], ["A", "B", "C"])
    told = shown(change, with_values=True)["ResourceChange"]
    after = json.loads(told["AfterContext"])["Properties"]
    assert after == {"A": 2, "C": {"url": "db://****@host"}}
    targets = [detail["Target"] for detail in told["Details"]]
    assert [one["AttributeChangeType"] for one in targets] == ["Modify", "Remove", "Add"]
    assert (targets[0]["BeforeValue"], targets[0]["AfterValue"]) == ("1", "2")
    assert "hush" not in json.dumps(told)
    plain = shown(change, with_values=False)["ResourceChange"]
    assert "AfterContext" not in plain
    assert all("AfterValue" not in one["Target"] and one["Target"]["Name"] for one in plain["Details"])
