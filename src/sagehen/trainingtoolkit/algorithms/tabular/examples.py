"""Examples: rows of numbers, read from CSV, JSON or RecordIO-protobuf."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sagehen.trainingtoolkit.algorithms.tabular import recordio

RECORDIO = "application/x-recordio-protobuf"
CSV = "text/csv"
JSON = "application/json"
JSON_LINES = "application/jsonlines"
# A dense row of more columns than these is a mistake in a sparse one's shape, not data.
_WIDEST = 10_000_000


class UnreadableExamples(Exception):
    """The content is not what its type says; the message says where."""


@dataclass(frozen=True, slots=True)
class Examples:
    """A table.

    Args:
        features: A matrix of float32, dense or of scipy's compressed rows.
        labels: One number a row; None where there are none.
    """

    features: Any
    labels: Any | None = None

    def __len__(self) -> int:
        return int(self.features.shape[0])

    @property
    def dense(self) -> Any:
        """The features as an array."""
        return self.features.toarray() if hasattr(self.features, "toarray") else self.features


def joined(parts: Sequence[Examples]) -> Examples:
    """Return the rows of all parts.

    Raises:
        UnreadableExamples: They differ in width, or some have labels and others not.
    """
    import numpy as np

    if len(parts) == 1:
        return parts[0]
    if len({part.features.shape[1] for part in parts}) > 1:
        raise UnreadableExamples("its files differ in their number of columns")
    if len({part.labels is None for part in parts}) > 1:
        raise UnreadableExamples("some of its files have labels and others have none")
    labels = None if parts[0].labels is None else np.concatenate([part.labels for part in parts])
    if any(hasattr(part.features, "toarray") for part in parts):
        from scipy.sparse import vstack

        return Examples(vstack([part.features for part in parts], format="csr"), labels)
    return Examples(np.vstack([part.features for part in parts]), labels)


def of_csv(content: bytes, label_size: int) -> Examples:
    """Read rows of numbers without a header; the first `label_size` columns (0 or 1) are labels."""
    import numpy as np

    try:
        table = np.loadtxt(io.BytesIO(content), delimiter=",", dtype=np.float64, ndmin=2)
    except ValueError as error:
        raise UnreadableExamples(f"a row is not of numbers, or of another length: {error}") from None
    if table.shape[1] <= label_size:
        raise UnreadableExamples("there is no column of features")
    features = table[:, label_size:].astype(np.float32)
    return Examples(features, table[:, 0] if label_size else None)


def of_json(content: bytes) -> Examples:
    """Read `{"instances": [{"features": [..]}]}`; features may be sparse, under `data` and `features`.

    Documented: Common data formats for inference.
    """
    try:
        instances = json.loads(content)["instances"]
        rows = [_row_of_json(instance) for instance in instances]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise UnreadableExamples(f"it is not {{'instances': [...]}} of features: {error!r}") from None
    return _of_rows(rows)


def of_json_lines(content: bytes) -> Examples:
    """Read one instance a line."""
    try:
        rows = [_row_of_json(json.loads(line)) for line in content.splitlines() if line.strip()]
    except (ValueError, TypeError, KeyError, IndexError, RecursionError) as error:
        raise UnreadableExamples(f"a line is not an instance with features: {error!r}") from None
    return _of_rows(rows)


def of_recordio(content: bytes | memoryview) -> Examples:
    """Read records: features `values`, dense or sparse, and labels `values`."""
    import numpy as np

    rows, labels = [], []
    try:
        for record in recordio.records_of(memoryview(content)):
            tensor = recordio.tensor_of(record.features)
            if tensor is None:
                raise UnreadableExamples("a record has no features called 'values'")
            width = int(tensor.shape[0]) if tensor.shape else len(tensor.values)
            rows.append((np.array(tensor.values, np.float32), list(tensor.keys), width))
            label = recordio.tensor_of(record.label)
            if label is not None and len(label.values):
                labels.append(float(label.values[0]))
    except recordio.NotRecordIO as error:
        raise UnreadableExamples(str(error)) from None
    if labels and len(labels) != len(rows):
        raise UnreadableExamples("some records have labels and others have none")
    return _of_rows(rows, np.array(labels) if labels else None)


_Row = tuple[Any, list[int], int]


def _row_of_json(instance: Any) -> _Row:
    import numpy as np

    if "data" in instance:
        instance = instance["data"]
    features = instance["features"]
    if isinstance(features, dict):
        features = features["values"] if "keys" not in features and len(features) == 1 else features
    if isinstance(features, dict):
        shape = features.get("shape", [])
        keys = [int(key) for key in features.get("keys", [])]
        values = np.array(features["values"], np.float32)
        return values, keys, int(shape[0]) if shape else len(values)
    return np.array(features, np.float32), [], len(features)


def _of_rows(rows: Sequence[_Row], labels: Any = None) -> Examples:
    import numpy as np
    from scipy.sparse import csr_matrix

    if not rows:
        raise UnreadableExamples("there is no example in it")
    widths = {width for _, _, width in rows}
    if len(widths) > 1 or not 0 < min(widths) <= _WIDEST:
        raise UnreadableExamples(f"examples are {min(widths)} to {max(widths)} numbers wide")
    [width] = widths
    for values, keys, _ in rows:
        if values.ndim != 1 or (len(keys) != len(values) if keys else len(values) not in (0, width)):
            raise UnreadableExamples("an example has another number of values than of features")
        if keys and not 0 <= min(keys) <= max(keys) < width:
            raise UnreadableExamples("a key of an example is outside of its shape")
    if not any(keys or not len(values) for values, keys, _ in rows):
        return Examples(np.vstack([values for values, _, _ in rows]), labels)
    starts = np.cumsum([0, *(len(values) for values, _, _ in rows)])
    columns = [key for values, keys, _ in rows for key in (keys or range(len(values)))]
    numbers = np.concatenate([values for values, _, _ in rows])
    return Examples(csr_matrix((numbers, columns, starts), shape=(len(rows), width)), labels)
