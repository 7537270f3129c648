"""Parameters of a request, in every shape that somebody wants them in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from sagehen.services.apigateway.data_plane.messages.message import ApiRequest, ApiResponse, status_of
from sagehen.services.apigateway.data_plane.messages.parameters import MethodParameters


def parameters(
    query: str = "", headers: tuple[tuple[str, str], ...] = (), path: dict[str, str] | None = None
) -> MethodParameters:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    request = ApiRequest("r", "api", "prod", "GET", "/", query, headers, b"", "192.0.2.1", "h", at)
    return MethodParameters(request, path or {})


@pytest.mark.parametrize(
    ("query", "lists"),
    [
        ("", {}),
        ("a=1", {"a": ["1"]}),
        ("a=1&b=2&a=3", {"a": ["1", "3"], "b": ["2"]}),
        ("a", {"a": [""]}),
        ("a=", {"a": [""]}),
        ("a=b=c", {"a": ["b=c"]}),
        ("a=b+c%20d", {"a": ["b c d"]}),
        ("a%5B%5D=1&a[]=2", {"a[]": ["1", "2"]}),
        ("a=%C3%A5", {"a": ["å"]}),
        ("a=%FF", {"a": ["\ufffd"]}),
        ("A=1&a=2", {"A": ["1"], "a": ["2"]}),
        ("&&a=1&", {"a": ["1"]}),
    ],
)
def test_queries(query: str, lists: dict[str, list[str]]) -> None:
    found = parameters(query)
    assert found.query_lists == lists
    assert found.query == {name: values[-1] for name, values in lists.items()}


def test_headers_keep_their_first_spelling() -> None:
    found = parameters(
        headers=(("X-One", "1"), ("x-two", "2"), ("x-ONE", "3"), ("TE", "x"), ("Upgrade", "y"))
    )
    assert found.header_lists == {"X-One": ["1", "3"], "x-two": ["2"]}
    assert found.headers == {"X-One": "3", "x-two": "2"}
    assert (found.header("X-TWO"), found.header_values("x-one"), found.header("te")) == (
        "2",
        ["1", "3"],
        None,
    )


@pytest.mark.parametrize(
    ("raw", "decoded"), [("a", "a"), ("a%20b", "a b"), ("a+b", "a+b"), ("%2F", "/"), ("%zz", "%zz")]
)
def test_paths(raw: str, decoded: str) -> None:
    assert parameters(path={"id": raw}).path == {"id": decoded}


@pytest.mark.parametrize(
    ("value", "status"),
    [
        (200, 200),
        ("200", 200),
        (100, 100),
        (599, 599),
        (99, None),
        (600, None),
        ("0200", None),
        ("20", None),
        ("+20", None),
        ("²⁰⁰", None),
        (200.0, None),
        (True, None),
        (None, None),
        ([200], None),
    ],
)
def test_statuses(value: object, status: int | None) -> None:
    assert status_of(value) == status


def test_a_header_takes_the_place_of_all_of_its_name() -> None:
    response = ApiResponse(200, [("A", "1"), ("a", "2"), ("b", "3")])
    response.set_headers("a", ["4", "5"])
    assert response.headers == [("b", "3"), ("a", "4"), ("a", "5")]
    assert (response.header("A"), response.header("c")) == ("4", None)
