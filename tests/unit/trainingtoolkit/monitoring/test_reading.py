"""Data sets as they are written: what their records are, and what is refused."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from sagehen.trainingtoolkit.monitoring import scripts, settings
from sagehen.trainingtoolkit.monitoring.hosts import is_first
from sagehen.trainingtoolkit.monitoring.reading import dataset
from sagehen.trainingtoolkit.monitoring.refusals import Refused

MODEL = {"analysis_type": "MODEL_QUALITY", "problem_type": "Regression"}
CSV, LINES, CAPTURED = (
    '{"csv": {"header": true}}',
    '{"json": {"lines": true}}',
    '{"sagemakerCaptureJson": {}}',
)


def read(
    folder: Path, form: str, names: tuple[str, ...] = (), **variables: str
) -> dict[str, list[str | None]]:
    """Return all columns of what lies in a folder."""
    given = {"dataset_source": str(folder), "output_path": "/nowhere", "dataset_format": form, **variables}
    found: dict[str, list[str | None]] = {}
    told = settings.read(given)
    preprocess = None if told.preprocessor is None else scripts.preprocess(told.preprocessor)
    for batch in dataset.batches(told, names, preprocess):
        for name, values in batch.columns.items():
            found.setdefault(name, []).extend(values)
    return found


def event(output: Any, given: Any, encoding: str = "CSV", at: str = "2026-11-29T10:00:00Z") -> str:
    sides = {"endpointInput": {"data": given, "encoding": encoding, "mode": "INPUT"}}
    sides["endpointOutput"] = {"data": output, "encoding": encoding, "mode": "OUTPUT"}
    return json.dumps({"captureData": sides, "eventMetadata": {"eventId": "e", "inferenceTime": at}})


@pytest.mark.parametrize(
    ("form", "text", "columns"),
    [
        (CSV, 'a,b\n1,x\n\n2,"y,z"\n,\n', {"a": ["1", "2", None], "b": ["x", "y,z", None]}),
        ('{"csv": {"header": false}}', "1,x\n2,y\n", {"_c0": ["1", "2"], "_c1": ["x", "y"]}),
        ('{"csv": {"header": "True"}}', "\ufeffa\n1\n", {"a": ["1"]}),
        (LINES, '{"a": 1, "b": 2.5}\n\n{"b": null, "c": "x"}\n{"a": true}\n',
         {"a": ["1", None, "true"], "b": ["2.5", None, None], "c": [None, "x", None]}),
        ('{"json": {"line": false}}', '[{"a": 1},\n {"a": 2}]', {"a": ["1", "2"]}),
        (CAPTURED, event("0.5", "1,2") + "\n" + event("0.7\n0.9", "3,4\n5,6"),
         {"_c0": ["0.5", "0.7", "0.9"], "_c1": ["1", "3", "5"], "_c2": ["2", "4", "6"]}),
        (CAPTURED, event("0.5", 'a\u2028b,"c\nd"'), {"_c0": ["0.5"], "_c1": ["a\u2028b"], "_c2": ["c\nd"]}),
        ('{"sagemakerCaptureJson": {"captureIndexNames": ["endpointInput"]}}', event("0.5", "1,2"),
         {"_c0": ["1"], "_c1": ["2"]}),
        (CAPTURED, event('{"p": 0.5}', '{"x": 1}', "JSON"), {"p": ["0.5"], "x": ["1"]}),
    ],
)  # fmt: skip
def test_what_is_written(tmp_path: Path, form: str, text: str, columns: dict[str, list[str | None]]) -> None:
    (tmp_path / "data").write_text(text)
    (tmp_path / "_SUCCESS").write_text("no data")
    assert read(tmp_path, form) == columns


def test_files_are_read_by_name_and_unpacked(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "2.csv.gz").write_bytes(gzip.compress(b"a\n2\n"))
    (tmp_path / "1.csv").write_text("a\n1\n")
    assert read(tmp_path, CSV) == {"a": ["1", "2"]}


def test_what_gzip_cannot_unpack_is_said(tmp_path: Path) -> None:
    packed = gzip.compress(b"a\n1\n")
    no_such_block = packed[:10] + b"\x07" + packed[11:]  # RFC 1951: of a type that is reserved
    for broken in (packed[:-9], no_such_block, b"a\n1\n"):
        (tmp_path / "1.csv.gz").write_bytes(broken)
        with pytest.raises(Refused, match="not packed by gzip"):
            read(tmp_path, CSV)


def test_a_baseline_s_names_are_those_of_columns_without(tmp_path: Path) -> None:
    (tmp_path / "1.jsonl").write_text(event("0.5", "1,2"))
    assert list(read(tmp_path, CAPTURED, ("price", "rooms"))) == ["price", "rooms", "_c2"]


def test_what_is_captured_at_another_time_does_not_count(tmp_path: Path) -> None:
    hours = (event(str(hour), "1", at=f"2026-11-29T{hour}:00:00Z") for hour in (10, 11, 12))
    (tmp_path / "1.jsonl").write_text("\n".join(hours))
    times = {"start_time": "2026-11-29T11: 00: 00Z", "end_time": "2026-11-29T12:00:00Z"}
    assert read(tmp_path, CAPTURED, **times)["_c0"] == ["11"]


def test_a_script_makes_the_records(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(
        "def preprocess_handler(inference_record, logger):\n"
        "    logger.info('seen')\n"
        "    if inference_record.event_metadata.event_time < '2026-11-29T11':\n        return []\n"
        "    return [{'p': float(p)} for p in inference_record.endpoint_output.data.split()]\n"
    )
    data = tmp_path / "data"
    data.mkdir()
    (data / "1.jsonl").write_text(event("1 2", "x") + "\n" + event("3 4", "y", at="2026-11-29T11:00:00Z"))
    assert read(data, CAPTURED, record_preprocessor_script=str(script)) == {"p": ["3.0", "4.0"]}


@pytest.mark.parametrize(
    ("form", "text", "says"),
    [
        (CSV, "", "no records"),
        (CSV, "a,b\n1\n", "Record 1 of data has 1 fields instead of 2."),
        (CSV, "a,a\n1,2\n", "must have names"),
        (CSV, "a\n\xff\n", "not UTF-8"),
        (LINES, "[1]\n", "Line 1 of data is no JSON object"),
        (LINES, '{"a": {"b": 1}}', "something within 'a'"),
        (LINES, "{", "is no JSON"),
        (CAPTURED, "{}", "no captured request"),
        (CAPTURED, event("x", "MQ==", "BASE64"), "captured as BASE64"),
        (CAPTURED, event("x", "y").replace('"CSV"', '"BASE64"', 1), "Encoding is BASE64 for endpointInput"),
        (CAPTURED, event("1\n2", "y"), "not as many lines"),
        (CAPTURED, event("{}", "[" * 100_000, "JSON"), "The data of Line 1 of data is no JSON"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(tmp_path: Path, form: str, text: str, says: str) -> None:
    (tmp_path / "data").write_bytes(text.encode("latin-1" if "\xff" in text else "utf-8"))
    with pytest.raises(Refused, match=says):
        if not read(tmp_path, form):
            raise Refused("no records")


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"dataset_format": "{}"}, "no JSON object of one format"),
        ({"dataset_format": '{"parquet": {}}'}, "parquet is not implemented"),
        ({"dataset_format": '{"csv": {"header": 7}}'}, "neither true nor false"),
        ({"dataset_format": '{"csv": {"output_columns_position": "END"}}'}, "END is not implemented"),
        *(
            ({"dataset_format": f'{{"sagemakerCaptureJson": {{"captureIndexNames": {sides}}}}}'}, "may have")
            for sides in ('["x"]', "[{}]", '"endpointInput"', "1")
        ),
        ({"dataset_source": ""}, "dataset_source is required"),
        ({"analysis_type": "MODEL_BIAS"}, "MODEL_BIAS' is not implemented"),
        ({"publish_cloudwatch_metrics": "Enabled"}, "monitoring schedule"),
        ({"record_preprocessor_script": "x.py"}, "is for captured data"),
        ({"end_time": "yesterday"}, "no time"),
        (MODEL | {"problem_type": "Ranking"}, "problem_type 'Ranking'"),
        (MODEL, "ground_truth_attribute is required"),
        (MODEL | {"ground_truth_attribute": "y"}, "inference_attribute is required"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(variables: dict[str, str], says: str) -> None:
    given = {"dataset_source": "/in", "output_path": "/out", "dataset_format": CSV}
    with pytest.raises(Refused, match=says):
        settings.read(given | variables)


@pytest.mark.parametrize(("host", "analyzes"), [("algo-1", True), ("algo-2", False)])
def test_the_first_instance_analyzes(tmp_path: Path, host: str, analyzes: bool) -> None:
    (tmp_path / "resourceconfig.json").write_text(
        json.dumps({"current_host": host, "hosts": ["algo-1", "algo-2"]})
    )
    config = tmp_path / "processingjobconfig.json"
    config.write_text("{}")
    assert is_first(tmp_path) is analyzes
    sharded = {"S3Input": {"S3DataDistributionType": "ShardedByS3Key"}}
    config.write_text(json.dumps({"ProcessingInputs": [sharded]}))
    with pytest.raises(Refused, match="sharded"):
        is_first(tmp_path)
