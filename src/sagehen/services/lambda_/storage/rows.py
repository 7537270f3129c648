"""How rows name what they belong to, and when it was."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Protocol

from sagehen.domain.scope import Scope

# Of every table whose rows belong to a function or a layer; takes `key`.
OF_NAME = "WHERE account_id = ? AND region = ? AND name = ?"


class Named(Protocol):
    """A function or a layer."""

    @property
    def scope(self) -> Scope: ...

    @property
    def name(self) -> str: ...


def key(of: Named) -> tuple[str, str, str]:
    """Return the first three columns of every table: account, region, name."""
    return of.scope.account_id, of.scope.region, of.name


def moment(epoch_s: float) -> datetime:
    """Return a stored time: seconds since the epoch, in UTC."""
    return datetime.fromtimestamp(epoch_s, UTC)
