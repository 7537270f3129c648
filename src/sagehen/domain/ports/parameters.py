"""Parameters that other services read. Between them and Systems Manager."""

from __future__ import annotations

from typing import Protocol

from sagehen.domain.scope import Scope


class Parameters(Protocol):
    """Parameters that hold plain text."""

    def text(self, scope: Scope, name: str) -> str | None:
        """Return the text of a parameter, by name or ARN with or without a selector.

        None where there is no such parameter, or it is a secret one.
        """
        ...
