"""Batch: some records of a data set, as columns of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

# A column's text per record; None: missing.
Column = Sequence[str | None]
_RECORDS = 10_000
_Record = TypeVar("_Record")


@dataclass(frozen=True, slots=True)
class Batch:
    """Records.

    Args:
        columns: By name, each as long as there are records.
    """

    records: int
    columns: Mapping[str, Column]


def of_records(records: Iterable[Mapping[str, str | None]]) -> Iterator[Batch]:
    """Yield flat records in batches; what a record does not have is missing."""
    for some in _some(records):
        names = dict.fromkeys(name for record in some for name in record)
        yield Batch(len(some), {name: [record.get(name) for record in some] for name in names})


def of_rows(names: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Iterator[Batch]:
    """Yield rows that are as long as there are names in batches."""
    for some in _some(rows):
        yield Batch(len(some), dict(zip(names, zip(*some, strict=True), strict=True)))


def _some(records: Iterable[_Record]) -> Iterator[list[_Record]]:
    left = iter(records)
    while some := list(islice(left, _RECORDS)):
        yield some
