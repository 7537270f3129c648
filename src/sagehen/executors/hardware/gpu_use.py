"""How much the GPUs of a sandbox are used, by NVIDIA's management library (NVML)."""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sagehen.executors.hardware.gpus import gpu_indices

_log = logging.getLogger(__name__)
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class GpuUse:
    """One GPU at a moment, in percent. `name` counts the instance's own: gpu0, gpu1, ..."""

    name: str
    utilization: float
    memory: float


class GpuMeter:
    """Reads the GPUs that sandboxes have; none where there is no GPU, or no library.

    Args:
        present: Whether this machine has GPUs; the library is not loaded where it has none.
    """

    def __init__(self, *, present: bool | None = None) -> None:
        self._nvml: Any = None
        # Device number (of /dev/nvidiaN) -> handle: NVML counts in an order of its own.
        self._handles: dict[int, Any] = {}
        if gpu_indices() if present is None else present:
            self._open()

    def read(self, pid: int) -> list[GpuUse]:
        """Return what the GPUs of a sandbox are used. Blocks for a millisecond or so. Never raises.

        Args:
            pid: The host's pid of its first process: its /dev has the devices that it may open.
        """
        if not self._handles:
            return []
        found = []
        for order, number in enumerate(_devices_of(pid)):
            if (handle := self._handles.get(number)) is not None:
                try:
                    rates = self._nvml.nvmlDeviceGetUtilizationRates(handle)
                    memory = self._nvml.nvmlDeviceGetMemoryInfo(handle)
                except self._nvml.NVMLError:  # lost, or of a kind that does not tell
                    continue
                share = 100 * memory.used / memory.total if memory.total else 0.0
                found.append(GpuUse(f"gpu{order}", float(rates.gpu), share))
        return found

    def _open(self) -> None:
        try:
            import pynvml

            pynvml.nvmlInit()
            self._nvml = pynvml
            for index in range(pynvml.nvmlDeviceGetCount()):
                handle = pynvml.nvmlDeviceGetHandleByIndex(index)
                self._handles[int(pynvml.nvmlDeviceGetMinorNumber(handle))] = handle
        except Exception as error:  # NVMLError, or no library: nothing that a job should end of
            _log.warning("GPUs cannot be measured: %r", error)


def _devices_of(pid: int) -> list[int]:
    try:
        names = [path.name for path in (_PROC / str(pid) / "root/dev").iterdir()]
    except OSError:
        return []
    return sorted(int(match[1]) for name in names if (match := re.fullmatch(r"nvidia(\d{1,4})", name)))
