"""Which tags an entity may have: keys of users and roles are compared without case, all others with it."""

from __future__ import annotations

import pytest

from sagehen.services.iam.entities.entity import Kind
from sagehen.services.iam.entities.tags import MAX_TAGS, merged_tags, tags_of, without_tags
from sagehen.services.iam.errors import InvalidInput, LimitExceeded


@pytest.mark.parametrize(
    ("kind", "keys", "refused"),
    [
        (Kind.USER, ("a", "b"), ""),
        (Kind.USER, ("a", "a"), "Duplicate tag keys found. Please note that Tag keys are case insensitive."),
        (Kind.USER, ("a", "A"), "Duplicate tag keys found. Please note that Tag keys are case insensitive."),
        (Kind.ROLE, ("a", "A"), "Duplicate tag keys found. Please note that Tag keys are case insensitive."),
        (Kind.POLICY, ("a", "A"), ""),
        (Kind.INSTANCE_PROFILE, ("a", "A"), ""),
        (Kind.POLICY, ("a", "a"), "Duplicate tag keys found."),
        (Kind.USER, ("aws:a",), "Tags starting with aws: are reserved."),
        (Kind.POLICY, ("AWS:a",), "Tags starting with aws: are reserved."),
    ],
)
def test_keys_of_a_request(kind: Kind, keys: tuple[str, ...], refused: str) -> None:
    request = {"Tags": [{"Key": key, "Value": "v"} for key in keys]}
    if not refused:
        assert tags_of(request, kind) == dict.fromkeys(keys, "v")
        return
    with pytest.raises(InvalidInput) as caught:
        tags_of(request, kind)
    assert caught.value.message == refused


@pytest.mark.parametrize(
    ("case", "old", "new", "merged"),
    [
        (True, {}, {"a": "1"}, {"a": "1"}),
        (True, {"a": "1", "b": "2"}, {"a": "3"}, {"a": "3", "b": "2"}),
        (True, {"a": "1"}, {"A": "2"}, {"a": "1", "A": "2"}),
        (False, {"a": "1", "b": "2"}, {"A": "3"}, {"b": "2", "A": "3"}),
    ],
)
def test_new_tags_over_old_ones(
    case: bool, old: dict[str, str], new: dict[str, str], merged: dict[str, str]
) -> None:
    assert merged_tags(old, new, case=case) == merged


@pytest.mark.parametrize(
    ("had", "more", "fits"), [(MAX_TAGS - 1, 1, True), (MAX_TAGS, 1, False), (0, 51, False)]
)
def test_how_many(had: int, more: int, fits: bool) -> None:
    old = {f"old{number}": "" for number in range(had)}
    new = {f"new{number}": "" for number in range(more)}
    if fits:
        assert len(merged_tags(old, new, case=False)) == had + more
        return
    with pytest.raises(LimitExceeded):
        merged_tags(old, new, case=False)


def test_a_new_value_needs_no_room() -> None:
    full = {f"k{number}": "" for number in range(MAX_TAGS)}
    assert merged_tags(full, {"K0": "new"}, case=False)["K0"] == "new"
    with pytest.raises(LimitExceeded):
        merged_tags(full, {"K0": "new"}, case=True)


@pytest.mark.parametrize(
    ("case", "gone", "left"),
    [
        (True, ["a"], {"B": "2"}),
        (True, ["A", "b"], {"a": "1", "B": "2"}),
        (False, ["A", "b"], {}),
        (True, [], {"a": "1", "B": "2"}),
    ],
)
def test_untagging(case: bool, gone: list[str], left: dict[str, str]) -> None:
    assert without_tags({"a": "1", "B": "2"}, gone, case=case) == left
