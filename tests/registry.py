"""A plain client of the registry's protocol, and images of a few bytes."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import urllib.error
import urllib.request
from collections.abc import Mapping
from email.message import Message
from typing import Any

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
OCI_CONFIG = "application/vnd.oci.image.config.v1+json"


def digest_of(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def layer_of(
    files: Mapping[str, bytes], mode: int = 0o755, level: int = 6, folders: Mapping[str, int] | None = None
) -> bytes:
    """Return a layer of regular files, gzipped.

    Args:
        folders: Those that have a mode of their own.
    """
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, own_mode in (folders or {}).items():
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, own_mode
            tar.addfile(folder)
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), mode
            tar.addfile(member, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), level, mtime=0)


def config_of(architecture: str = "amd64", **config: Any) -> bytes:
    """Return an image's configuration; `config` has members such as Entrypoint."""
    return json.dumps({"architecture": architecture, "os": "linux", "config": config}).encode()


def manifest_of(config: bytes, *layers: bytes, **more: Any) -> bytes:
    """Return an image's manifest."""
    entries = [{"mediaType": OCI_LAYER, "digest": digest_of(one), "size": len(one)} for one in layers]
    first = {"mediaType": OCI_CONFIG, "digest": digest_of(config), "size": len(config)}
    document = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": first, "layers": entries, **more}
    return json.dumps(document).encode()


class RegistryClient:
    """Speaks the protocol.

    Args:
        url: Of the platform.
        token: Of GetAuthorizationToken; None: none.
    """

    def __init__(self, url: str, token: str | None) -> None:
        self._url = url
        self._headers = {"Authorization": f"Basic {token}"} if token else {}
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def call(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, Message, bytes]:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request = urllib.request.Request(
            self._url + path, body, {"Content-Type": "application/octet-stream", **self._headers, **named},
            method=method,
        )  # fmt: skip
        try:
            with self._opener.open(request, timeout=60) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.headers, error.read()

    def push(self, repository: str, tag: str, config: bytes, *layers: bytes) -> str:
        """Push an image; return its digest."""
        for blob in (config, *layers):
            if self.call("HEAD", f"/v2/{repository}/blobs/{digest_of(blob)}")[0] == 404:
                path = f"/v2/{repository}/blobs/uploads/?digest={digest_of(blob)}"
                status, _, text = self.call("POST", path, blob)
                assert status == 201, text
        manifest = manifest_of(config, *layers)
        path = f"/v2/{repository}/manifests/{tag}"
        status, _, text = self.call("PUT", path, manifest, Content_Type=OCI_MANIFEST)
        assert status == 201, text
        return digest_of(manifest)
