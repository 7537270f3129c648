"""Operators of templates, pair by pair."""

from __future__ import annotations

from typing import Any

import pytest

from sagehen.services.apigateway.data_plane.velocity.operators import apply
from sagehen.services.apigateway.data_plane.velocity.parser import TemplateError


@pytest.mark.parametrize(
    ("left", "sign", "right", "result"),
    [
        (1, "+", 2, 3),
        (1, "-", 2, -1),
        (3, "*", 2, 6),
        # Java's integers round towards zero.
        (7, "/", 2, 3),
        (-7, "/", 2, -3),
        (7, "/", -2, -3),
        (-7, "/", -2, 3),
        (7, "%", 3, 1),
        (-7, "%", 3, -1),
        (7, "%", -3, 1),
        (7.0, "/", 2, 3.5),
        (1, "/", 0, None),
        (1, "%", 0, None),
        ("a", "+", 1, "a1"),
        (1, "+", "a", "1a"),
        ("a", "+", None, "anull"),
        (None, "+", 1, None),
        (1, "*", None, None),
        (None, "<", 1, False),
        (1, ">=", None, False),
        (1, "<", 2, True),
        (2, "le", 2, True),
        (3, "gt", 2, True),
        ("a", "<", "b", True),
        (1, "==", 1.0, True),
        ("1", "==", 1, False),
        ([1, [2]], "eq", [1, [2]], True),
        ({"a": 1}, "==", {"a": 2}, False),
        # Null is the empty text, and nothing else.
        (None, "==", "", True),
        ("", "==", None, True),
        (None, "==", None, True),
        (None, "==", 0, False),
        (None, "==", False, False),
        (None, "!=", "a", True),
    ],
)
def test_pairs(left: Any, sign: str, right: Any, result: Any) -> None:
    found = apply(sign, left, right)
    assert found == result
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("left", "sign", "right"),
    [
        ("a", "-", 1),
        ([1], "*", 2),
        (1 << 62, "+", 1 << 62),
        (-(1 << 62), "*", 4),
        ("a" * (6 << 20), "+", "a" * (6 << 20)),
    ],
)
def test_what_cannot_be(left: Any, sign: str, right: Any) -> None:
    with pytest.raises(TemplateError):
        apply(sign, left, right)
