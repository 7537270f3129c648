"""What is taken of a request, and what an API's definition finds in itself."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.domain.scope import Scope
from sagehen.services.apigateway.documents.definition import Definition, given
from sagehen.services.apigateway.errors import NotFoundException

SAID = {"a": "x", "empty": "", "zero": 0, "no": False, "none": None, "map": {}}


@pytest.mark.parametrize(
    ("members", "empty", "taken"),
    [
        (("a",), False, {"a": "x"}),
        (("missing",), False, {}),
        (("missing",), True, {}),
        (("none",), True, {}),
        (("empty", "zero", "no", "map"), False, {}),
        (("empty", "zero", "no", "map"), True, {"empty": "", "zero": 0, "no": False, "map": {}}),
    ],
)
def test_what_is_given(members: tuple[str, ...], empty: bool, taken: dict[str, Any]) -> None:
    assert given(SAID, *members, empty=empty) == taken


def test_members_come_in_the_order_asked_for() -> None:
    assert list(given({"b": 1, "a": 2}, "a", "b")) == ["a", "b"]


@pytest.mark.parametrize(
    ("resource", "verb", "missing"),
    [
        ("none", "GET", "Invalid Resource identifier specified"),
        ("root", "PUT", "Invalid Method identifier specified"),
        ("root", "GET", "Invalid Integration identifier specified"),
    ],
)
def test_what_is_missing_is_named(resource: str, verb: str, missing: str) -> None:
    definition = Definition.new(Scope("111122223333", "us-east-1"), {"id": "api"}, "root")
    definition.root["resourceMethods"]["GET"] = {"httpMethod": "GET"}
    with pytest.raises(NotFoundException) as raised:
        definition.integration(resource, verb)
    assert raised.value.message == missing


def test_a_copy_shares_nothing() -> None:
    definition = Definition.new(Scope("111122223333", "us-east-1"), {"id": "api"}, "root")
    copied = definition.copied()
    copied.root["resourceMethods"]["GET"] = {}
    copied.settings["name"] = "other"
    assert (definition.root["resourceMethods"], definition.settings) == (
        {},
        {"id": "api", "rootResourceId": "root"},
    )


@pytest.mark.parametrize(
    ("member", "value", "where"),
    [
        ("authorizerId", "a", "//GET"),  # of the root (recorded of models)
        ("requestValidatorId", "v", "/pets/{id}/ANY"),
        ("requestValidatorId", "a", None),
        ("none", "a", None),
    ],
)
def test_who_refers_to_a_part(member: str, value: str, where: str | None) -> None:
    definition = Definition.new(Scope("111122223333", "us-east-1"), {"id": "api"}, "root")
    definition.root["resourceMethods"]["GET"] = {"httpMethod": "GET", "authorizerId": "a"}
    definition.resources["pet"] = {
        "id": "pet",
        "path": "/pets/{id}",
        "resourceMethods": {"ANY": {"httpMethod": "ANY", "authorizerId": "a", "requestValidatorId": "v"}},
    }
    assert definition.method_with(member, value) == where
