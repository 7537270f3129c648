"""Regular expressions of API owners, and JSONPath."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sagehen.services.apigateway.data_plane.mapping.jsonpath import InvalidJsonPath, compile_path
from sagehen.services.apigateway.patterns import (
    MAX_SUBJECT,
    UnsafePattern,
    compile_pattern,
    matches_all,
)


@pytest.mark.parametrize(
    ("pattern", "text", "matches"),
    [
        ("4\\d{2}", "404", True),
        ("4\\d{2}", "4040", False),
        (".*Error.*", "an Error of sorts", True),
        (".*Error.*", "two\nlines of Error", False),
        ("(\\n|.)*Error(.|\\n)*", "two\nlines of Error\n", True),
        ("(\n|.)+", "a\nb", True),
        ("^Bearer [-0-9a-zA-Z._]+$", "Bearer a.b-c", True),
        (".*(Not found|Gone).*", "Gone with the wind", True),
        ("[\\s\\S]*\\[BadRequest\\].*", "x [BadRequest] y", True),
    ],
)
def test_what_people_write(pattern: str, text: str, matches: bool) -> None:
    assert matches_all(text, compile_pattern(pattern)) is matches


@pytest.mark.parametrize("pattern", ["(", "a" * 5000, "(?:a{1000}){1000}"])
def test_what_is_refused(pattern: str) -> None:
    with pytest.raises(UnsafePattern):
        compile_pattern(pattern)


def test_texts_beyond_the_bound_match_nothing() -> None:
    assert not matches_all("a" * (MAX_SUBJECT + 1), compile_pattern("a*"))


@pytest.mark.parametrize("pattern", ["(a+)+$", "[ab]*a[ab]*a[ab]*a[ab]*[cd]", "(?:a|b|ab)*[cd]"])
def test_a_search_without_end_is_given_up(pattern: str) -> None:
    compiled = compile_pattern(pattern)
    began = time.thread_time()
    try:
        assert not matches_all("ab" * 4000 + "!", compiled)
    except UnsafePattern:
        pass
    assert time.thread_time() - began < 1  # far from the 8000^6 steps that it would take


@settings(max_examples=200, deadline=None)
@given(st.text("ab()|*+?{}1,[]^$.\\", max_size=14))
def test_whatever_is_accepted_ends_soon(pattern: str) -> None:
    try:
        compiled = compile_pattern(pattern)
    except UnsafePattern:
        return
    began = time.thread_time()
    try:
        matches_all("a" * 40 + "!", compiled)
    except UnsafePattern:
        pass
    assert time.thread_time() - began < 1


STORE = json.loads(
    """{"store": {"book": [{"title": "A", "price": 8, "tags": ["x"]}, {"title": "B", "price": 12},
        {"title": "C", "price": 23, "isbn": "1"}], "name with space": 1, "a.b": 2, "empty": null}}"""
)


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", STORE),
        ("$.store.book[0].title", "A"),
        ("store.book[1].price", 12),
        ("$['store']['name with space']", 1),
        ("$.store['a.b']", 2),
        ("$.store.book[-1].title", "C"),
        ("$.store.book[*].title", ["A", "B", "C"]),
        ("$.store.book[0,2].title", ["A", "C"]),
        ("$.store.book[1:].title", ["B", "C"]),
        ("$..title", ["A", "B", "C"]),
        ("$.store.book[?(@.price < 20)].title", ["A", "B"]),
        ("$.store.book[?(@.isbn)].title", ["C"]),
        ("$.store.book[?(@.title == 'B')].price", [12]),
        ("$.store.book.length()", 3),
        ("$.store.empty", None),
        ("$.store.nothing", "default"),
        ("$.store.book[7]", "default"),
        ("$..nothing", []),
    ],
)
def test_paths(path: str, found: Any) -> None:
    assert compile_path(path).find(STORE, "default") == found


@settings(max_examples=300, deadline=None)
@given(st.text("$.[]'\"*?@()<>=!,:-019ab ", max_size=20))
def test_any_path_is_read_or_refused(path: str) -> None:
    try:
        compiled = compile_path(path)
        found = compiled.find(STORE, "default")
    except InvalidJsonPath:
        return
    if compiled.definite:  # a part of the document, or what stands for none
        assert found == "default" or json.dumps(found) in json.dumps(STORE) or isinstance(found, int)
    else:
        assert isinstance(found, list)
