"""What models hold in memory, and what one more would need."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

# What a worker writes of its own by the time it serves: interpreter and imports, beside the model's weights.
# Measured with scikit-learn's environment, whose pages the parent shares.
BASE_BYTES = 48 * 1024 * 1024
# Of the instance: the rest is for the front process, requests and answers.
_SHARE_FOR_MODELS = 0.85


def has_room(total: int, held: Iterable[int], need: int) -> bool:
    """Tell whether one more model fits. Pure.

    Worked example, an instance of 1,024 MiB: 870 are for models; beside four of 200 a fifth of 100 has none.

    Args:
        total: Memory of the instance in bytes; 0: nobody said.
        held: Bytes of each model that is loaded, or is being loaded.
        need: Of the one to come.
    """
    return total <= 0 or sum(held) + need <= total * _SHARE_FOR_MODELS


def expected_bytes(folder: Path) -> int:
    """Return what a model that lies in a folder is likely to hold: its files, once. Blocking."""
    size = BASE_BYTES
    for parent, _, names in os.walk(folder):
        size += sum((Path(parent) / name).lstat().st_size for name in names)
    return size


def held_bytes(pid: int) -> int:
    """Return a process's proportional share of its pages; 0 where it is gone, or nobody may look."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    lines = (line.split() for line in text.splitlines())
    return next((int(words[1]) * 1024 for words in lines if words and words[0] == "Pss:"), 0)
