from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sagehen.services.apigateway.documents.effects import (
    boolean,
    entry,
    field,
    integer,
    named_element,
    nested,
    number,
    valued_element,
)
from sagehen.services.apigateway.documents.patches import ADD_REMOVE_REPLACE, REPLACE, Patch, PatchTable, Row
from sagehen.services.apigateway.errors import BadRequestException, NotFoundException


def _keep_names(document: dict[str, Any], patch: Patch) -> None:
    document["names"] = patch.names


TABLE = PatchTable(
    Row("/name", REPLACE, field("name")),
    Row("/on", ("replace", "remove"), field("on", boolean)),
    Row("/limits/burst", REPLACE, nested("limits", "burst", integer)),
    Row("/parameters/{name}", ADD_REMOVE_REPLACE, entry("parameters")),
    Row("/types/{type}", ADD_REMOVE_REPLACE, named_element("types")),
    Row("/scopes", ("add", "remove"), valued_element("scopes")),
    Row("/stages/{stage}/throttle/{method*}/rate", ("add",), _keep_names),
)
LISTING = PatchTable(Row("/a", REPLACE, field("a")), Row("/b", REPLACE, field("b")), refusals="paths")

SHORT = PatchTable(Row("/a", REPLACE, field("a")), refusals="path")


def patch(op: str, path: str | None = None, value: str | None = None) -> dict[str, str]:
    operation = {"op": op, "path": path, "value": value}
    return {key: text for key, text in operation.items() if text is not None}


def test_members_structures_and_lists() -> None:
    document: dict[str, Any] = {"name": "old", "on": True}
    TABLE.apply(
        document,
        [
            patch("replace", "/name", "new"),
            patch("replace", "/on"),
            patch("replace", "/limits/burst", "7"),
            patch("add", "/scopes", "a"),
            patch("add", "/scopes", "a"),
            patch("add", "/types/image~1png"),
            patch("add", "/types/a"),
            patch("replace", "/types/image~1png", "image/gif"),
        ],
    )
    assert document == {
        "name": "new",
        "on": False,
        "limits": {"burst": 7},
        "scopes": ["a"],
        "types": ["a", "image/gif"],
    }


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("/stages/a:dev/throttle/~1pets~1GET/rate", ("a:dev", "/pets/GET")),
        ("/stages/a:dev/throttle/~1pets/GET/rate", ("a:dev", "/pets/GET")),
        ("/stages/a:dev/throttle//pets/GET/rate", ("a:dev", "/pets/GET")),
    ],
)
def test_names_of_several_segments(path: str, names: tuple[str, ...]) -> None:
    document: dict[str, Any] = {}
    TABLE.apply(document, [patch("add", path)])
    assert document["names"] == names


@pytest.mark.parametrize(
    ("table", "operation", "message"),
    [
        (TABLE, patch("add", "/name", "x"), "Invalid patch operation specified. Must be one of: [replace]"),
        (TABLE, patch("add", "/on"), "Invalid patch operation specified. Must be 'replace'|'remove'"),
        (TABLE, patch("replace", "/none"), "Invalid patch path /none"),
        (TABLE, patch("replace", "/parameters"), "Invalid patch path /parameters"),
        (TABLE, patch("replace"), "Invalid patch path null"),
        (TABLE, patch("replace", "/limits/burst", "many"), "Invalid number specified: many"),
        (SHORT, patch("add", "/a"), "Invalid patch path /a"),
        (
            LISTING,
            patch("replace", "/c"),
            "Invalid patch path  '/c' specified for op 'replace'. Must be one of: [/a, /b]",
        ),
        (
            LISTING,
            patch("add", "/a"),
            "Invalid patch path  '/a' specified for op 'add'. Please choose supported operations",
        ),
    ],
)
def test_refusals(table: PatchTable, operation: dict[str, str], message: str) -> None:
    with pytest.raises(BadRequestException) as raised:
        table.apply({}, [operation])
    assert raised.value.message == message


@pytest.mark.parametrize(
    "text", ["9" * 11, "9" * 5000, "2147483648", "-2147483649", "1.5", " 1", "1_0", "٣", ""]
)
def test_texts_that_are_no_integer_of_the_model(text: str) -> None:
    with pytest.raises(BadRequestException, match="Invalid number specified"):
        integer(text)


@pytest.mark.parametrize("text", ["nan", "inf", "-Infinity", "1e999", "", "1,5"])
def test_texts_that_are_no_number_of_json(text: str) -> None:
    with pytest.raises(BadRequestException, match="Invalid number specified"):
        number(text)


def test_numbers() -> None:
    assert [integer(text) for text in ("0", "-1", "+7", "2147483647")] == [0, -1, 7, 2**31 - 1]
    assert [number(text) for text in ("0.5", "-1", "1e3")] == [0.5, -1.0, 1000.0]


def test_what_is_not_there_cannot_be_replaced_or_removed() -> None:
    for op in ("replace", "remove"):
        document: dict[str, Any] = {}
        with pytest.raises(NotFoundException, match="Invalid parameter name specified"):
            TABLE.apply(document, [patch(op, "/parameters/a", "b")])
        assert document == {}


@given(st.dictionaries(st.text(min_size=1), st.text()), st.text(min_size=1), st.text())
def test_removing_undoes_adding_whatever_the_name(parameters: dict[str, str], name: str, value: str) -> None:
    parameters.pop(name, None)
    document: dict[str, Any] = {"parameters": dict(parameters)} if parameters else {}
    before = copy.deepcopy(document)
    escaped = name.replace("~", "~0").replace("/", "~1")
    TABLE.apply(document, [patch("add", f"/parameters/{escaped}", value)])
    assert document["parameters"][name] == value
    TABLE.apply(document, [patch("remove", f"/parameters/{escaped}")])
    assert document == before
