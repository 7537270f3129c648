"""Upgraded: an answer that takes its connection over, for another protocol than HTTP."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sagehen.protocol.http import HttpResponse

if TYPE_CHECKING:
    from sagehen.gateway.connections.connection import Connection


@dataclass(slots=True, kw_only=True)
class Upgraded(HttpResponse):
    """Instead of an answer that the connection sends.

    Args:
        take: Is given the connection, with its transport and its seat; what is said on it from here on,
            the answer's head included, is the taker's.
    """

    take: Callable[[Connection], None]
