"""An image brought in and unpacked, beside podman and skopeo: rows of `benchmarks.images`."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.registry import OCI_CONFIG, OCI_LAYER, OCI_MANIFEST

from benchmarks.processes import Platform
from benchmarks.signed import client
from benchmarks.table import Row
from sagehen.images.configuration import host_architecture
from sagehen.images.roots.store import RootStore

_NAME = "pushed"


def rows(
    running: Platform, folder: Path, packed: Path, diff_id: str, rounds: int, say: Callable[[str], None]
) -> list[Row]:
    """Bring an image of one layer in, in turn by each; what is not installed has no figures.

    Args:
        packed: The layer.
        diff_id: Its digest, unpacked.
    """
    layout = _layout(folder / "layout", packed, diff_id)
    token = _token(running)
    imports, podman, pushes, copies = list[float](), list[float](), list[float](), list[float]()
    for number in range(rounds):
        say(f"an image, round {number + 1}/{rounds}")
        with _timed(imports):
            _sagehen(running, "images", "import", str(layout), "--name", f"{_NAME}:i{number}")
            roots = RootStore(folder / "roots")
            asyncio.run(roots.bring(f"sha256:{number:064x}", [(packed, diff_id)]))
        shutil.rmtree(folder / "roots")
        if shutil.which("podman"):
            store = ["--root", str(folder / "podman"), "--runroot", str(folder / "podman-run")]
            with _timed(podman):
                _quietly("podman", *store, "pull", "--quiet", f"oci:{layout}:v1")
            _quietly("podman", *store, "rmi", "--all", "--force")
        if shutil.which("skopeo"):
            _forget(running)
            to = f"docker://127.0.0.1:{running.port}/{_NAME}:p{number}"
            credentials = ["--dest-tls-verify=false", "--dest-creds", f"AWS:{token}"]
            with _timed(pushes):
                _quietly("skopeo", "copy", *credentials, f"oci:{layout}:v1", to)
            with _timed(copies):
                _quietly("skopeo", "copy", f"oci:{layout}:v1", f"dir:{folder / 'copy'}")
            shutil.rmtree(folder / "copy")
        _forget(running)
    return [
        _row(
            "an image imported from a folder and unpacked", imports, podman, "podman pull of the same folder"
        ),
        _row(
            "the same pushed by skopeo", pushes, copies, "the peer: skopeo into a folder; nothing is unpacked"
        ),
    ]


def _row(what: str, ours: list[float], peer: list[float], note: str) -> Row:
    if not ours or not peer:
        return Row(what, f"{statistics.median(ours):.1f} s" if ours else "", note="the peer is not here")
    mine, theirs = statistics.median(ours), statistics.median(peer)
    return Row(what, f"{mine:.1f} s", f"{theirs:.1f} s", f"{mine / theirs:.2f} times", note)


@contextmanager
def _timed(took: list[float]) -> Iterator[None]:
    began = time.perf_counter()
    yield
    took.append(time.perf_counter() - began)


def _sagehen(running: Platform, *words: str) -> None:
    _quietly(sys.executable, "-m", "sagehen.cli", *words, "--data", str(running.folder))


def _quietly(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def _token(running: Platform) -> str:
    """Make the repository; return the password of its pushes."""
    ecr = client("ecr", running.url, running.keys)
    ecr.create_repository(repositoryName=_NAME)
    encoded: str = ecr.get_authorization_token()["authorizationData"][0]["authorizationToken"]
    return base64.b64decode(encoded).decode().partition(":")[2]


def _forget(running: Platform) -> None:
    """Delete the images, so that the next push brings all of its bytes."""
    ecr = client("ecr", running.url, running.keys)
    while images := ecr.list_images(repositoryName=_NAME)["imageIds"]:
        ecr.batch_delete_image(repositoryName=_NAME, imageIds=images)


def _layout(folder: Path, packed: Path, diff_id: str) -> Path:
    """Write an OCI layout of one image, which has one layer."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def described(kind: str, digest: str, size: int) -> dict[str, object]:
        return {"mediaType": kind, "digest": f"sha256:{digest}", "size": size}

    def written(kind: str, document: object) -> dict[str, object]:
        content = json.dumps(document).encode()
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        return described(kind, digest, len(content))

    with packed.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    (blobs / digest).hardlink_to(packed)
    layer = described(OCI_LAYER, digest, packed.stat().st_size)
    config = {
        "os": "linux",
        "architecture": host_architecture(),
        "rootfs": {"type": "layers", "diff_ids": [diff_id]},
    }
    manifest = {"schemaVersion": 2, "config": written(OCI_CONFIG, config), "layers": [layer]}
    entry = written(OCI_MANIFEST, manifest) | {"annotations": {"org.opencontainers.image.ref.name": "v1"}}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    (folder / "oci-layout").write_text(json.dumps({"imageLayoutVersion": "1.0.0"}))
    return folder
