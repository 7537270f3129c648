"""What every porter is: a process that others go before, and that ends with whoever started it."""

from __future__ import annotations

import os

# Whoever is at 0 has a processor that both want nine times out of ten: requests come before data.
_NICENESS = 10
COMMAND = ("-m", "sagehen.cluster.porters.main")


def give_way() -> None:
    """Have all others go before this process."""
    os.nice(_NICENESS)
