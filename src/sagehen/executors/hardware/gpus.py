"""The GPUs of this machine and who has them."""

from __future__ import annotations

import re
from pathlib import Path

from sagehen.executors.base import SandboxUnavailable

_COMMON = ("nvidiactl", "nvidia-uvm", "nvidia-uvm-tools", "nvidia-modeset")


def gpu_indices(dev: Path = Path("/dev")) -> list[int]:
    """Return the numbers of the NVIDIA devices, from their device files."""
    found = (re.fullmatch(r"nvidia(\d+)", path.name) for path in dev.glob("nvidia*"))
    return sorted(int(match[1]) for match in found if match)


class Gpus:
    """Lends whole GPUs to sandboxes."""

    def __init__(self, dev: Path = Path("/dev")) -> None:
        self._dev = dev
        self._free = gpu_indices(dev)
        self._total = len(self._free)

    def lend(self, count: int) -> list[int]:
        """Return `count` free devices' numbers.

        Raises:
            SandboxUnavailable: Fewer are free.
        """
        if count > len(self._free):
            raise SandboxUnavailable(
                f"{count} GPUs were asked for; of this machine's {self._total}, {len(self._free)} are free."
            )
        lent, self._free = self._free[:count], self._free[count:]
        return lent

    def give_back(self, lent: list[int]) -> None:
        """Let GPUs be lent again: those that `lend` returned, once."""
        self._free = sorted([*self._free, *lent])

    def devices(self, lent: list[int]) -> list[str]:
        """Return the device files that a holder of these GPUs must open."""
        if not lent:
            return []
        common = [self._dev / name for name in _COMMON]
        return [str(path) for path in (*common, *(self._dev / f"nvidia{i}" for i in lent)) if path.exists()]
