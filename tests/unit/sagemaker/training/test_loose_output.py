"""OutputDataConfig.CompressionType NONE: the artifacts as single objects, and models made of such."""

from __future__ import annotations

import os
from typing import Any

import pytest

from sagehen.api.errors import ValidationException

from ..conftest import ROLE
from .job_parts import two_hosts

LOOSE = {"S3OutputPath": "s3://out/jobs/", "CompressionType": "NONE", "KmsKeyId": "key"}


async def test_files_are_stored_one_by_one(platform: Any) -> None:
    async def write(container: Any) -> int:
        host = container.spec.hostname
        model, data = container.opt_ml / "model", container.opt_ml / "output" / "data"
        (model / "code").mkdir()
        (model / "code" / "inference.py").write_text("code")
        (model / f"weights-{host}").write_text(host)
        (data / "curve.csv").write_text("same on both")
        (model / "latest").symlink_to(f"/opt/ml/model/weights-{host}")
        (model / "out").symlink_to("/etc/passwd")
        (model / "folder").symlink_to("code")
        os.mkfifo(model / "pipe")
        (model / "long").mkdir()
        for name in ("a" * 250, "b" * 250, "c" * 250, "d" * 250):
            model = model / name
            model.mkdir()
        (model / "deep").write_text("x")
        return 0

    platform.executor.program = write
    await platform.create(OutputDataConfig=LOOSE, ResourceConfig=two_hosts())
    described = await platform.ended()
    assert described["TrainingJobStatus"] == "Completed", described
    assert described["ModelArtifacts"] == {"S3ModelArtifacts": "s3://out/jobs/Job-1/output/model/"}
    assert described["OutputDataConfig"] == LOOSE
    stored = {
        key.removeprefix("jobs/Job-1/output/"): content
        for (bucket, key), content in platform.objects.content.items()
        if bucket == "out" and key.startswith("jobs/")
    }
    # What a link leads to differs on algo-2, so that algo-1's counts.
    assert stored == {
        "model/code/inference.py": b"code",
        "model/latest": b"algo-1",
        "model/weights-algo-1": b"algo-1",
        "model/weights-algo-2": b"algo-2",
        "data/curve.csv": b"same on both",
    }
    log = "\n".join(line for lines in platform.logs.lines.values() for line in lines)
    for why in ("leads outside", "what is no file", "is not a file", "too long for an object"):
        assert why in log


async def test_a_role_that_may_not_write_one_of_them_fails_the_job(platform: Any) -> None:
    async def write(container: Any) -> int:
        (container.opt_ml / "model" / "weights").write_text("w")
        return 0

    platform.executor.program = write
    platform.objects.unreadable.add("jobs/Job-1/output/model/weights")
    await platform.create(OutputDataConfig=LOOSE)
    assert "Artifact upload failed" in (await platform.ended())["FailureReason"]


def _model(uri: str, kind: str = "S3Prefix", compression: str = "None", **more: Any) -> dict[str, Any]:
    source = {"S3Uri": uri, "S3DataType": kind, "CompressionType": compression}
    container = {"Image": "pytorch-inference:2.1", "ModelDataSource": {"S3DataSource": source}, **more}
    return {"ModelName": "m", "ExecutionRoleArn": ROLE, "PrimaryContainer": container}


async def test_a_model_of_single_objects_is_accepted_where_they_are(platform: Any) -> None:
    platform.objects.put("s3://data/model/code/inference.py")
    await platform.call(platform.models, "CreateModel", **_model("s3://data/model/"))
    shown = await platform.call(platform.models, "DescribeModel", ModelName="m")
    source = shown["PrimaryContainer"]["ModelDataSource"]["S3DataSource"]
    assert (source["S3Uri"], source["CompressionType"]) == ("s3://data/model/", "None")


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (_model("s3://data/none/"), "Could not find model data at s3://data/none/."),
        (_model("s3://data/none", "S3Object"), "Could not find model data at s3://data/none."),
        (_model("s3://data/model"), "must end with a forward slash"),
        (_model("s3://data/model/", "S3Object"), "must not end with a slash"),
        (_model("s3://data/model/", "S3Prefix", "Gzip"), "CompressionType Gzip is not supported with"),
        (_model("s3://data/model/", ModelDataUrl="s3://data/model.tar.gz"), "Only one of ModelDataUrl"),
    ],
)
async def test_models_that_cannot_be_meant_are_refused(platform: Any, request_: Any, message: str) -> None:
    platform.objects.put("s3://data/model/a")
    with pytest.raises(ValidationException, match=message):
        await platform.call(platform.models, "CreateModel", **request_)
