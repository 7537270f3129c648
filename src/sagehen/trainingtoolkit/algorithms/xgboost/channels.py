"""Channels: the folder of a channel as one table."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit.algorithms.xgboost import tables
from sagehen.trainingtoolkit.algorithms.xgboost.tables import Table, UnreadableTable
from sagehen.trainingtoolkit.failure import ToolkitError


def table_of(folder: Path, content_type: str | None, *, csv_weights: bool, is_pipe: bool = False) -> Table:
    """Read all files of a channel, in the order of their names; hidden ones are left out.

    Args:
        is_pipe: It is in Pipe mode: its first epoch is read. AWS's takes CSV in it, libsvm not (documented:
            XGBoost's input; Parquet and RecordIO-protobuf in pipes are not here).

    Raises:
        ToolkitError: There is none, its content type is not known, or a file is something else.
    """
    files = sorted(
        path for path in folder.rglob("*") if path.is_file() and not path.name.startswith((".", "_"))
    )
    if is_pipe:
        files = [folder.with_name(f"{folder.name}_0")]
    if not files:
        raise ToolkitError(f"There is no file in the channel {folder.name}")
    kind = tables.media_type(content_type)
    read = {"csv": _csv, "libsvm": _libsvm, "parquet": _parquet}
    name = next((n for n, kinds in _KINDS.items() if kind in kinds), None)
    if name is None:
        raise ToolkitError(
            f"{content_type} is not an accepted ContentType: csv, libsvm, parquet, "
            "text/csv, text/libsvm, text/x-libsvm, application/x-parquet."
        )
    if is_pipe and name != "csv":
        raise ToolkitError(f"Pipe mode is not supported for {name} (channel {folder.name}); use text/csv.")
    try:
        return read[name](files, csv_weights)
    except UnreadableTable as error:
        raise ToolkitError(f"Failed to load {name} data of channel {folder.name}: {error}") from None


_KINDS = {"csv": tables.CSV, "libsvm": tables.LIBSVM, "parquet": tables.PARQUET}


def _csv(files: list[Path], weighted: bool) -> Table:
    import numpy as np

    parts = [
        tables.of_csv(file.read_text(encoding="utf-8", errors="replace"), labelled=True, weighted=weighted)
        for file in files
    ]
    return _joined(parts, np.vstack)


def _libsvm(files: list[Path], weighted: bool) -> Table:
    def lines() -> Iterator[str]:
        for file in files:
            with file.open(encoding="utf-8", errors="replace") as opened:
                yield from opened

    return tables.of_libsvm(lines(), labelled=True)


def _parquet(files: list[Path], weighted: bool) -> Table:
    import numpy as np
    import pandas

    skipped = 2 if weighted else 1
    parts = []
    for file in files:
        try:
            rows = pandas.read_parquet(file).to_numpy(dtype=np.float64)
        except (ValueError, TypeError, OSError) as error:
            raise UnreadableTable(f"{file.name}: {error}") from None
        if rows.shape[1] <= skipped:
            raise UnreadableTable(f"{file.name}: there is no column of features")
        parts.append(Table(rows[:, skipped:], rows[:, 0], rows[:, 1] if weighted else None))
    return _joined(parts, np.vstack)


def _joined(parts: list[Table], stack: Any) -> Table:
    import numpy as np

    if len({part.features.shape[1] for part in parts}) > 1:
        raise UnreadableTable("its files differ in their number of columns")
    weights = None if parts[0].weights is None else np.concatenate([part.weights for part in parts])
    labels = np.concatenate([part.labels for part in parts])
    return Table(stack([part.features for part in parts]), labels, weights)
