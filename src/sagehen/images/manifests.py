"""Manifests: what an image or an index of images consists of. Foreign text, read within bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sagehen.api.bounded.json_text import NotJson, read_json
from sagehen.images.digests import is_digest
from sagehen.images.media_types import INDEXES, MANIFESTS, OCI_INDEX, OCI_MANIFEST

# Documented: ECR's model, ImageManifest.
MAX_BYTES = 4_194_304
# Documented: Amazon ECR quotas, layers of an image; the kernel stacks fewer, but here they become one root.
MAX_LAYERS = 4_200
_MAX_SIZE = 1 << 62


class UnusableManifest(ValueError):
    """It is no manifest that is known here; the message says why."""


@dataclass(frozen=True, slots=True)
class Descriptor:
    """One thing that a manifest refers to.

    Args:
        media_type: What it is.
        digest: Its name.
        size: Bytes.
        platform: `os`, `architecture`, `variant` of an index's entry.
    """

    media_type: str
    digest: str
    size: int
    platform: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Manifest:
    """An image's manifest, or an index of several.

    Args:
        media_type: One of `media_types`.
        config: Of an image; None of an index.
        layers: Of an image, the lowest first.
        manifests: Of an index.
        artifact_type: What it is where it is no image of files.
        subject: The digest of the manifest that it says something about, or None.
    """

    media_type: str
    config: Descriptor | None = None
    layers: tuple[Descriptor, ...] = ()
    manifests: tuple[Descriptor, ...] = ()
    artifact_type: str | None = None
    subject: str | None = None

    @property
    def is_index(self) -> bool:
        """Whether it names other manifests."""
        return self.media_type in INDEXES

    @property
    def blobs(self) -> tuple[Descriptor, ...]:
        """The contents that must be there: configuration and layers."""
        return (() if self.config is None else (self.config,)) + self.layers

    @property
    def size(self) -> int:
        """Bytes of what it refers to."""
        return sum(each.size for each in (*self.blobs, *self.manifests))


def read_manifest(body: bytes, media_type: str | None = None) -> Manifest:
    """Read a manifest.

    Args:
        media_type: As it was sent with; None where the document itself must say it.

    Raises:
        UnusableManifest.
    """
    if len(body) > MAX_BYTES:
        raise UnusableManifest(f"it is larger than {MAX_BYTES} bytes")
    try:
        document = read_json(body)
    except NotJson as error:
        raise UnusableManifest(f"it is no JSON: {error}") from None
    if not isinstance(document, dict):
        raise UnusableManifest("it is no JSON object")
    if document.get("schemaVersion") != 2:
        raise UnusableManifest("its schemaVersion is not 2")
    kind = _kind(document, media_type)
    subject = document.get("subject")
    about = _descriptor(subject, "subject").digest if subject is not None else None
    artifact = _text(document.get("artifactType"))
    if kind in INDEXES:
        listed = _descriptors(document.get("manifests"), "manifests")
        return Manifest(kind, manifests=listed, artifact_type=artifact, subject=about)
    config = _descriptor(document.get("config"), "config")
    layers = _descriptors(document.get("layers"), "layers")
    return Manifest(kind, config, layers, artifact_type=artifact or config.media_type, subject=about)


def _kind(document: Mapping[str, Any], sent: str | None) -> str:
    own = _text(document.get("mediaType"))
    sent = sent.partition(";")[0].strip() if sent else None
    kind = own or sent
    if kind is None:
        kind = OCI_INDEX if "manifests" in document else OCI_MANIFEST
    if own and sent and own != sent:
        raise UnusableManifest(f"it says that it is {own}, and was sent as {sent}")
    if kind not in MANIFESTS | INDEXES:
        raise UnusableManifest(f"{kind} is no media type of a manifest")
    if ("manifests" in document) != (kind in INDEXES):
        raise UnusableManifest(f"it is no {kind}")
    return kind


def _descriptors(value: object, member: str) -> tuple[Descriptor, ...]:
    if not isinstance(value, list) or len(value) > MAX_LAYERS:
        raise UnusableManifest(f"its {member} are no list of at most {MAX_LAYERS}")
    return tuple(_descriptor(each, member) for each in value)


def _descriptor(value: object, member: str) -> Descriptor:
    if not isinstance(value, dict):
        raise UnusableManifest(f"its {member} is no descriptor")
    media_type, digest, size = value.get("mediaType"), value.get("digest"), value.get("size")
    if not isinstance(media_type, str) or not 0 < len(media_type) <= 255:
        raise UnusableManifest(f"a descriptor of its {member} has no mediaType")
    if not isinstance(digest, str) or not is_digest(digest):
        raise UnusableManifest(f"a descriptor of its {member} has no SHA-256 digest")
    if not isinstance(size, int) or isinstance(size, bool) or not 0 <= size < _MAX_SIZE:
        raise UnusableManifest(f"a descriptor of its {member} has no size")
    platform = value.get("platform")
    return Descriptor(media_type, digest, size, platform if isinstance(platform, dict) else None)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and 0 < len(value) <= 255 else None
