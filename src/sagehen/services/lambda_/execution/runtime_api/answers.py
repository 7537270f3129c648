"""What a runtime tells: the answer to an event, why its init failed."""

from __future__ import annotations

from dataclasses import dataclass

# What AWS takes from a runtime: 6 MiB and a little for the envelope.
MAX_ANSWER_BYTES = 6_291_556


@dataclass(frozen=True, slots=True)
class Answer:
    """What the runtime made of an event.

    Args:
        payload: The answer, or the error document.
        error_type: Of `Lambda-Runtime-Function-Error-Type`; None where the handler returned.
        too_large: The bytes that AWS takes, where it was larger; `payload` is then empty.
        truncated: It began and did not come to its end.
    """

    payload: bytes
    error_type: str | None = None
    too_large: int = 0
    truncated: bool = False


@dataclass(frozen=True, slots=True)
class InitError:
    """What the runtime told about its failed init."""

    payload: bytes
    error_type: str
