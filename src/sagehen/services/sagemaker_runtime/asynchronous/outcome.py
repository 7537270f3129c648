"""How an attempt at an asynchronous request ends, when it does not end with an answer.

Exception
├── Failed   for good: the error is written where failures go
└── Lost     nobody answered: it is asked again
"""

from __future__ import annotations

# An input that ends every instance must not end them for ever: then it is a failure. Ours.
MOST_LOSSES = 3


class Failed(Exception):
    """The message stands in the log.

    Args:
        payload: What is stored where failures go: the container's own answer ("failure response payload",
            FailureLocation's model; SDKs take it for one). The message, where it gave none.
        content_type: Of that.
    """

    def __init__(self, message: str, payload: bytes | None = None, content_type: str = "text/plain") -> None:
        super().__init__(message)
        self.payload = message.encode() if payload is None else payload
        self.content_type = content_type


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
