"""joined_node(): a node with what it dials by."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from sagehen.cluster.agent.joined import JoinedNode
from sagehen.cluster.links.client import LinkClient
from sagehen.cluster.links.identity import NodeIdentity
from sagehen.cluster.streams import Handler, Link
from sagehen.domain.clock import SystemClock


def joined_node(
    host: str,
    port: int,
    identity: NodeIdentity,
    folder: Path,
    say: Callable[[str], None],
    *,
    guest: bool = False,
) -> JoinedNode:
    """Return a machine's node, which is not started yet.

    Args:
        host, port: The platform's door for nodes.
        folder: Its own.
        say, guest: As `JoinedNode` has them.
    """

    def make_links(handlers: Mapping[str, Handler], on_link: Callable[[Link], None]) -> LinkClient:
        async def linked(link: Link) -> None:
            on_link(link)

        return LinkClient(host, port, identity, handlers, linked)

    return JoinedNode(
        folder, make_links, SystemClock(), say, host=host, identity=identity.folder, guest=guest
    )
