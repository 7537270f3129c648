"""Transform jobs over images in a bucket, against a bare loop over the same files in a folder."""

from __future__ import annotations

import io
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from benchmarks import deploy
from benchmarks.image_models import CASES, Case, draw, make_model
from benchmarks.processes import Platform
from benchmarks.signed import client
from benchmarks.table import Row, Table, milliseconds, per_second

IMAGES = 10_000
_BATCH = 32
_ROUNDS = 3
_REPOSITORY = Path(__file__).parent.parent
_PYTORCH = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.6.0-cpu-py312"
# A client that looks ten times a second takes a twentieth of a core.
_LOOK_S = 0.5


@dataclass(slots=True)
class _Seconds:
    """Of one round: the job, its part from the first request on, the platform's processor; the loop."""

    job: float
    asking: float
    platform: float
    loop: float
    loop_used: float


def measure(say: Callable[[str], None], images: int = IMAGES, rounds: int = _ROUNDS) -> Table:
    """Run jobs and loops in turn."""
    rows: list[Row] = []
    with Platform("--instance-cpus", "1") as running:
        account = _Account(running)
        for case in CASES:
            count = int(images * case.share)
            rows += _rows(case, count, _run(account, case, count, rounds, say))
    return Table(
        "Transform jobs over images",
        peer="bare loop",
        method=(
            "JPEGs, each an object; random weights; one thread, batches of up to "
            f"{_BATCH} images, the same serving script for both, MaxConcurrentTransforms {2 * _BATCH}. The "
            "loop reads files and writes files, its start and the loading of the model left out. The "
            f"instance has one core, the platform the rest of the machine. Medians of {rounds} in turn."
        ),
        rows=rows,
    )


def _run(
    account: _Account, case: Case, images: int, rounds: int, say: Callable[[str], None]
) -> list[_Seconds]:
    found: list[_Seconds] = []
    with tempfile.TemporaryDirectory() as folder:
        source, model = Path(folder) / "images", Path(folder) / "model"
        say(f"{case.name}: making {images} images")
        draw(source, images, case.pixels)
        make_model(model, case)
        account.upload(case.network, source)
        account.make_model(case.network, model)
        for number in range(rounds):
            say(f"{case.name}, round {number + 1}/{rounds}: the loop")
            loop, used = _bare_loop(model, source, Path(folder) / f"out{number}", images)
            say(f"{case.name}, round {number + 1}/{rounds}: the job, after {loop:.1f} s")
            job, asking, platform = account.transform(case.network, f"{case.network}-{number}", images)
            say(f"{case.name}, round {number + 1}/{rounds}: {job:.1f} s, {asking:.1f} of them asking")
            found.append(_Seconds(job, asking, platform, loop, used))
    return found


def _rows(case: Case, images: int, found: list[_Seconds]) -> list[Row]:
    def row(what: str, own: Callable[[_Seconds], float], note: str) -> Row:
        ratio = median(one.loop / own(one) for one in found)
        rates = (images / median(map(own, found)), images / median(one.loop for one in found))
        ours, peer = map(per_second, rates)
        return Row(f"{case.name}: {what}", ours, peer, f"{ratio:.0%}", note)

    ours, peer = (
        milliseconds(median(each) / images)
        for each in ([one.platform for one in found], [one.loop_used for one in found])
    )
    what = f"{images:,} of {case.pixels} pixels; aim: 95 %"
    return [
        row("first request to last answer", lambda one: one.asking, what),
        row("CreateTransformJob to Completed", lambda one: one.job, ""),
        Row(
            f"{case.name}: processor an image",
            ours,
            peer,
            "",
            "of the platform's process alone, and the loop's",
        ),
    ]


