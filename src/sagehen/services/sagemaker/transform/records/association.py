"""DataProcessing: which part of a record is asked, and what of it is stored with the answer.

Documented (Associate prediction results with input records; DataProcessing's model): CSV's answer stands
behind its record's columns, JSON's in `SageMakerOutput` of the record, or beside it in `SageMakerInput` where
the record is no object.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.services.sagemaker.transform.records.paths import NotThere, Path

# A field of CSV; the module's own limit is 128 KiB.
_FIELD_BYTES = 128 * 2**20


class Mismatch(Exception):
    """A record or an answer is not what the job's filters need; the message says how."""


@dataclass(frozen=True, slots=True)
class Format:
    """How records are written.

    Args:
        name: `csv` or `json`.
        in_lines: Whether a payload holds a record a line; else it is one.
    """

    name: str
    in_lines: bool


def format_of(content_type: str, in_lines: bool) -> Format | None:
    """Return the format of a content type, or None where filters know none."""
    match content_type.partition(";")[0].strip().lower():
        case "text/csv":
            return Format("csv", in_lines=True)
        case "application/json":
            return Format("json", in_lines)
        case "application/jsonlines":
            return Format("json", in_lines=True)
        case _:
            return None


@dataclass(frozen=True, slots=True)
class Association:
    """What is done with records and answers. Its methods block, for as long as a payload is large."""

    format: Format
    input_filter: Path
    output_filter: Path
    joins: bool

    def asked(self, records: Sequence[bytes]) -> list[bytes]:
        """Return what of the records is sent.

        Raises:
            Mismatch
        """
        if self.input_filter.is_whole:
            return list(records)
        return [self._written(self._part(self.input_filter, value)) for value in self._read(records)]

    def stored(self, records: Sequence[bytes], answer: bytes) -> bytes:
        """Return what is stored for a payload.

        Raises:
            Mismatch: There are not as many answers as records, or one cannot be read.
        """
        if not self.joins and self.output_filter.is_whole:
            return answer
        answers = self._read(answer.strip().splitlines() if self.format.in_lines else [answer])
        if self.joins:
            values = self._read(records)
            if len(values) != len(answers):
                raise Mismatch(f"{len(values)} records have {len(answers)} answers")
            join = _csv_joined if self.format.name == "csv" else _json_joined
            answers = [join(value, one) for value, one in zip(values, answers, strict=True)]
        return b"\n".join(self._written(self._part(self.output_filter, value)) for value in answers)

    def _part(self, path: Path, value: Any) -> Any:
        try:
            return path.of(value)
        except NotThere as error:
            raise Mismatch(str(error)) from None

    def _read(self, records: Sequence[bytes]) -> list[Any]:
        read: Callable[[bytes], list[Any]] = _csv_rows if self.format.name == "csv" else _json_value
        return [value for record in records for value in read(record)]

    def _written(self, value: Any) -> bytes:
        if self.format.name == "json":
            return orjson.dumps(value)
        text = io.StringIO()
        csv.writer(text, lineterminator="").writerow(value if isinstance(value, list) else [value])
        return text.getvalue().encode()


def _csv_rows(record: bytes) -> list[Any]:
    csv.field_size_limit(_FIELD_BYTES)
    try:
        return [row for row in csv.reader(io.StringIO(record.decode(), newline="")) if row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise Mismatch(f"it is no CSV: {error}") from None


def _json_value(record: bytes) -> list[Any]:
    try:
        return [read_json(record)]
    except NotJson as error:
        raise Mismatch(f"it is no JSON: {error}") from None


def _csv_joined(value: Any, answer: Any) -> Any:
    return [*value, *answer]


def _json_joined(value: Any, answer: Any) -> Any:
    if isinstance(value, dict):
        return {**value, "SageMakerOutput": answer}
    return {"SageMakerInput": value, "SageMakerOutput": answer}
