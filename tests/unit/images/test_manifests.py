"""Manifests are foreign: read as they are, or refused with the reason."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sagehen.images.manifests import UnusableManifest, read_manifest
from sagehen.images.media_types import DOCKER_LIST, DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST

D = "sha256:" + "0" * 64
ENTRY = {"mediaType": "application/x", "digest": D, "size": 3}
IMAGE: dict[str, Any] = {"schemaVersion": 2, "config": ENTRY, "layers": [ENTRY]}
INDEX: dict[str, Any] = {"schemaVersion": 2, "manifests": [{**ENTRY, "platform": {"architecture": "arm64"}}]}


@pytest.mark.parametrize(
    ("document", "sent", "kind"),
    [
        (IMAGE, None, OCI_MANIFEST),
        (IMAGE, f"{DOCKER_MANIFEST}; charset=utf-8", DOCKER_MANIFEST),
        ({**IMAGE, "mediaType": DOCKER_MANIFEST}, None, DOCKER_MANIFEST),
        (INDEX, None, OCI_INDEX),
        (INDEX, DOCKER_LIST, DOCKER_LIST),
    ],
)
def test_a_manifest_is_what_it_says(document: Any, sent: str | None, kind: str) -> None:
    manifest = read_manifest(json.dumps(document).encode(), sent)
    assert manifest.media_type == kind
    assert manifest.size == (6 if "layers" in document else 3)


@pytest.mark.parametrize(
    ("document", "sent"),
    [
        (b"\xff", None),
        (b"[]", None),
        ({**IMAGE, "schemaVersion": 1}, None),
        ({**IMAGE, "schemaVersion": True}, None),
        (IMAGE, OCI_INDEX),
        (INDEX, OCI_MANIFEST),
        ({**IMAGE, "mediaType": OCI_MANIFEST}, DOCKER_MANIFEST),
        (IMAGE, "text/plain"),
        ({**IMAGE, "layers": {}}, None),
        ({**IMAGE, "layers": [{**ENTRY, "digest": "sha256:../../etc/passwd"}]}, None),
        ({**IMAGE, "layers": [{**ENTRY, "size": -1}]}, None),
        ({**IMAGE, "layers": [{**ENTRY, "size": True}]}, None),
        ({**IMAGE, "layers": [None]}, None),
        ({**IMAGE, "config": None}, None),
        ({**IMAGE, "subject": "x"}, None),
        ({**IMAGE, "layers": [ENTRY] * 5000}, None),
        (b"[" * 100_000, None),
    ],
)
def test_what_is_none_is_refused(document: Any, sent: str | None) -> None:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    with pytest.raises(UnusableManifest):
        read_manifest(body, sent)
