"""A transform job over 10,000 images in a bucket, against a bare loop over the same files in a folder."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import simplejpeg

from benchmarks import deploy
from benchmarks.processes import Platform
from benchmarks.signed import client
from benchmarks.table import Row, Table, per_second

IMAGES = 10_000
_BATCH = 32
# While one batch is in the network the next one is fetched and decoded.
_AT_ONCE = 2 * _BATCH
_ROUNDS = 3
_REPOSITORY = Path(__file__).parent.parent
_PYTORCH = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"


def measure(say: Callable[[str], None], images: int = IMAGES, rounds: int = _ROUNDS) -> Table:
    """Run both in turn."""
    jobs, asked, loops = list[float](), list[float](), list[float]()
    with tempfile.TemporaryDirectory() as folder, Platform("--instance-cpus", "1") as running:
        source = Path(folder) / "images"
        say(f"making {images} images")
        _make(source, images)
        service = _Account(running)
        service.upload(source)
        for number in range(rounds):
            say(f"round {number + 1}/{rounds}: the loop")
            loops.append(_bare_loop(source, Path(folder) / f"out{number}", images))
            say(f"round {number + 1}/{rounds}: the job, after {loops[-1]:.1f} s")
            whole, asking = service.transform(f"bench-{number}", images)
            jobs.append(whole)
            asked.append(asking)
            say(f"round {number + 1}/{rounds}: {whole:.1f} s, {asking:.1f} of them asking")
    return Table(
        "A transform job over 10,000 images",
        peer="bare loop",
        method=(
            f"{images:,} JPEGs of 64 pixels, each an object; ResNet-18 in batches of {_BATCH}, one thread, "
            "the same serving script for both. The loop reads files and writes files, its start and the "
            f"loading of the model left out. Medians of {rounds} in turn."
        ),
        rows=[
            _row("from the first answer to the last", asked, loops, images, "aim: 95 %"),
            _row("from CreateTransformJob to Completed", jobs, loops, images, ""),
        ],
    )


def _row(what: str, ours: list[float], loops: list[float], images: int, note: str) -> Row:
    ratio = median(loop / own for loop, own in zip(loops, ours, strict=True))
    rates = per_second(images / median(ours)), per_second(images / median(loops))
    return Row(what, *rates, f"{ratio:.0%}", note)


def _make(folder: Path, count: int) -> None:
    """Draw images that all differ."""
    folder.mkdir()
    draw = np.random.default_rng(0)
    for number in range(count):
        coarse = draw.integers(0, 256, (8, 8, 3), dtype=np.uint8)
        pixels = np.ascontiguousarray(coarse.repeat(8, 0).repeat(8, 1))
        (folder / f"{number:05d}.jpg").write_bytes(simplejpeg.encode_jpeg(pixels, quality=90))


def _bare_loop(source: Path, target: Path, images: int) -> float:
    target.mkdir()
    command = [sys.executable, "-m", "benchmarks.servers.bare_loop", str(source), str(target), str(_BATCH)]
    done = subprocess.run(command, cwd=_REPOSITORY, check=True, capture_output=True, text=True)
    if (made := len(list(target.iterdir()))) != images:
        raise RuntimeError(f"the loop made {made} answers")
    return float(done.stdout)


class _Account:
    """A bucket with the images, and a model."""

    def __init__(self, running: Platform) -> None:
        self._s3, self._sagemaker, self._logs = (
            client(name, running.url, running.keys) for name in ("s3", "sagemaker", "logs")
        )
        self._s3.create_bucket(Bucket="bench")
        hooks = (_REPOSITORY / "benchmarks" / "servers" / "image_hooks.py").read_text()
        model = deploy.archive({"code/inference.py": hooks})
        self._s3.put_object(Bucket="bench", Key="model.tar.gz", Body=model)
        self._sagemaker.create_model(
            ModelName="bench",
            ExecutionRoleArn=deploy.role(
                running, "bench-role", "sagemaker.amazonaws.com", ["s3:*", "logs:*"]
            ),
            PrimaryContainer={"Image": _PYTORCH, "ModelDataUrl": "s3://bench/model.tar.gz"},
        )

    def upload(self, folder: Path) -> None:
        """Put every file."""

        def put(path: Path) -> None:
            self._s3.put_object(Bucket="bench", Key=f"images/{path.name}", Body=path.read_bytes())

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(put, folder.iterdir()))

    def transform(self, name: str, images: int) -> tuple[float, float]:
        """Run a job; return its seconds, and those from its first answer to its last."""
        began = time.perf_counter()
        self._sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName="bench",
            MaxConcurrentTransforms=_AT_ONCE,
            MaxPayloadInMB=1,
            BatchStrategy="SingleRecord",
            TransformInput={
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": "s3://bench/images/"}},
                "ContentType": "image/jpeg",
            },
            TransformOutput={"S3OutputPath": f"s3://bench/{name}", "Accept": "application/json"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )
        while (job := self._sagemaker.describe_transform_job(TransformJobName=name))[
            "TransformJobStatus"
        ] == "InProgress":
            time.sleep(0.1)
        took = time.perf_counter() - began
        if job["TransformJobStatus"] != "Completed":
            raise RuntimeError(job.get("FailureReason"))
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket="bench", Prefix=f"{name}/")
        if (made := sum(page["KeyCount"] for page in pages)) != images:
            raise RuntimeError(f"the job made {made} answers")
        return took, self._asking_s(name)

    def _asking_s(self, name: str) -> float:
        """Return the seconds between the first and the last answer, by the server's log."""
        group = "/aws/sagemaker/TransformJobs"
        events: list[dict[str, Any]] = []
        for page in self._logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, logStreamNamePrefix=f"{name}/", filterPattern='"POST /invocations"'
        ):
            events += page["events"]
        moments = [event["timestamp"] for event in events]
        return float(max(moments) - min(moments)) / 1000
