"""The columns of a data set that a model's quality is told by."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sagehen.trainingtoolkit.monitoring.reading.batch import Batch, Column
from sagehen.trainingtoolkit.monitoring.refusals import Refused


def columns_of(batches: Iterable[Batch], wanted: Mapping[str, str]) -> tuple[dict[str, list[str]], int]:
    """Return the values of columns, and how many records there were; one that lacks any does not count.

    Args:
        wanted: What each is, by the attribute that names it: a column, its index, or `$.column`.

    Raises:
        Refused: There is no such column, or nothing in them.
    """
    found: dict[str, list[str]] = {what: [] for what in wanted}
    seen: set[str] = set()
    records = 0
    for batch in batches:
        records += batch.records
        given = {what: _column(batch, attribute) for what, attribute in wanted.items()}
        seen.update(what for what, column in given.items() if column is not None)
        missing: Column = [None] * batch.records  # of JSON some batches may lack what others have
        for values in zip(*(column or missing for column in given.values()), strict=True):
            if None not in values:
                for what, value in zip(wanted, values, strict=True):
                    found[what].append(value)
    for what, attribute in wanted.items():
        if what not in seen:
            raise Refused(f"The dataset has no column '{attribute[:100]}', which {what} names.")
    counted = len(next(iter(found.values())))
    if not counted:
        raise Refused(f"The dataset has no record with {', '.join(wanted.values())}.")
    if counted < records:
        print(f"{records - counted} of {records} records lack a value, and do not count.", flush=True)
    return found, records


def numbers_of(values: Iterable[str], what: str) -> Any:
    """Return values as an array of numbers.

    Raises:
        Refused: One is none.
    """
    import numpy

    try:
        found = numpy.asarray([float(value) for value in values])
    except ValueError as error:
        raise Refused(f"{what} has values that are no numbers: {str(error)[:100]}.") from None
    if not numpy.isfinite(found).all():
        raise Refused(f"{what} has values that are not finite.")
    return found


def _column(batch: Batch, attribute: str) -> Column | None:
    # Documented (the SDK): an index, or a JSONPath.
    name = attribute.removeprefix("$.")
    if name in batch.columns:
        return batch.columns[name]
    if name.isdecimal() and int(name) < len(batch.columns):
        return list(batch.columns.values())[int(name)]
    return None
