"""The manifests that a transform job's DataCaptureConfig asks for."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from sagehen.incoming.index import Entry
from sagehen.services.sagemaker.transform.captured import Manifest, manifests


def test_manifests_are_those_of_the_documentation() -> None:
    """Documented: SageMaker Developer Guide, Capture data from batch transform job."""
    entries = [Entry("in", f"data/dummy_{number}.csv", f"dummy_{number}.csv") for number in range(2)]
    answered = [(entry, f"{entry.relative}.out") for entry in entries]
    found = list(manifests(answered, "s3://out/answers"))
    assert [(one.kind, json.loads(one.text)) for one in found] == [
        ("input", [{"prefix": "s3://in/data/"}, "dummy_0.csv", "dummy_1.csv"]),
        ("output", [{"prefix": "s3://out/answers/"}, "dummy_0.csv.out", "dummy_1.csv.out"]),
    ]


def test_several_prefixes_are_several_manifests_and_nothing_is_none() -> None:
    answered = [(Entry("a", "x/1", "1"), "1.out"), (Entry("b", "2", "2"), "2.out")]
    texts = [json.loads(one.text)[0]["prefix"] for one in manifests(answered, "s3://out")]
    assert texts == ["s3://a/x/", "s3://b/", "s3://out/"]
    assert list(manifests([], "s3://out")) == []


def test_a_manifest_s_name_has_the_hour_of_the_start() -> None:
    started = datetime(2022, 8, 26, 13, 59, tzinfo=UTC)
    assert Manifest("input", "").name(started, "u") == "input/2022/08/26/13/u.jsonl"
