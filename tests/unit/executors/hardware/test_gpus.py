"""GPUs are lent whole."""

from __future__ import annotations

from pathlib import Path

import pytest

from sagehen.executors.base import SandboxUnavailable
from sagehen.executors.hardware.gpus import Gpus


def test_gpus_are_lent_whole(tmp_path: Path) -> None:
    for name in ("nvidia0", "nvidia1", "nvidiactl", "nvidia-uvm"):
        (tmp_path / name).touch()
    gpus = Gpus(tmp_path)
    first = gpus.lend(1)
    assert gpus.devices(first) == [str(tmp_path / name) for name in ("nvidiactl", "nvidia-uvm", "nvidia0")]
    with pytest.raises(SandboxUnavailable, match="2 GPUs were asked for"):
        gpus.lend(2)
    gpus.give_back(first)
    assert gpus.lend(2) == [0, 1]
    assert gpus.devices([]) == []
