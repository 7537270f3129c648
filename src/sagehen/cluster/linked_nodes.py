"""LinkedNodes: the nodes whose agents are there, each with its link."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from sagehen.cluster.executor.executor import ClusterExecutor
from sagehen.cluster.nodes.registry import Registry
from sagehen.cluster.streams import Link

_log = logging.getLogger("sagehen.cluster")
_END_S = 5.0


class LinkedNodes:
    """Those of one cluster.

    Args:
        on_link: Told when a node is there that was not.
    """

    def __init__(self, registry: Registry, executor: ClusterExecutor, on_link: Callable[[], object]) -> None:
        self._registry = registry
        self._executor = executor
        self._on_link = on_link
        self._links: dict[str, Link] = {}
        self._watching: set[asyncio.Task[None]] = set()

    @property
    def names(self) -> set[str]:
        return set(self._links)

    async def take(self, link: Link) -> None:
        """Take a node's link.

        Raises:
            OSError, TimeoutError: It does not answer.
        """
        await self._executor.linked(link)
        facts = self._executor.nodes[link.peer].facts
        self._registry.linked(link.peer, host=facts.host if facts else "")
        self._links[link.peer] = link
        _log.info("node %s is linked", link.peer)
        watching = asyncio.create_task(self._watch(link), name=f"node {link.peer}")
        self._watching.add(watching)
        watching.add_done_callback(self._watching.discard)
        self._on_link()

    async def end(self, node: str) -> None:
        """Have a node's agent end, if it is linked.

        Raises:
            OSError, TimeoutError: It does not answer.
        """
        if (link := self._links.get(node)) is None:
            return
        stream = await link.open("end", {}, timeout_s=_END_S)
        await stream.finish()
        await stream.receive()

    async def close(self) -> None:
        """Watch none any more."""
        watching = list(self._watching)
        for each in watching:
            each.cancel()
        await asyncio.gather(*watching, return_exceptions=True)

    async def _watch(self, link: Link) -> None:
        await link.closed()
        if self._links.get(link.peer) is link:
            del self._links[link.peer]
        node = self._executor.nodes.get(link.peer)
        if node is None or not node.is_linked:
            self._registry.unlinked(link.peer)
            _log.warning("node %s is not to be reached", link.peer)
