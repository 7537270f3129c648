"""Tables: CSV and libsvm, as channels and requests hold them, as sparse or dense rows."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

CSV = ("text/csv", "csv")
LIBSVM = ("text/libsvm", "text/x-libsvm", "libsvm")
PARQUET = ("application/x-parquet", "parquet")
# As AWS's container takes it where a channel says nothing.
DEFAULT = "text/libsvm"
_WIDEST = 10_000_000


class UnreadableTable(ValueError):
    """It is not what its content type says."""


@dataclass(slots=True)
class Table:
    """Rows.

    Args:
        features: A numpy array, or a scipy CSR matrix.
        labels: One number a row, or None.
        weights: One number a row, or None.
    """

    features: Any
    labels: Any = None
    weights: Any = None


def media_type(header: str | None) -> str:
    """Return `text/csv` of `text/csv; label_size=1`."""
    return (header or DEFAULT).split(";", 1)[0].strip().lower()


def of_csv(text: str, *, labelled: bool, weighted: bool = False) -> Table:
    """Read CSV without a header; what is empty is missing.

    Args:
        labelled: The first column holds labels.
        weighted: The second one holds weights.

    Raises:
        UnreadableTable: Something is no number, or rows differ in their length.
    """
    import numpy as np

    try:
        rows = np.genfromtxt(io.StringIO(text), delimiter=",", dtype=np.float64, ndmin=2)
    except ValueError as error:
        raise UnreadableTable(str(error)) from None
    # A word becomes "missing" as an empty field does: a header would be taken for data in silence.
    if np.isnan(rows).any():
        for number, line in enumerate(text.splitlines(), 1):
            wrong = next((word for word in line.split("#", 1)[0].split(",") if not _is_number(word)), None)
            if wrong is not None:
                raise UnreadableTable(f"line {number}: {wrong.strip()[:100]!r} is no number")
    if not labelled:
        return Table(rows)
    skipped = 2 if weighted else 1
    if rows.shape[1] <= skipped:
        raise UnreadableTable("there is no column of features")
    return Table(rows[:, skipped:], rows[:, 0], rows[:, 1] if weighted else None)


def of_libsvm(lines: Iterable[str], *, labelled: bool, width: int = 0) -> Table:
    """Read `label[:weight] index:value ...`, indices as they stand.

    Args:
        labelled: Lines begin with a label; requests may leave it out.
        width: Columns that there are at least.

    Raises:
        UnreadableTable
    """
    import numpy as np
    from scipy.sparse import csr_matrix

    labels: list[float] = []
    weights: list[float] = []
    values: list[float] = []
    indices: list[int] = []
    starts = [0]
    try:
        for line in lines:
            words = line.split("#", 1)[0].split()
            if not words:
                continue
            if labelled or ":" not in words[0]:
                label, _, weight = words.pop(0).partition(":")
                labels.append(float(label))
                weights.append(float(weight or 1))
            for word in words:
                index, _, value = word.partition(":")
                if index == "qid":
                    if labelled:
                        raise ValueError("groups of a ranking (qid) are not implemented here")
                    continue  # of what is predicted from, they say nothing
                indices.append(int(index))
                values.append(float(value))
            starts.append(len(indices))
    except ValueError as error:
        raise UnreadableTable(f"line {len(starts)}: {error}") from None
    if indices and (min(indices) < 0 or max(indices) >= _WIDEST):
        raise UnreadableTable(f"indices are from 0 to {_WIDEST - 1}")
    width = max(width, max(indices, default=-1) + 1)
    matrix = csr_matrix((values, indices, starts), shape=(len(starts) - 1, width))
    own = [weight for weight in weights if weight != 1]
    return Table(matrix, np.array(labels) if labels else None, np.array(weights) if own else None)


def _is_number(word: str) -> bool:
    try:
        float(word.strip() or 0)
    except ValueError:
        return False
    return True
