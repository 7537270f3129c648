"""What the entrance is asked, and what it says; the front door knows this alone before SageMaker is there."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as far as it is judged by.

    Args:
        path: As it was sent.
        source_ip: From where.
        secure: Over TLS.
    """

    method: str
    path: str
    source_ip: str
    secure: bool
    user_agent: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """Nobody is let in.

    Args:
        code: MLflow's.
    """

    status: int
    code: str
    reason: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A presigned URL was accepted: the value of the cookie, and how long it lets its bearer in."""

    session: str
    seconds: int
