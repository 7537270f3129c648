"""What a service gets of a registry: of what the repository has, and nothing that would hurt who runs it."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.images.configuration import host_architecture
from sagehen.images.digests import digest_of
from sagehen.images.media_types import OCI_CONFIG, OCI_MANIFEST
from sagehen.services.ecr.for_services import ImagesForServices, ImageUnusable

URI = "123456789012.dkr.ecr.us-east-1.amazonaws.com/team/image:1"
LAYER = digest_of(b"somebody else's")


def images(tmp_path: Path, layers: set[str], **config: str) -> ImagesForServices:
    """Return what has one image, of one layer, whose repository has these."""
    said = {
        "os": "linux", "architecture": host_architecture(), "config": config,
        "rootfs": {"type": "layers", "diff_ids": [digest_of(b"unpacked")]},
    }  # fmt: skip
    configuration = json.dumps(said).encode()
    kind = "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip"
    manifest = {
        "schemaVersion": 2,
        "config": {"mediaType": OCI_CONFIG, "digest": digest_of(configuration), "size": 1},
        "layers": [{"mediaType": kind, "digest": LAYER, "size": 1}],
    }
    image = SimpleNamespace(digest=digest_of(b"manifest"), media_type=OCI_MANIFEST)

    async def give(*_: object) -> bytes:
        return json.dumps(manifest).encode()

    async def read(*_: object) -> bytes:
        return configuration

    async def bring(*_: object) -> Path:
        return tmp_path

    made: list[Any] = [
        SimpleNamespace(layer_size=lambda _, __, digest: 1 if digest in layers else None),
        SimpleNamespace(find=lambda *_: image, pulled=give),
        SimpleNamespace(read=read, path=lambda digest: tmp_path / digest),
        SimpleNamespace(bring=bring, hold=lambda _: lambda: None),
        SimpleNamespace(authorize=lambda *_: None),
    ]
    return ImagesForServices(*made)


async def test_a_layer_that_the_repository_does_not_have_is_not_given(tmp_path: Path) -> None:
    principal: Any = None
    found = await images(tmp_path, {LAYER}).bring(URI, principal)
    assert found.folder == tmp_path and found.stop_signal == 15
    with pytest.raises(ImageUnusable, match="layer 1 of 1 was not pushed"):
        await images(tmp_path, set()).bring(URI, principal)


@pytest.mark.parametrize("said", ["00019999999999", "0001999", "9" * 5000, "65", "0", "SIGNONE", "-9", "²"])
async def test_a_stop_signal_is_one_that_can_be_sent(tmp_path: Path, said: str) -> None:
    principal: Any = None
    with pytest.raises(ImageUnusable, match="no signal"):
        await images(tmp_path, {LAYER}, StopSignal=said).bring(URI, principal)
