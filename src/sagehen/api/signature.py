"""Signature: what the front door found out of a request's signature, for who decides what that is worth."""

from __future__ import annotations

from dataclasses import dataclass

from sagehen.domain.identity import Principal


@dataclass(frozen=True, slots=True)
class Signature:
    """The principal that a request's signature proves, or why it proves none.

    Args:
        principal: None where it did not hold.
        code: AWS's error code then (`InvalidSignatureException`, …).
        message: AWS's text then.
        region: The one that it was made for, where it held.
    """

    principal: Principal | None
    code: str = ""
    message: str = ""
    region: str = ""
