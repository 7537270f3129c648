"""Which CORS rule lets a request through: a table of origins, methods and headers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from sagehen.gateway.s3.cors import matching_rule

_RULES: list[dict[str, Any]] = [
    {"ID": "exact", "AllowedOrigins": ["https://one.example"], "AllowedMethods": ["PUT"]},
    {
        "ID": "starred",
        "AllowedOrigins": ["https://*.example.com"],
        "AllowedMethods": ["GET", "PUT"],
        "AllowedHeaders": ["x-amz-*", "Content-Type"],
    },
    {"ID": "all", "AllowedOrigins": ["*"], "AllowedMethods": ["GET"], "AllowedHeaders": ["*"]},
]


@pytest.mark.parametrize(
    ("origin", "method", "headers", "rule"),
    [
        ("https://one.example", "PUT", (), "exact"),
        ("https://one.example", "PUT", ("x-amz-date",), None),  # a rule without headers allows none
        ("https://one.example", "DELETE", (), None),
        ("https://www.example.com", "PUT", (), "starred"),
        ("https://www.example.com", "GET", (), "starred"),  # the first that fits, not the best
        ("https://www.example.com", "PUT", ("x-amz-meta-a", "content-type"), "starred"),
        ("https://www.example.com", "PUT", ("x-amz-meta-a", "x-other"), None),
        ("https://www.example.com", "GET", ("x-other",), "all"),
        ("https://example.com", "PUT", (), None),  # the star stands for a name and its dot
        ("https://.example.com", "PUT", (), "starred"),  # and for nothing
        ("http://www.example.com", "PUT", (), None),
        ("null", "GET", ("anything",), "all"),
        ("null", "GET", tuple(f"x-{n}" for n in range(100)), "all"),
        ("null", "GET", tuple(f"x-{n}" for n in range(101)), None),  # more than anybody looks at
    ],
)
def test_the_rule_that_lets_a_request_through(
    origin: str, method: str, headers: Sequence[str], rule: str | None
) -> None:
    found = matching_rule(_RULES, origin, method, headers)
    assert (found["ID"] if found else None) == rule


def test_a_pattern_does_not_match_with_the_same_letters_twice() -> None:
    rules = [{"AllowedOrigins": ["ab*ba"], "AllowedMethods": ["GET"]}]
    assert matching_rule(rules, "aba", "GET", ()) is None
    assert matching_rule(rules, "abba", "GET", ()) is not None
