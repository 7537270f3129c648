"""Captured requests: the output's columns first, then the input's, as baselines have them.

Documented: Capture data; Preprocessing and postprocessing, whose script is shown what `inference_records`
makes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sagehen.trainingtoolkit.monitoring.reading import batch, csv_rows, json_records
from sagehen.trainingtoolkit.monitoring.reading.batch import Batch
from sagehen.trainingtoolkit.monitoring.refusals import Refused
from sagehen.trainingtoolkit.monitoring.settings import Settings

Preprocess = Callable[[Mapping[str, Any]], Iterable[Any]]
Record = Mapping[str, str | None]


def batches(
    files: Iterable[Path], settings: Settings, names: Sequence[str], preprocess: Preprocess | None
) -> Iterator[Batch]:
    """Yield the records of captured requests.

    Args:
        names: Of CSV's columns, which have none, by their position.
        preprocess: Makes flat records of a captured request; None: what is written is taken.

    Raises:
        Refused
    """
    yield from batch.of_records(_records(files, settings, names, preprocess))


def _records(
    files: Iterable[Path], settings: Settings, names: Sequence[str], preprocess: Preprocess | None
) -> Iterator[Record]:
    for event, where in json_records.objects(files, lines=True):
        if not isinstance(event, Mapping) or not isinstance(event.get("captureData"), Mapping):
            raise Refused(f"{where} is no captured request.")
        if not _is_within(event, settings.since, settings.until, where):
            continue
        if preprocess is None:
            yield from records_of(event["captureData"], settings.format.captured, names, where)
        else:
            yield from (json_records.flat(made, where) for made in preprocess(event))


def records_of(
    captured: Mapping[str, Any], sides: Sequence[str], names: Sequence[str], where: str
) -> list[Record]:
    """Return the records of one request: one for each line of CSV.

    Raises:
        Refused
    """
    given = {side: captured[side] for side in sides if isinstance(captured.get(side), Mapping)}
    if not given:
        raise Refused(f"{where} has neither {' nor '.join(sides)}.")
    encodings = {side: str(one.get("encoding", "")) for side, one in given.items()}
    if len(set(encodings.values())) > 1:
        # Recorded: aws/sagemaker-python-sdk issue 1896.
        raise Refused(
            f"Encoding mismatch: Encoding is {encodings['endpointInput']} for endpointInput, but Encoding is "
            f"{encodings['endpointOutput']} for endpointOutput. We currently only support the same type of "
            "input and output encoding at the moment."
        )
    # The columns of the output are the first.
    datas = [
        str(given[side].get("data", "")) for side in ("endpointOutput", "endpointInput") if side in given
    ]
    match next(iter(encodings.values())):
        case "CSV":
            return _of_csv(datas, names, where)
        case "JSON":
            return [_of_json(datas, where)]
        case encoding:
            raise Refused(
                f"{where} is captured as {encoding}. CSV and JSON can be analyzed: name their media types in "
                "the endpoint configuration's CaptureContentTypeHeader."
            )


def _of_csv(datas: Sequence[str], names: Sequence[str], where: str) -> list[Record]:
    tables = [csv_rows.fields(data) for data in datas]
    if len({len(rows) for rows in tables}) > 1:
        raise Refused(f"{where} has not as many lines in its output as in its input.")
    joined = [[field for part in parts for field in part] for parts in zip(*tables, strict=True)]
    return [dict(zip(csv_rows.unnamed(len(row), names), row, strict=True)) for row in joined]


def _of_json(datas: Sequence[str], where: str) -> Record:
    record: dict[str, str | None] = {}
    for data in datas:
        record |= json_records.flat(json_records.loaded(data, f"The data of {where}"), where)
    return record


def _is_within(event: Mapping[str, Any], since: datetime | None, until: datetime | None, where: str) -> bool:
    if since is None and until is None:
        return True
    try:
        moment = datetime.fromisoformat(event["eventMetadata"]["inferenceTime"])
    except (KeyError, TypeError, ValueError):
        raise Refused(f"{where} has no inferenceTime.") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (since is None or moment >= since) and (until is None or moment < until)
