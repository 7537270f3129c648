"""Runs a notebook in percent format cell after cell, as Jupyter does, and prints what it left in `seen`.

Its arguments are the notebook, and what the notebook takes from sys.argv.

The SDKs ask for a status every 5, 10 or 30 seconds. They are not changed, but the clock that they sleep by
runs faster here.
"""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

_LONGEST_SLEEP_S = 0.3


def cells_of(text: str) -> list[str]:
    """Return a notebook's code cells."""
    return [cell for cell in re.split(r"^# %%.*\n", text, flags=re.MULTILINE)[1:] if cell.strip()]


def main(path: str) -> None:
    sleep = time.sleep
    time.sleep = lambda seconds: sleep(min(seconds, _LONGEST_SLEEP_S))
    names: dict[str, Any] = {"__name__": "__main__"}
    cells = cells_of(Path(path).read_text())
    for number, cell in enumerate(cells, 1):
        began = time.monotonic()
        exec(compile(cell, f"cell {number} of {Path(path).name}", "exec"), names)
        print(f"[{number}] {time.monotonic() - began:.1f} s", file=sys.stderr, flush=True)
    print()
    print(json.dumps({"cells": len(cells), **names["seen"]}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
