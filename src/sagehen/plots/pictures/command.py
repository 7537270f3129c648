"""How the drawing process is started."""

from __future__ import annotations

import sys

from sagehen.domain.own_processes import bare_environment

# Of processor time: the largest drawings take three seconds; what takes so much longer is a hang.
DRAWING_S = 15
# Of the clock: starting it, importing matplotlib and drawing, on a machine that is busy with training.
ALL_S = 60


def command(idle_s: float) -> list[str]:
    """Return the command of a drawing process that ends after so many seconds without a picture."""
    # -P: the folder that it runs in is not where modules are.
    return [sys.executable, "-P", "-m", "sagehen.plots.pictures.child", str(DRAWING_S), str(idle_s)]


def environment() -> dict[str, str]:
    """Return its variables: no settings of the operator's, and matplotlib's own fonts."""
    return bare_environment() | {"MATPLOTLIBRC": "/dev/null", "MPL_IGNORE_SYSTEM_FONTS": "1"}
