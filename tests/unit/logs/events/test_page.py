"""Tokens of pages, and what a page holds."""

from __future__ import annotations

import pytest

from sagehen.services.logs.errors import InvalidParameterException
from sagehen.services.logs.events.event import FOREVER_MS, PAGE_BYTES, Event, Position
from sagehen.services.logs.events.page import PageSize, backward_token, forward_token, get_position

PLACE = Position(500, 7)
END = Position(1_000, -1)

# Token, startFromHead, startTime, endTime; whether it reads on, and from where.
PLACES = [
    (None, True, 0, 1_000, True, Position(0, -1)),
    (None, False, 0, 1_000, False, END),
    (None, False, 0, FOREVER_MS + 5, False, Position(FOREVER_MS, -1)),
    ("", True, 100, 1_000, True, Position(100, -1)),
    (forward_token(PLACE), False, 0, 1_000, True, PLACE),  # a token says the direction
    (backward_token(PLACE), True, 0, 1_000, False, PLACE),
    (forward_token(PLACE), True, 600, 1_000, True, Position(600, -1)),  # the range begins later
    (backward_token(PLACE), True, 0, 400, False, Position(400, -1)),
    (forward_token(Position(0, -1)), True, 0, 1_000, True, Position(0, -1)),
]


@pytest.mark.parametrize(("token", "from_head", "start_ms", "end_ms", "forward", "place"), PLACES)
def test_where_a_page_begins(
    token: str | None, from_head: bool, start_ms: int, end_ms: int, forward: bool, place: Position
) -> None:
    assert get_position(token, from_head, start_ms, end_ms) == (forward, place)


@pytest.mark.parametrize(
    "token",
    ["x", "f/1/2", "g/1/2/s", "f/1/2/s ", "f/-1/2/s", f"f/{FOREVER_MS + 1}/0/s", f"b/1/{2**63}/s", "f/١/2/s"],
)
def test_tokens_of_others(token: str) -> None:
    with pytest.raises(InvalidParameterException, match="The specified nextToken is invalid"):
        get_position(token, True, 0, 1_000)


@pytest.mark.parametrize(
    ("lengths", "held"),
    [
        ((10, 10), 2),
        ((PAGE_BYTES,), 1),  # the first one always fits
        ((PAGE_BYTES, 1), 1),
        ((PAGE_BYTES - 26 - 36, 10), 2),
        ((PAGE_BYTES - 26 - 36, 11), 1),
    ],
)
def test_what_a_page_holds(lengths: tuple[int, ...], held: int) -> None:
    size = PageSize()
    assert sum(size.takes(Event(1, PLACE, "x" * length)) for length in lengths) == held
