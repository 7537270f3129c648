"""Images of one's own: unpacking them, beside GNU tar and sha256sum; and an endpoint's first answer.

Unpacking resolves every name itself and gives files their owners, which tar does not here.
"""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import io
import os
import random
import shutil
import statistics
import subprocess
import tarfile
import tempfile
import time
import uuid
from collections.abc import Callable
from pathlib import Path

from tests.registry import RegistryClient
from tests.serving_image import push_server, server_layer

from benchmarks import deploy, image_pushing
from benchmarks.processes import Platform
from benchmarks.signed import client
from benchmarks.table import Row, Table, milliseconds
from sagehen.images.roots.store import RootStore

_GIB = 2**30
# As a Python image has them: many small files, and libraries of some MiB.
_SMALL, _SMALL_BYTES, _LARGE_BYTES = 20_000, 8_192, 16 * 2**20
_SIZE = _GIB
_ROUNDS = 3
# As unpacking does: a layer is read once, and its digest is that of what it unpacks to.
_PEER = 'set -o pipefail; gzip -dc "$1" | tee >(sha256sum) | tar -x -C "$2"'


def measure(say: Callable[[str], None]) -> Table:
    """Unpack one layer by both in turn; then create endpoints on images that nobody has unpacked."""
    with Platform() as running, tempfile.TemporaryDirectory() as folder:
        say("making a layer")
        packed, digest = Path(folder) / "layer.tar.gz", _make(Path(folder) / "layer.tar")
        subprocess.run(["sh", "-c", 'gzip -1 <"$1.tar" >"$1.tar.gz"', "sh", f"{folder}/layer"], check=True)
        (Path(folder) / "layer.tar").unlink()
        rows = _unpacking(Path(folder), packed, digest, say)
        rows += image_pushing.rows(running, Path(folder), packed, digest, _ROUNDS, say)
        rows += _first_answers(running, say)
    return Table(
        "Images of one's own",
        peer="tar, podman, skopeo",
        method=(
            f"A layer of {_SIZE / _GIB:g} GiB, {_SMALL:,} files of 8 KiB, others of 16 MiB, gzip -1; medians "
            f"of {_ROUNDS} in turn, the peer of unpacking `gzip -dc | tee >(sha256sum) | tar -x`. Endpoints: "
            "from CreateEndpoint to the first answer of a Python server."
        ),
        rows=rows,
    )


def _unpacking(folder: Path, packed: Path, digest: str, say: Callable[[str], None]) -> list[Row]:
    ours, peer, ours_cpu, peer_cpu = list[float](), list[float](), list[float](), list[float]()
    for number in range(_ROUNDS):
        say(f"unpacking, round {number + 1}/{_ROUNDS}")
        roots = RootStore(folder / f"roots{number}")
        began, before = time.perf_counter(), os.times()
        asyncio.run(roots.bring(f"sha256:{uuid.uuid4().hex * 2}", [(packed, digest)]))
        ours.append(time.perf_counter() - began)
        after = os.times()
        ours_cpu.append(after.user + after.system - before.user - before.system)
        to = folder / f"tar{number}"
        to.mkdir()
        began = time.perf_counter()
        subprocess.run(["bash", "-c", _PEER, "bash", packed, to], check=True, stdout=subprocess.DEVNULL)
        peer.append(time.perf_counter() - began)
        used = os.times()
        gone = after.children_user + after.children_system
        peer_cpu.append(used.children_user + used.children_system - gone)
        for made in (folder / f"roots{number}", to):
            shutil.rmtree(made)
    return [
        _row("unpacking, of a GiB", ours, peer),
        _row("its processor time", ours_cpu, peer_cpu),
    ]


def _row(what: str, ours: list[float], peer: list[float]) -> Row:
    mine, theirs = (statistics.median(found) / _SIZE * _GIB for found in (ours, peer))
    return Row(what, f"{mine:.1f} s", f"{theirs:.1f} s", f"{mine / theirs:.2f} times")


def _make(path: Path) -> str:
    """Write the layer; return its digest. Half of each file can be compressed."""
    draw, written = random.Random(1), 0
    with path.open("wb") as file, tarfile.open(fileobj=file, mode="w") as tar:
        number = 0
        while written < _SIZE:
            size = _SMALL_BYTES if number < _SMALL else _LARGE_BYTES
            member = tarfile.TarInfo(f"usr/lib/{number % 200}/{number}")
            member.size, member.mode = size, 0o644
            tar.addfile(member, io.BytesIO(draw.randbytes(size // 2) + bytes(size // 2)))
            written, number = written + size, number + 1
    with path.open("rb") as made:
        return f"sha256:{hashlib.file_digest(made, 'sha256').hexdigest()}"


def _first_answers(running: Platform, say: Callable[[str], None]) -> list[Row]:
    names = ("ecr", "sagemaker", "sagemaker-runtime")
    ecr, sagemaker, runtime = (client(name, running.url, running.keys) for name in names)
    role = deploy.role(running, "bench-images", "sagemaker.amazonaws.com", ["s3:*", "ecr:*"])
    uri = ecr.create_repository(repositoryName="bench")["repository"]["repositoryUri"]
    token = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    registry, layer = RegistryClient(running.url, token), server_layer()
    push_server(registry, "bench", "v1", layer)
    took = []
    for number in range(1 + _ROUNDS):
        name = f"bench-{number}"
        say(f"endpoint {number + 1}/{1 + _ROUNDS}")
        container = {"Image": f"{uri}:v1"}
        sagemaker.create_model(ModelName=name, ExecutionRoleArn=role, PrimaryContainer=container)
        variant = {"VariantName": "v", "ModelName": name, "InstanceType": "ml.m5.large"}
        sagemaker.create_endpoint_config(
            EndpointConfigName=name, ProductionVariants=[{**variant, "InitialInstanceCount": 1}]
        )
        began = time.perf_counter()
        sagemaker.create_endpoint(EndpointName=name, EndpointConfigName=name)
        while sagemaker.describe_endpoint(EndpointName=name)["EndpointStatus"] == "Creating":
            time.sleep(0.02)
        runtime.invoke_endpoint(EndpointName=name, Body=b"x")["Body"].read()
        took.append(time.perf_counter() - began)
        sagemaker.delete_endpoint(EndpointName=name)
    size = len(gzip.decompress(layer)) / 2**20
    return [
        Row("first answer, the image not unpacked yet", milliseconds(took[0]), note=f"{size:.0f} MiB"),
        Row("first answer, the image unpacked", milliseconds(statistics.median(took[1:]))),
    ]
