"""CSV: files of it, and the lines of it that requests bring."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path

from sagehen.trainingtoolkit.monitoring.reading import batch
from sagehen.trainingtoolkit.monitoring.reading.batch import Batch
from sagehen.trainingtoolkit.monitoring.reading.files import opened
from sagehen.trainingtoolkit.monitoring.refusals import Refused

# Spark's names of columns that have none.
_UNNAMED = "_c{}"


def batches(files: Iterable[Path], *, header: bool, names: Sequence[str] = ()) -> Iterator[Batch]:
    """Yield the records of files that have the same columns.

    Args:
        header: Whether each begins with its columns' names.
        names: Of columns that have none, by their position, as far as they go.

    Raises:
        Refused
    """
    known: list[str] | None = None
    for path in files:
        with opened(path) as file:
            rows = _rows(file, path.name)
            first = next(rows, None)
            if first is None:
                continue
            own = list(first) if header else unnamed(len(first), names)
            if known is not None and own != known:
                raise Refused(f"{path.name} has other columns than the files before it.")
            _require_names(own, path.name)
            known = own
            yield from batch.of_rows(own, _checked(rows if header else chain([first], rows), len(own), path))


def first_row(files: Iterable[Path]) -> list[str]:
    """Return the first row of files; nothing where they are empty.

    Raises:
        Refused
    """
    for path in files:
        with opened(path) as file:
            if (row := next(_rows(file, path.name), None)) is not None:
                return row
    return []


def fields(text: str) -> list[list[str | None]]:
    """Return the rows of a text.

    Raises:
        Refused
    """
    return [_present(row) for row in _rows(io.StringIO(text, newline=""), "A captured record")]


def unnamed(count: int, names: Sequence[str]) -> list[str]:
    """Return names for columns: those that are known by their position, and Spark's for the others."""
    return [*names[:count], *(_UNNAMED.format(number) for number in range(len(names), count))]


def _rows(lines: Iterable[str], where: str) -> Iterator[list[str]]:
    reader = csv.reader(lines)
    try:
        yield from filter(None, reader)  # Spark leaves empty lines out
    except csv.Error as error:
        raise Refused(f"{where} is no CSV: line {reader.line_num}: {error}.") from None


def _require_names(names: Sequence[str], where: str) -> None:
    if len(set(names)) != len(names) or not all(names):
        raise Refused(f"The columns of {where} must have names, and each another one.")


def _checked(rows: Iterable[Sequence[str]], count: int, path: Path) -> Iterator[list[str | None]]:
    for number, row in enumerate(rows, start=1):
        if len(row) != count:
            raise Refused(f"Record {number} of {path.name} has {len(row)} fields instead of {count}.")
        yield _present(row)


def _present(row: Sequence[str]) -> list[str | None]:
    """An empty field is missing, as Spark has it."""
    return [field or None for field in row]
