"""PushedKeys: public keys that EC2 Instance Connect lets in for a minute."""

from __future__ import annotations

from collections.abc import Callable

# Documented: https://docs.aws.amazon.com/ec2-instance-connect/latest/APIReference/API_SendSSHPublicKey.html
LIFE_S = 60.0
_MOST = 64


class PushedKeys:
    """Of one machine.

    Args:
        monotonic: Seconds that never go back.
    """

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._keys: list[tuple[float, str, str]] = []

    def push(self, user: str, line: str) -> None:
        """Let a key in as a user; the oldest go where there are many."""
        self._forget()
        self._keys = [*self._keys[-(_MOST - 1) :], (self._monotonic() + LIFE_S, user, line)]

    def of(self, user: str) -> tuple[str, ...]:
        """Return the keys that are good now."""
        self._forget()
        return tuple(line for _, name, line in self._keys if name == user)

    def _forget(self) -> None:
        now = self._monotonic()
        self._keys = [each for each in self._keys if each[0] > now]
