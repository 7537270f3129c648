"""The tables against AWS's schemas of the types, which cfn-lint ships: what is not taken has its reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from tests.unit.cloudformation import untaken
from tests.unit.cloudformation.test_types import SHAPES, TYPES

if (_FOUND := find_spec("cfnlint")) is None or _FOUND.origin is None:
    pytest.skip("cfn-lint, whose schemas are read, is not here: moto brings it", allow_module_level=True)

_FOLDER = Path(_FOUND.origin).parent / "data" / "schemas"
if not (_FOLDER / "resources").is_dir():
    pytest.skip("this version of cfn-lint keeps its schemas elsewhere", allow_module_level=True)

_INDEX: Mapping[str, str] = json.loads((_FOLDER / "providers" / "us-east-1.json").read_text())
# Those of makers say themselves what they take.
_OF_OPERATIONS = sorted(name for name, kind in TYPES.items() if not kind.made_by)
_SERVICES = {
    name.rpartition("::")[0]: TYPES[name].service for name in _OF_OPERATIONS if name != "AWS::CDK::Metadata"
}


@cache
def schema(name: str) -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((_FOLDER / "resources" / f"{_INDEX[name]}.json").read_text())
    return found


def settable(name: str) -> set[str]:
    told = schema(name).get("readOnlyProperties", ())
    return set(schema(name)["properties"]) - {path.removeprefix("/properties/") for path in told}


def taken(name: str) -> set[str]:
    kind = TYPES[name]
    found = {*kind.named_properties, *(one for step in kind.update for one in step["on"] if one != "*")}
    if rest := kind.takes_rest:
        members = SHAPES.members(*rest)
        found |= {one for one in schema(name)["properties"] if one.lower() in members}
    return found


@pytest.mark.parametrize("name", _OF_OPERATIONS)
def test_every_property_is_taken_or_has_its_reason_and_none_is_made_up(name: str) -> None:
    assert settable(name) - taken(name) == set(untaken.PROPERTIES.get(name, ()))
    assert taken(name) - set(schema(name)["properties"]) == set(untaken.BESIDE.get(name, ()))


@pytest.mark.parametrize("name", _OF_OPERATIONS)
def test_tags_go_where_aws_puts_them(name: str) -> None:
    is_taggable = bool(schema(name).get("tagging", {}).get("taggable"))
    assert is_taggable == ("Tags" in taken(name)) and is_taggable >= bool(TYPES[name].tags)


def test_the_lists_name_types_that_there_are() -> None:
    assert {*untaken.PROPERTIES, *untaken.BESIDE} <= set(_OF_OPERATIONS)


def test_every_type_that_the_operations_here_could_make_has_a_table_or_its_reason() -> None:
    page = Path(__file__).parents[3] / "docs" / "operations.md"  # held true by tests/unit/app
    sections = (one.partition("\n") for one in page.read_text().split("\n## ")[1:])
    operations = {name: set(rest.strip().split(", ")) for name, _, rest in sections}
    could = set()
    for name in _INDEX:
        service = _SERVICES.get(name.rpartition("::")[0])
        if service is not None and name not in TYPES and _could_be_made(name, service, operations[service]):
            could.add(name)
    assert could == set(untaken.TYPES)


def _could_be_made(name: str, service: str, operations: set[str]) -> bool:
    """Tell whether what AWS needs to make one is there, as far as its rights or its name say."""
    rights = schema(name).get("handlers", {}).get("create", {}).get("permissions", ())
    needed = {right.partition(":")[2] for right in rights if right.startswith(f"{service}:")}
    return f"Create{name.rpartition('::')[2]}" in operations or (bool(needed) and needed <= operations)
