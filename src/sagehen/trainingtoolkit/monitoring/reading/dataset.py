"""A data set, whatever it is written in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sagehen.trainingtoolkit.monitoring.reading import captures, csv_rows, json_records
from sagehen.trainingtoolkit.monitoring.reading.batch import Batch
from sagehen.trainingtoolkit.monitoring.reading.captures import Preprocess
from sagehen.trainingtoolkit.monitoring.reading.files import files_of
from sagehen.trainingtoolkit.monitoring.settings import CSV, JSON, Settings


def batches(
    settings: Settings, names: Sequence[str] = (), preprocess: Preprocess | None = None
) -> Iterator[Batch]:
    """Yield a job's records.

    Args:
        names: Of columns that have none, by their position: the baseline's.
        preprocess: See `captures`.

    Raises:
        Refused: A file cannot be read.
    """
    files = files_of(settings.source)
    if settings.format.kind == CSV:
        return csv_rows.batches(files, header=settings.format.header, names=names)
    if settings.format.kind == JSON:
        return json_records.batches(files, lines=settings.format.lines)
    return captures.batches(files, settings, names, preprocess)
