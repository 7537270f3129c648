"""Images in files: what `docker save` wrote before its version 25, OCI layouts, names."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
from pathlib import Path

import pytest
from tests.registry import config_of, digest_of, layer_of, manifest_of

from sagehen.cli.images.own.archive import ImageFile, UnusableFile
from sagehen.cli.images.own.command import named
from sagehen.images.configuration import host_architecture
from sagehen.images.manifests import read_manifest

LAYER, CONFIG = layer_of({"a": b"1"}), config_of()


def tar_of(path: Path, files: dict[str, bytes]) -> Path:
    with tarfile.open(path, "w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    return path


def test_what_docker_saved(tmp_path: Path) -> None:
    entry = {"Config": "c.json", "RepoTags": ["team/app:v1"], "Layers": ["x/layer.tar"]}
    files = {
        "c.json": CONFIG,
        "x/layer.tar": gzip.decompress(LAYER),
        "manifest.json": json.dumps([entry]).encode(),
    }
    with ImageFile(tar_of(tmp_path / "saved.tar", files)) as file:
        [image] = file.images()
        manifest = read_manifest(image.manifest, image.media_type)
        assert image.name == "team/app:v1"
        assert [blob.digest for blob in image.blobs] == [each.digest for each in manifest.blobs]
        with file.open(image.blobs[1]) as layer:
            assert layer.read() == gzip.decompress(LAYER)


@pytest.mark.parametrize("packed", [True, False])
def test_a_layout_of_which_this_machine_s_image_is_taken(tmp_path: Path, packed: bool) -> None:
    manifest = manifest_of(CONFIG, LAYER)
    there = {
        "digest": digest_of(manifest),
        "size": len(manifest),
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
    }
    ours = {**there, "platform": {"os": "linux", "architecture": host_architecture()}}
    absent = {**there, "digest": digest_of(b"absent"), "platform": {"os": "linux", "architecture": "vax"}}
    index = json.dumps({"schemaVersion": 2, "manifests": [absent, ours]}).encode()
    kind = "application/vnd.oci.image.index.v1+json"
    note = {"io.containerd.image.name": "docker.io/library/app:v2"}
    top = {"mediaType": kind, "digest": digest_of(index), "size": len(index), "annotations": note}
    files = {f"blobs/{digest_of(blob).replace(':', '/')}": blob for blob in (LAYER, CONFIG, manifest, index)}
    files["index.json"] = json.dumps({"schemaVersion": 2, "manifests": [top]}).encode()
    path = tmp_path / "layout"
    if packed:
        tar_of(path, files)
    else:
        for name, content in files.items():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            (path / name).write_bytes(content)
    with ImageFile(path) as file:
        [image] = file.images()
        assert image.manifest == manifest and named(image.name) == ("app", "v2")
        with file.open(image.blobs[1]) as layer:
            assert layer.read() == LAYER


def test_what_holds_no_image(tmp_path: Path) -> None:
    for files in ({"x": b""}, {"index.json": b"{"}, {"manifest.json": b"[{}]"}):
        with pytest.raises(UnusableFile), ImageFile(tar_of(tmp_path / "x.tar", files)) as file:
            file.images()
    (tmp_path / "none").write_text("no archive")
    with pytest.raises(UnusableFile), ImageFile(tmp_path / "none"):
        pass


@pytest.mark.parametrize(
    ("name", "means"),
    [
        ("app", ("app", "latest")),
        ("app:v1", ("app", "v1")),
        ("team/app", ("team/app", "latest")),
        ("docker.io/library/app:v1", ("app", "v1")),
        ("localhost:5000/team/app:v1", ("team/app", "v1")),
        ("123456789012.dkr.ecr.us-east-1.amazonaws.com/a/b:c", ("a/b", "c")),
        (f"app:v1@{digest_of(b'')}", ("app", "v1")),
        ("", ("", "latest")),
    ],
)
def test_names(name: str, means: tuple[str, str]) -> None:
    assert named(name) == means
