"""GPUs' use, over a library that the test stands in for."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from sagehen.executors.hardware import gpu_use
from sagehen.executors.hardware.gpu_use import GpuMeter, GpuUse


class _Nvml(SimpleNamespace):
    """Two GPUs, which NVML counts the other way round than their devices."""

    class NVMLError(Exception):
        pass

    def nvmlInit(self) -> None: ...

    def nvmlDeviceGetCount(self) -> int:
        return 3

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return 10 + index

    def nvmlDeviceGetMinorNumber(self, handle: int) -> int:
        return 12 - handle

    def nvmlDeviceGetUtilizationRates(self, handle: int) -> Any:
        if handle == 11:
            raise self.NVMLError("lost")
        return SimpleNamespace(gpu=handle, memory=1)

    def nvmlDeviceGetMemoryInfo(self, handle: int) -> Any:
        return SimpleNamespace(used=handle * 10, total=1000)


@pytest.fixture
def devices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "7/root/dev"
    folder.mkdir(parents=True)
    monkeypatch.setattr(gpu_use, "_PROC", tmp_path)
    monkeypatch.setitem(sys.modules, "pynvml", _Nvml())  # type: ignore[arg-type]
    return folder


def test_a_sandbox_s_gpus_are_those_of_its_devices(devices: Path) -> None:
    for name in ("nvidia2", "nvidia1", "nvidiactl", "nvidia-uvm", "null", "nvidia9"):
        (devices / name).touch()
    # Device 1 is lost, 9 is none that the library knows; what is left keeps its place.
    assert GpuMeter(present=True).read(7) == [GpuUse("gpu1", 10.0, 10.0)]
    (devices / "nvidia0").touch()
    assert GpuMeter(present=True).read(7) == [GpuUse("gpu0", 12.0, 12.0), GpuUse("gpu2", 10.0, 10.0)]


def test_nothing_is_read_where_there_is_nothing(devices: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert GpuMeter(present=False).read(7) == []
    assert GpuMeter(present=True).read(8) == []  # no such process
    monkeypatch.setitem(sys.modules, "pynvml", None)  # not installed
    assert GpuMeter(present=True).read(7) == []
