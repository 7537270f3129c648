"""Batch: some records of a data set, as columns of text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

# A column's text per record; None: missing.
Column = Sequence[str | None]
_RECORDS = 10_000


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
    some: list[Mapping[str, str | None]] = []
    for record in records:
        some.append(record)
        if len(some) == _RECORDS:
            yield _batch(some)
            some = []
    if some:
        yield _batch(some)


def of_rows(names: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Iterator[Batch]:
    """Yield rows that are as long as there are names in batches."""
    some: list[Sequence[str | None]] = []
    for row in rows:
        some.append(row)
        if len(some) == _RECORDS:
            yield Batch(len(some), dict(zip(names, zip(*some, strict=True), strict=True)))
            some = []
    if some:
        yield Batch(len(some), dict(zip(names, zip(*some, strict=True), strict=True)))


def _batch(records: Sequence[Mapping[str, str | None]]) -> Batch:
    names = dict.fromkeys(name for record in records for name in record)
    return Batch(len(records), {name: [record.get(name) for record in records] for name in names})
