"""Images on their way to a node: what an order says of one, and what the node has to have for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagehen.executors.base import ImageRoot, SandboxUnavailable
from sagehen.images.configuration import host_architecture
from sagehen.images.contents import MAX_BLOB_BYTES
from sagehen.images.digests import is_digest
from sagehen.images.manifests import MAX_LAYERS


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer.

    Args:
        digest: Of its blob.
        size: Of that, in bytes.
        diff_id: Its digest, unpacked.
    """

    digest: str
    size: int
    diff_id: str


@dataclass(frozen=True, slots=True)
class WantedImage:
    """What a root is made of.

    Args:
        config: The digest of its configuration.
        layers: The lowest first.
    """

    config: str
    layers: tuple[Layer, ...]

    @property
    def size(self) -> int:
        """Return the bytes of all blobs."""
        return sum(layer.size for layer in self.layers)


def order_of_image(image: ImageRoot) -> dict[str, Any]:
    """Return an image as JSON. Blocking: its blobs are looked at.

    Raises:
        SandboxUnavailable: It was deleted meanwhile.
    """
    try:
        layers = [(blob, blob.stat().st_size, diff_id) for blob, diff_id in image.layers]
    except FileNotFoundError:
        raise SandboxUnavailable("The image was deleted before the node had it.") from None
    return {
        "config": image.config,
        "layers": [[f"sha256:{blob.name}", size, diff_id] for blob, size, diff_id in layers],
        "architecture": host_architecture(),
    }


def wanted_of(order: Mapping[str, Any]) -> WantedImage:
    """Return what an order says of an image.

    Raises:
        SandboxUnavailable: It is for another processor.
        ValueError: It cannot be.
    """
    if (theirs := str(order["architecture"])) != (ours := host_architecture()):
        raise SandboxUnavailable(f"The image is for linux/{theirs[:20]}, and this node is linux/{ours}.")
    layers = tuple(Layer(str(digest), int(size), str(diff_id)) for digest, size, diff_id in order["layers"])
    digests = [str(order["config"]), *(text for layer in layers for text in (layer.digest, layer.diff_id))]
    if len(layers) > MAX_LAYERS or not all(map(is_digest, digests)):
        raise ValueError("its layers are none that can be")
    if not all(0 <= layer.size <= MAX_BLOB_BYTES for layer in layers):
        raise ValueError("a layer has a size that cannot be")
    return WantedImage(digests[0], layers)


def user_order_of(image: ImageRoot) -> dict[str, Any]:
    """Return who runs on an image, as JSON."""
    return {
        "uid": image.uid,
        "gid": image.gid,
        "groups": list(image.groups),
        "stop_signal": image.stop_signal,
    }


def root_of(order: Mapping[str, Any], folder: Path, place: Path) -> ImageRoot:
    """Return the root of a sandbox on this node.

    Args:
        order: As `user_order_of` made it.
        folder: The image, unpacked.
        place: Where what is written over it goes.
    """
    return ImageRoot(
        folder,
        place,
        int(order["uid"]),
        int(order["gid"]),
        tuple(int(group) for group in order["groups"]),
        int(order["stop_signal"]),
    )