def _bare_loop(model: Path, source: Path, target: Path, images: int) -> tuple[float, float]:
    """Return the loop's seconds, and its processor's."""
    target.mkdir()
    arguments = [str(model), str(source), str(target), str(_BATCH)]
    command = [sys.executable, "-m", "benchmarks.servers.bare_loop", *arguments]
    done = subprocess.run(command, cwd=_REPOSITORY, check=True, capture_output=True, text=True)
    if (made := len(list(target.iterdir()))) != images:
        raise RuntimeError(f"the loop made {made} answers")
    took, used = map(float, done.stdout.split())
    return took, used


class _Account:
    """A bucket with images and models."""

    def __init__(self, running: Platform) -> None:
        self._process = psutil.Process(running.process.pid)
        self._s3, self._sagemaker, self._logs = (
            client(name, running.url, running.keys) for name in ("s3", "sagemaker", "logs")
        )
        self._role = deploy.role(running, "bench-role", "sagemaker.amazonaws.com", ["s3:*", "logs:*"])
        self._s3.create_bucket(Bucket="bench")

    def upload(self, prefix: str, folder: Path) -> None:
        """Put every file."""

        def put(path: Path) -> None:
            self._s3.put_object(Bucket="bench", Key=f"{prefix}/{path.name}", Body=path.read_bytes())

        with ThreadPoolExecutor(4) as pool:
            list(pool.map(put, folder.iterdir()))

    def make_model(self, name: str, folder: Path) -> None:
        """Make a model of a folder."""
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w:gz") as tar:
            tar.add(folder, ".", filter=lambda one: None if "__pycache__" in one.name else one)
        self._s3.put_object(Bucket="bench", Key=f"{name}.tar.gz", Body=packed.getvalue())
        self._sagemaker.create_model(
            ModelName=name,
            ExecutionRoleArn=self._role,
            PrimaryContainer={"Image": _PYTORCH, "ModelDataUrl": f"s3://bench/{name}.tar.gz"},
        )

    def transform(self, model: str, name: str, images: int) -> tuple[float, float, float]:
        """Run a job; return its seconds, those of its requests, and the platform's processor's."""
        used = _used(self._process)
        self._sagemaker.create_transform_job(
            TransformJobName=name,
            ModelName=model,
            MaxConcurrentTransforms=2 * _BATCH,  # one batch is answered while the next one comes
            MaxPayloadInMB=1,
            BatchStrategy="SingleRecord",
            TransformInput={
                "DataSource": {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"s3://bench/{model}/"}},
                "ContentType": "image/jpeg",
            },
            TransformOutput={"S3OutputPath": f"s3://bench/out/{name}", "Accept": "application/json"},
            TransformResources={"InstanceType": "ml.m5.large", "InstanceCount": 1},
        )
        while (job := self._sagemaker.describe_transform_job(TransformJobName=name))[
            "TransformJobStatus"
        ] == "InProgress":
            time.sleep(_LOOK_S)
        took = (job["TransformEndTime"] - job["CreationTime"]).total_seconds()
        used = _used(self._process) - used
        if job["TransformJobStatus"] != "Completed":
            raise RuntimeError(job.get("FailureReason"))
        pages = self._s3.get_paginator("list_objects_v2").paginate(Bucket="bench", Prefix=f"out/{name}/")
        if (made := sum(page["KeyCount"] for page in pages)) != images:
            raise RuntimeError(f"the job made {made} answers")
        return took, self._asking_s(name), used

    def _asking_s(self, name: str) -> float:
        """Return the seconds from the job's first request to its last answer, by its logs."""
        begun = self._moments(name, '"MaxConcurrentTransforms="')
        answered = self._moments(name, '"POST /invocations"')
        return (max(answered) - min(begun)) / 1000

    def _moments(self, name: str, pattern: str) -> list[int]:
        events: list[dict[str, Any]] = []
        for page in self._logs.get_paginator("filter_log_events").paginate(
            logGroupName="/aws/sagemaker/TransformJobs",
            logStreamNamePrefix=f"{name}/",
            filterPattern=pattern,
        ):
            events += page["events"]
        return [event["timestamp"] for event in events]


def _used(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
