"""What `docker save`, `podman save`, `skopeo copy` and `buildctl` write: images in a file or a folder.

Read where it lies: nothing is unpacked.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from sagehen.images.configuration import host_architecture
from sagehen.images.manifests import Manifest, UnusableManifest, read_manifest
from sagehen.images.media_types import DOCKER_CONFIG, DOCKER_MANIFEST, INDEXES

_MOST_BYTES = 4_194_304
_READ_BYTES = 1024 * 1024
# As OCI's annotation of a reference, and as containerd's, which has the whole name.
_NAMES = ("io.containerd.image.name", "org.opencontainers.image.ref.name")


class UnusableFile(Exception):
    """It holds no image; the message says why."""


@dataclass(frozen=True, slots=True)
class Blob:
    """One content of an image.

    Args:
        member: Its name in the file.
    """

    digest: str
    size: int
    member: str


@dataclass(frozen=True, slots=True)
class StoredImage:
    """One image of a file.

    Args:
        name: As it was called when it was saved: `repository:tag`, or ''.
        manifest: As it is to be pushed.
        blobs: Configuration and layers.
    """

    name: str
    manifest: bytes
    media_type: str
    blobs: tuple[Blob, ...]


class ImageFile:
    """A file or folder with images; a context manager.

    Args:
        path: Of a tar archive, packed or not, or of a folder.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._tar: tarfile.TarFile | None = None

    def __enter__(self) -> ImageFile:
        if not self._path.is_dir():
            try:
                self._tar = tarfile.open(self._path)
            except (OSError, tarfile.TarError) as error:
                raise UnusableFile(f"{self._path} is no archive: {error}") from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._tar is not None:
            self._tar.close()

    def images(self) -> list[StoredImage]:
        """Return the images that it holds.

        Raises:
            UnusableFile.
        """
        with contextlib.suppress(KeyError, FileNotFoundError):
            return self._of_layout(self._json("index.json"))
        try:
            return [self._saved(entry) for entry in self._json("manifest.json")]
        except (KeyError, FileNotFoundError, TypeError):
            raise UnusableFile(
                f"{self._path} has neither index.json (OCI) nor manifest.json (docker save)"
            ) from None

    def open(self, blob: Blob) -> IO[bytes]:
        """Open a content."""
        return self._open(blob.member)

    # --- an OCI layout -----------------------------------------------------------------------

    def _of_layout(self, index: Any) -> list[StoredImage]:
        found = []
        for entry in index.get("manifests") or ():
            notes = entry.get("annotations") or {}
            name = next((notes[key] for key in _NAMES if notes.get(key)), "")
            found.append(self._stored(name, str(entry["digest"]), entry.get("mediaType")))
        return found

    def _stored(self, name: str, digest: str, media_type: str | None, nesting: int = 0) -> StoredImage:
        """Return an image; of an index this machine's, or the one that is there."""
        body = self._small(_member(digest))
        manifest = self._read(body, media_type)
        if manifest.media_type not in INDEXES:
            blobs = tuple(Blob(each.digest, each.size, _member(each.digest)) for each in manifest.blobs)
            return StoredImage(name, body, manifest.media_type, blobs)
        there = [each for each in manifest.manifests if self._has(_member(each.digest))]
        here = [e for e in there if (e.platform or {}).get("architecture") == host_architecture()]
        if nesting > 3 or not there:
            raise UnusableFile(f"{name or digest} is an index without an image")
        chosen = (here or there)[0]
        return self._stored(name, chosen.digest, chosen.media_type, nesting + 1)

    def _read(self, body: bytes, media_type: str | None) -> Manifest:
        try:
            return read_manifest(body, media_type)
        except UnusableManifest as error:
            raise UnusableFile(f"a manifest in {self._path}: {error}") from None

    # --- what docker saved before its version 25 ---------------------------------------------

    def _saved(self, entry: Any) -> StoredImage:
        config = self._blob(str(entry["Config"]))
        layers = [self._blob(str(name)) for name in entry["Layers"]]
        kind = "application/vnd.docker.image.rootfs.diff.tar"
        manifest = {
            "schemaVersion": 2, "mediaType": DOCKER_MANIFEST,
            "config": {"mediaType": DOCKER_CONFIG, "digest": config.digest, "size": config.size},
            "layers": [{"mediaType": kind, "digest": each.digest, "size": each.size} for each in layers],
        }  # fmt: skip
        names = entry.get("RepoTags") or [""]
        body = json.dumps(manifest, separators=(",", ":")).encode()
        return StoredImage(str(names[0]), body, DOCKER_MANIFEST, (config, *layers))

    def _blob(self, member: str) -> Blob:
        hashed, size = hashlib.sha256(), 0
        with self._open(member) as file:
            while piece := file.read(_READ_BYTES):
                hashed.update(piece)
                size += len(piece)
        return Blob(f"sha256:{hashed.hexdigest()}", size, member)

    # --- the file ----------------------------------------------------------------------------

    def _json(self, member: str) -> Any:
        try:
            return json.loads(self._small(member))
        except ValueError:
            raise UnusableFile(f"{member} in {self._path} is no JSON") from None

    def _small(self, member: str) -> bytes:
        with self._open(member) as file:
            content = file.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise UnusableFile(f"{member} in {self._path} is larger than {_MOST_BYTES} bytes")
        return content

    def _has(self, member: str) -> bool:
        if self._tar is None:
            return (self._path / member).is_file()
        return member in self._tar.getnames()

    def _open(self, member: str) -> IO[bytes]:
        if self._tar is None:
            if ".." in member.split("/") or member.startswith("/"):
                raise UnusableFile(f"{self._path} names {member!r}, which is outside")
            return (self._path / member).open("rb")
        opened = self._tar.extractfile(self._tar.getmember(member))
        if opened is None:
            raise UnusableFile(f"{member} in {self._path} is no file")
        return opened


def _member(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"
