"""Images: what sandboxes on nodes run on, brought there: each layer that a node lacks once."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from sagehen.cluster.executor.node import Node
from sagehen.cluster.images import order_of_image
from sagehen.cluster.streams import LinkLost, StreamRefused
from sagehen.executors.base import ImageRoot, SandboxUnavailable

# As where the platform is: an image takes minutes where it is made to.
_UNPACK_TIMEOUT_S = 3600.0
_PIECE_BYTES = 2**20
# A node whose bound is smaller than the image lets go of a layer while the next one comes.
_ROUNDS = 3


class Images:
    """Those of all nodes."""

    def __init__(self) -> None:
        # Several replicas that start together wait for one of them to bring it.
        self._bringing: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()

    async def bring(self, node: Node, name: str, image: ImageRoot) -> None:
        """See that a node has an image unpacked, and holds it for a sandbox.

        Args:
            name: The sandbox's; whoever has it forgotten there lets go of the image.

        Raises:
            SandboxUnavailable: The node cannot run it.
            NodeLost, StreamRefused, OSError
        """
        order = {"name": name, **await asyncio.to_thread(order_of_image, image)}
        blobs = {f"sha256:{blob.name}": blob for blob, _ in image.layers}
        lock = self._bringing.setdefault((node.node_id, image.config), asyncio.Lock())
        async with lock:
            for _ in range(_ROUNDS):
                lacking = await node.call("image", order, timeout_s=_UNPACK_TIMEOUT_S)
                if not lacking:
                    return
                if not isinstance(lacking, list) or not blobs.keys() >= set(map(str, lacking)):
                    raise StreamRefused("the node asks for layers that are none of the image's")
                for digest in lacking:
                    await _send(node, digest, blobs[digest], order["layers"])
        raise SandboxUnavailable(f"Node {node.node_id} has no room for the image's layers.")


async def _send(node: Node, digest: str, blob: Path, layers: Any) -> None:
    size = next(size for name, size, _ in layers if name == digest)
    while True:
        stream = await node.open("layer.put", {"digest": digest, "size": size})
        try:
            with blob.open("rb") as file:
                while piece := await asyncio.to_thread(file.read, _PIECE_BYTES):
                    await stream.send(piece)
            await stream.finish()
            if await stream.receive() != b"+":
                raise StreamRefused("the node did not take a layer")
        except FileNotFoundError:
            raise SandboxUnavailable("The image was deleted before the node had it.") from None
        except LinkLost:
            continue  # from its beginning: what has come of it has no name
        finally:
            stream.reset("sent")
        return
