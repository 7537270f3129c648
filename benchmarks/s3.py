"""S3 and the control plane, against moto's server: what a test suite would run on instead.

Both get the same requests, made and signed by boto3. The platform checks signature, content hash,
checksum and rights, and has written an object down before it acknowledges it; moto keeps everything
in memory, unchecked. One server process each.
"""

from __future__ import annotations

import json
import os
import statistics
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from benchmarks.bounds import bare_server, md5_s
from benchmarks.deploy import archive, role
from benchmarks.processes import Platform, moto
from benchmarks.rounds import Address, Result, Sample, in_turn, load
from benchmarks.signed import client, record
from benchmarks.table import Row, Table, milliseconds, per_second, times

_ROUNDS = 5
_SECONDS = 1.0
_CONNECTIONS = 4
_BUCKET = "bench-objects"
_SMALL = os.urandom(10_000)
_LARGE_BYTES = 64 * 1024 * 1024
_LARGE_ROUNDS = 5
_TRAINING_IMAGE = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-training:2.1.0-cpu-py310"

# What is asked of both, by name: a boto3 service, an operation, its parameters.
_CONTROL_PLANE: dict[str, tuple[str, str, dict[str, Any]]] = {
    "sts GetCallerIdentity": ("sts", "get_caller_identity", {}),
    "s3 ListBuckets": ("s3", "list_buckets", {}),
    "sagemaker DescribeTrainingJob": ("sagemaker", "describe_training_job", {"TrainingJobName": "bench-0"}),
    "sagemaker ListTrainingJobs": ("sagemaker", "list_training_jobs", {"MaxResults": 10}),
    "cloudwatch PutMetricData": (
        "cloudwatch",
        "put_metric_data",
        {
            "Namespace": "Bench",
            "MetricData": [
                {"MetricName": "Loss", "Dimensions": [{"Name": "Job", "Value": "bench-0"}], "Value": 0.5}
            ],
        },
    ),
}


class _Server:
    """One of the two: its clients, and the same things in it."""

    def __init__(self, url: str, keys: tuple[str, str], role_arn: str) -> None:
        self.url, self.keys = url, keys
        self.address = Address(port=urlsplit(url).port or 80)
        self.s3 = self.client("s3")
        self.s3.create_bucket(Bucket=_BUCKET)
        self._train(role_arn)

    def client(self, service: str) -> Any:
        return client(service, self.url, self.keys)

    def run(self, requests: list[bytes], connections: int = _CONNECTIONS) -> Callable[[], Sample]:
        return lambda: load(self.address, requests, connections=connections, seconds=_SECONDS)

    def _train(self, role_arn: str) -> None:
        """Have a training job to describe; on the platform it really runs, and has ended here."""
        self.s3.put_object(
            Bucket=_BUCKET, Key="source.tar.gz", Body=archive({"train.py": "print('trained')"})
        )
        sagemaker = self.client("sagemaker")
        sagemaker.create_training_job(
            TrainingJobName="bench-0",
            AlgorithmSpecification={"TrainingImage": _TRAINING_IMAGE, "TrainingInputMode": "File"},
            RoleArn=role_arn,
            HyperParameters={
                "sagemaker_program": json.dumps("train.py"),
                "sagemaker_submit_directory": json.dumps(f"s3://{_BUCKET}/source.tar.gz"),
            },
            OutputDataConfig={"S3OutputPath": f"s3://{_BUCKET}/out/"},
            ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
            StoppingCondition={"MaxRuntimeInSeconds": 600},
        )
        deadline = time.monotonic() + 60
        while sagemaker.describe_training_job(TrainingJobName="bench-0")["TrainingJobStatus"] == "InProgress":
            if time.monotonic() > deadline:
                raise TimeoutError("the training job does not end")
            time.sleep(0.1)


