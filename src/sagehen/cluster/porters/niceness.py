"""What every porter is: a process that others go before, and that ends with whoever started it."""

from __future__ import annotations

import os

# A third of a processor that somebody at 0 wants as well: data comes also where jobs compute without a pause.
_NICENESS = 5
COMMAND = ("-m", "sagehen.cluster.porters.main")


def give_way() -> None:
    """Have all others go before this process."""
    os.nice(_NICENESS)
