"""Which connections integrations have open, so that the platform's door knows them when they arrive there.

An HTTP integration may lead to the platform's own port: to another API, to a public object. What it
must not get there is what the door grants to its own machine (`POST /_sagehen/reset`, which anybody who
may call an API could then send). Closing the port would break the first for the second's sake; a header
could be mapped away, or be missing from a second request hidden in a body. The two ends of a connection
have the same address, and nobody but the kernel chooses it.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sagehen.domain.addresses import Address, address_of

# What was sent before an integration's time was up may be read after it, on a busy machine.
_LINGER_S = 10.0


class OwnConnections:
    """The near ends of the connections that integrations have, or had a moment ago."""

    def __init__(self) -> None:
        self._ends: Counter[tuple[Address, int]] = Counter()

    @contextmanager
    def while_open(self, socket_name: Any) -> Iterator[None]:
        """Know a connection; enter this before anything is sent.

        Args:
            socket_name: Of the near end: (address, port, …), or None where it was lost already.
        """
        if not socket_name:
            yield
            return
        end = (address_of(str(socket_name[0])), int(socket_name[1]))
        self._ends[end] += 1
        try:
            yield
        finally:
            asyncio.get_running_loop().call_later(_LINGER_S, self._forget, end)

    def includes(self, peer: str, port: int) -> bool:
        """Tell whether the far end of a connection that has arrived is one of these."""
        try:
            return (address_of(peer), port) in self._ends
        except ValueError:
            return False

    def _forget(self, end: tuple[Address, int]) -> None:
        self._ends[end] -= 1
        if not self._ends[end]:
            del self._ends[end]
