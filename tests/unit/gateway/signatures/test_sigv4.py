"""Canonical paths and queries."""

from __future__ import annotations

import pytest

from sagehen.gateway.signatures.sigv4 import canonical_path, canonical_query


@pytest.mark.parametrize(
    ("path", "single", "double"),
    [
        ("/", "/", "/"),
        ("", "/", "/"),
        ("/a%20b", "/a%20b", "/a%2520b"),
        ("/a//b/./c/../d/", "/a//b/./c/../d/", "/a/b/d/"),
        ("/(x)", "/%28x%29", "/%28x%29"),
        ("/..", "/..", "/"),
    ],
)
def test_canonical_paths(path: str, single: str, double: str) -> None:
    assert (canonical_path(path, True), canonical_path(path, False)) == (single, double)


def test_canonical_query() -> None:
    assert canonical_query("b=2&a&A=%7e&b=1&c=x/y") == "A=~&a=&b=1&b=2&c=x%2Fy"
    assert canonical_query("") == ""
