"""How an attempt at an asynchronous request ends, when it does not end with an answer.

Exception
├── Failed   for good: the error is written where failures go
└── Lost     nobody answered: it is asked again
"""

from __future__ import annotations

# An input that ends every instance must not end them for ever: then it is a failure. Ours.
MOST_LOSSES = 3


class Failed(Exception):
    """The message is what is written.

    Args:
        status: Of the container; None where it did not answer.
    """

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


class Lost(Exception):
    """The message says why.

    Args:
        counts: An instance may have ended because of it.
    """

    def __init__(self, message: str, *, counts: bool) -> None:
        super().__init__(message)
        self.counts = counts


def again_in_s(losses: int) -> float:
    """Return the pause before a request is asked again: 1, 2, 4 seconds; at once where it lost nothing."""
    return 0.5 if not losses else float(2 ** (losses - 1))
