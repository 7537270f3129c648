"""The array of metrics: `.` stands for the item above it, `...` for as many as are needed.

Documented: CloudWatch API reference, Metric widget structure and syntax, "Format for each metric".
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sagehen.services.cloudwatch.widget_images.checks import invalid

# Documented: API_MetricStat, at most 30 dimensions.
_MOST_ITEMS = 2 + 2 * 30


def expanded(items: Sequence[Any], above: Sequence[str], path: str) -> list[str]:
    """Return namespace, name and dimensions of an entry, its options left out before.

    Args:
        items: As they are written.
        above: Of the metric before it, expanded; empty for the first.
        path: Of the entry, for errors.

    Raises:
        ValidationError: It refers to what is not there, or has not a name for each value.
    """
    result: list[str] = []
    for index, item in enumerate(items):
        if not isinstance(item, str):
            invalid(f"{path}/{index}", "Should be string")
        if item == "...":
            behind = len(items) - index - 1
            taken = above[len(result) : max(len(result), len(above) - behind)]
            if not taken:
                invalid(f"{path}/{index}", "There is nothing above that ... stands for")
            result += taken
        elif item == ".":
            if len(result) >= len(above):
                invalid(f"{path}/{index}", "There is nothing above that . stands for")
            result.append(above[len(result)])
        else:
            result.append(item)
    if len(result) < 2:
        invalid(path, "Should NOT have fewer than 2 items")
    if len(result) > _MOST_ITEMS:
        invalid(path, f"Should NOT have more than {_MOST_ITEMS} items")
    if len(result) % 2:
        invalid(path, "A dimension should have a name and a value")
    if not all(result):
        invalid(path, "Should NOT be empty")
    return result
