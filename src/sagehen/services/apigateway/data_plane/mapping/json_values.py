"""JSON of clients and backends as templates and mappings read it: with numbers of any size."""

from __future__ import annotations

import json
from typing import Any

from sagehen.api.bounded.budget import spend
from sagehen.api.bounded.json_text import MAX_SEPARATORS, NotJson, check_width

# What a value may come to when it is written: no text may grow beyond what a request may hold.
MAX_TEXT = 10 * 1024 * 1024
MAX_VALUES = MAX_SEPARATORS


class TooLarge(ValueError):
    """A value would be too large to write, or a comparison too much work."""


def parse_json(text: str) -> Any:
    """Parse a text that may become one again, digit by digit.

    `read_json` makes floats of numbers beyond 64 bits, and refuses depths that this leaves to the
    interpreter; both bound how many values there may be, since parsers hold its lock.

    Raises:
        NotJson: It is none, is nested too deep, or may hold too many values.
    """
    if len(text) > MAX_SEPARATORS:
        check_width(text.encode("utf-8", "surrogatepass"))
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotJson(str(error)) from None


def check_size(value: Any) -> None:
    """Refuse what would be too large to write out. Spends of a budget.

    Parts that stand in several places count each time: paths such as `$..*`, and templates that put
    lists into lists, make 2^n values of n.

    Raises:
        TooLarge: It is; a list that holds itself is too.
    """
    waiting = [value]
    values, room = MAX_VALUES, MAX_TEXT
    while waiting:
        spend()
        one = waiting.pop()
        if isinstance(one, str):
            room -= len(one)
        elif isinstance(one, int):
            room -= one.bit_length() // 3  # as many digits as the body had
        elif isinstance(one, dict | list):
            values -= len(one)  # before they are spread out
            if values >= 0:
                waiting.extend(one.values() if isinstance(one, dict) else one)
            if isinstance(one, dict):
                room -= sum(map(len, map(str, one)))
        if values < 0 or room < 0:
            raise TooLarge("a value is too large to print")


def same(left: Any, right: Any) -> bool:
    """Return whether two values are equal. Spends of a budget: lists in lists are compared 2^n times.

    Raises:
        TooLarge: It cannot be told in `MAX_VALUES` steps.
    """
    waiting = [(left, right)]
    values = MAX_VALUES
    while waiting:
        spend()
        one, other = waiting.pop()
        if isinstance(one, list) and isinstance(other, list):
            if len(one) != len(other):
                return False
            pairs: Any = zip(one, other, strict=True)
        elif isinstance(one, dict) and isinstance(other, dict):
            if one.keys() != other.keys():
                return False
            pairs = ((one[key], other[key]) for key in one)
        elif one is other or one == other:
            continue
        else:
            return False
        values -= len(one)
        if values < 0:
            raise TooLarge("the values are too large to compare")
        if one is not other:
            waiting.extend(pairs)
    return True
