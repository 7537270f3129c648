"""How the drawing process is started."""

from __future__ import annotations

import os
import sys

# Of processor time: the largest drawings take three seconds; what takes so much longer is a hang.
DRAWING_S = 15
# Of the clock: starting it, importing matplotlib and drawing, on a machine that is busy with training.
ALL_S = 60
# Taken over: where Python finds its packages, and nothing that is secret.
_KEPT = ("PATH", "HOME", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "LANG", "LC_ALL", "LD_LIBRARY_PATH")


def command(idle_s: float) -> list[str]:
    """Return the command of a drawing process that ends after so many seconds without a picture."""
    # -P: the folder that it runs in is not where modules are.
    return [sys.executable, "-P", "-m", "sagehen.plots.pictures.child", str(DRAWING_S), str(idle_s)]


def environment() -> dict[str, str]:
    """Return its variables: threads of NumPy would be memory for nothing, fonts are matplotlib's own."""
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return {
        **kept,
        "MATPLOTLIBRC": "/dev/null",
        "MPL_IGNORE_SYSTEM_FONTS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }
