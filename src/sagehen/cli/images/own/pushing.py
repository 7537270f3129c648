"""Pushes an image by the registry's own protocol."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable
from typing import IO

from sagehen.cli.images.own.archive import Blob, StoredImage

_TIMEOUT_S = 600
# What is sent of a file at a time; http.client's own 8 KiB are 130,000 writes of a GiB.
_PIECE_BYTES = 1024 * 1024


class Refused(Exception):
    """The registry's refusal, in its words."""


class Registry:
    """A registry.

    Args:
        host, port: Of the platform.
        token: Of GetAuthorizationToken.
    """

    def __init__(self, host: str, port: int, token: str) -> None:
        self._address = (host, port)
        self._headers = {"Authorization": f"Basic {token}"}

    def push(
        self, repository: str, tag: str, image: StoredImage, content: Callable[[Blob], IO[bytes]]
    ) -> tuple[str, int]:
        """Push what is not there; return the image's digest and how many bytes were sent.

        Raises:
            Refused.
        """
        sent = 0
        for blob in image.blobs:
            if self._call("HEAD", f"/v2/{repository}/blobs/{blob.digest}", expected=(200, 404))[0] == 200:
                continue
            _, headers = self._call("POST", f"/v2/{repository}/blobs/uploads/", b"", expected=(202,))
            with content(blob) as file:
                path = f"{headers['location']}?digest={blob.digest}"
                self._call("PUT", path, file, length=blob.size, expected=(201,))
            sent += blob.size
        path = f"/v2/{repository}/manifests/{tag}"
        _, headers = self._call("PUT", path, image.manifest, kind=image.media_type, expected=(201,))
        return headers["docker-content-digest"], sent

    def _call(
        self,
        method: str,
        path: str,
        body: bytes | IO[bytes] | None = None,
        *,
        expected: tuple[int, ...],
        length: int | None = None,
        kind: str = "application/octet-stream",
    ) -> tuple[int, dict[str, str]]:
        connection = http.client.HTTPConnection(*self._address, timeout=_TIMEOUT_S, blocksize=_PIECE_BYTES)
        try:
            headers = {**self._headers, "Content-Type": kind}
            if length is not None:
                headers["Content-Length"] = str(length)
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status not in expected:
            raise Refused(_words(text) or f"{method} {path}: {answer.status} {answer.reason}")
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}


def _words(text: bytes) -> str:
    try:
        return str(json.loads(text)["errors"][0]["message"])
    except (ValueError, KeyError, IndexError, TypeError):
        return ""
