"""Keys of the console's sessions. Between the console and IAM with STS."""

from __future__ import annotations

from typing import Protocol

from sagehen.domain.identity import SigningKey


class ConsoleKeys(Protocol):
    """Temporary credentials for who has proved to be the operator: of his account's root, or of a role."""

    def check(self, account_id: str, role: str) -> str:
        """Return the ARN of whom a session would be of.

        Args:
            account_id: Whose root asks.
            role: A role's name or ARN; '' for root itself.

        Raises:
            AccessDenied: There is no such role, or it does not trust the account's root.
        """
        ...

    async def open(self, account_id: str, role: str, duration_s: int) -> SigningKey:
        """Open a session, of `duration_s` seconds of the platform's clock.

        Raises:
            AccessDenied: As `check`.
        """
        ...

    async def close(self, access_key_id: str) -> None:
        """End a session at once: its key is unknown from then on. One that is over already stays so."""
        ...
