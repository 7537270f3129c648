"""Headers: whether a table begins with its columns' names, and what columns without are called. Pure.

Documented: SageMaker Developer Guide, Analysis Configuration Files, headers and label: where headers are not
given they are read from the dataset, and where it has none, columns are called by their index. How that is
told is not documented; the rule is ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from sagehen.trainingtoolkit.clarify.config import Column

# Documented.
_PLACEHOLDER = "column_{}"


def placeholders(first: Sequence[str], columns: Sequence[Column]) -> tuple[str, ...]:
    """Return names for the columns of a table; () where it begins with its own.

    Args:
        first: Its first row.
        columns: Those that are looked at: who names one knows of names.
    """
    if any(isinstance(column, str) for column in columns) or _are_names(first):
        return ()
    return tuple(_PLACEHOLDER.format(index) for index in range(len(first)))


def _are_names(row: Sequence[str]) -> bool:
    counted = [str(index) for index in range(len(row))]  # what pandas calls columns without names
    return list(row) == counted or not any(map(_is_number, row))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text
