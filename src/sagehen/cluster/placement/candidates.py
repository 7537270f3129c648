"""Candidates: the machines that instances may be placed on now, by what they have."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Protocol

from sagehen.cluster.nodes.registry import Registry
from sagehen.cluster.placement.places import OWN
from sagehen.domain.ports.compute.places import Needs


class Asked(Protocol):
    """Knows the nodes; see `executor.ClusterExecutor`."""

    def wireless(self, node_id: str | None) -> str | None: ...

    async def fits(self, node_id: str, needs: Needs) -> bool: ...


class Candidates:
    """Those of one cluster.

    Args:
        nodes: Asked what they have.
        has_own: Whether the platform's own machine takes what others could.
    """

    def __init__(self, registry: Registry, nodes: Asked, *, has_own: bool) -> None:
        self._registry = registry
        self._nodes = nodes
        self._has_own = has_own

    def taking(self) -> list[str]:
        """Return those that take instances now."""
        names = self._registry.taking()
        return names if self._has_own else [name for name in names if name != OWN]

    def wired(self) -> list[str]:
        """Return those of them that can have one network together."""
        return [name for name in self.taking() if self.wireless(name) is None]

    def wireless(self, name: str) -> str | None:
        """Return why a machine can have no network with others; None: it can."""
        return self._nodes.wireless(None if name == OWN else name)

    async def having(self, needs: Needs) -> Collection[str]:
        """Return those that have what an instance needs; where nobody does, the platform's own machine,
        drained or not."""

        async def fits(name: str) -> bool:
            return name == OWN or await self._nodes.fits(name, needs)

        names = self.taking()
        if not needs.asks:
            return names
        fit = await asyncio.gather(*map(fits, names))
        return [name for name, good in zip(names, fit, strict=True) if good] or [OWN]
