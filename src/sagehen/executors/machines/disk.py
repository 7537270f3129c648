"""Disks: volumes, where machines see them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sagehen.executors.base import Layers, Mount
from sagehen.executors.folders.removal import remove_tree
from sagehen.executors.machines.roots.own import Lower
from sagehen.executors.machines.volumes.volume import Volume

# Of a volume: what is written over what lies below, by name.
_LAYERS = "layers"
# Programs that are installed expect these below a prefix.
_FOLDERS_OF_MORE = ("bin", "lib", "sbin", "share")


@dataclass(frozen=True, slots=True)
class Disk:
    """A volume, and where the machine sees it.

    Args:
        target: `/` is the root, upon which all else is mounted.
        folder: Of the volume, which alone is seen; '' is all of it. It is whoever is inside's own, but not
            what lies beside it.
        more: Other folders of the volume, and where each is seen: only with `folder`.
        first: Writes what it holds at first; in a thread. It gets the folder, and by name those in which what
            is written over `layers` lies. None for the folder: it is there already, whoever filled it, and
            nothing in it may be followed; the others are new.
        layers: What of the host's lies below: then who is inside is root.
    """

    volume: Volume
    target: str
    folder: str = ""
    more: Mapping[str, str] = field(default_factory=dict)
    first: Callable[[Path | None, Mapping[str, Path]], None] | None = None
    layers: Sequence[Lower] = ()

    async def attach(self) -> tuple[list[Mount], list[Layers]]:
        """Return the mounts of it; `Volume.detach` takes it off again."""
        place = await self.volume.attach()
        if not self.folder:
            return [Mount(place, self.target, writable=True)], []
        inner = await asyncio.to_thread(self._inner, place)
        others = [Mount(place / name, target, writable=True) for name, target in self.more.items()]
        layers = [
            Layers(each.target, each.own, each.host, place / _LAYERS / each.name) for each in self.layers
        ]
        return [Mount(inner, self.target, writable=True), *others], layers

    def _inner(self, place: Path) -> Path:
        written = {each.name: place / _LAYERS / each.name / "upper" for each in self.layers}
        for upper in written.values():
            upper.mkdir(parents=True, exist_ok=True)
            upper.with_name("work").mkdir(exist_ok=True)
        for name in self.more:
            if not (place / name).exists():
                for inner_name in _FOLDERS_OF_MORE:
                    (place / name / inner_name).mkdir(parents=True)
        inner, fresh = place / self.folder, place / f"{self.folder}.new"
        layered = place / _LAYERS / "filled"
        if not inner.exists():
            remove_tree(fresh)
            fresh.mkdir()
            if self.first is not None:
                self.first(fresh, written)
            fresh.rename(inner)
        elif written and self.first is not None and not layered.exists():
            self.first(None, written)
        if written:
            layered.touch()
        return inner