def measure(say: Callable[[str], None]) -> Table:
    """Alternate the two servers on each request."""
    say("starting both servers")
    with Platform() as platform, moto() as moto_url:
        arn = role(platform, "bench", "sagemaker.amazonaws.com", ["s3:*", "logs:*"])
        ours = _Server(platform.url, platform.keys, arn)
        theirs = _Server(moto_url, ("test", "test"), "arn:aws:iam::123456789012:role/bench")
        rows = []
        for name, (service, operation, parameters) in _CONTROL_PLANE.items():
            runs = {
                label: server.run([record(server.client(service), operation, **parameters)])
                for label, server in (("ours", ours), ("moto", theirs))
            }
            found = in_turn(runs, rounds=_ROUNDS, say=say, what=name)
            rows.append(_row(name, found["ours"], found["moto"]))
        rows += _small_objects(ours, theirs, say)
        rows += _large_objects(ours, theirs, say)
    return Table(
        "S3 and control plane against moto's server",
        peer="moto",
        method=(
            f"{_CONNECTIONS} connections, requests signed by boto3; medians of {_ROUNDS} rounds of "
            f"{_SECONDS:g} s in turn. 64 MB: one connection, medians of {_LARGE_ROUNDS}. Aim: 5 times. "
            "moto keeps objects in memory, checks neither signatures nor rights, and closes each connection."
        ),
        rows=rows,
    )


def _small_objects(ours: _Server, theirs: _Server, say: Callable[[str], None]) -> list[Row]:
    keys = [f"small/{number}" for number in range(64)]
    puts, gets = {}, {}
    for label, server in (("ours", ours), ("moto", theirs)):
        puts[label] = server.run(
            [record(server.s3, "put_object", Bucket=_BUCKET, Key=k, Body=_SMALL) for k in keys]
        )
        gets[label] = server.run([record(server.s3, "get_object", Bucket=_BUCKET, Key=k) for k in keys])
    put = in_turn(puts, rounds=_ROUNDS, say=say, what="PUT 10 kB")
    for server in (ours, theirs):
        for key in keys:
            server.s3.put_object(Bucket=_BUCKET, Key=key, Body=_SMALL)
    get = in_turn(gets, rounds=_ROUNDS, say=say, what="GET 10 kB")
    return [
        _row("PutObject 10 kB", put["ours"], put["moto"]),
        _row("GetObject 10 kB", get["ours"], get["moto"]),
    ]


def _row(what: str, ours: Result, peer: Result) -> Row:
    return Row(
        what,
        per_second(ours.rate),
        per_second(peer.rate),
        times(ours.rate, peer.rate),
        f"p50 {milliseconds(ours.p50)} against {milliseconds(peer.p50)}",
    )


def _large_objects(ours: _Server, theirs: _Server, say: Callable[[str], None]) -> list[Row]:
    body = os.urandom(1024 * 1024) * (_LARGE_BYTES // (1024 * 1024))
    seconds: dict[tuple[str, str], list[float]] = {}
    with bare_server(body) as bare:
        for number in range(_LARGE_ROUNDS + 1):
            for label, server in (("ours", ours), ("moto", theirs)):
                say(f"64 MB: {label}, " + (f"round {number}/{_LARGE_ROUNDS}" if number else "warming up"))
                put = record(server.s3, "put_object", Bucket=_BUCKET, Key="large", Body=body)
                get = record(server.s3, "get_object", Bucket=_BUCKET, Key="large")
                for verb, request in (("PutObject", put), ("GetObject", get)):
                    taken = seconds.setdefault((label, verb), [])
                    taken.append(_once(server.address, request, f"{label}: {verb}"))
            seconds.setdefault(("bound", "GetObject"), []).append(_once(bare, get, "sendfile"))
            seconds.setdefault(("bound", "PutObject"), []).append(md5_s(body))
    rates = {
        key: _LARGE_BYTES / 1e6 / statistics.median(taken[1:])  # the first ones warmed up
        for key, taken in seconds.items()
    }
    bounds = {
        "PutObject": "the MD5 alone, which an ETag is, on an idle core: {:.0f} MB/s",
        "GetObject": "the same client from a server that does nothing but sendfile: {:.0f} MB/s",
    }
    return [
        Row(
            f"{verb} 64 MB",
            f"{rates['ours', verb]:.0f} MB/s",
            f"{rates['moto', verb]:.0f} MB/s",
            times(rates["ours", verb], rates["moto", verb]),
            text.format(rates["bound", verb]),
        )
        for verb, text in bounds.items()
    ]


def _once(address: Address, request: bytes, what: str) -> float:
    """Return how long one request took, in seconds."""
    sample = load(address, [request], connections=1, seconds=0)
    if sample.errors:
        raise RuntimeError(f"{what} failed: {sample.first_error[:600]!r}")
    return sample.latencies[0]
