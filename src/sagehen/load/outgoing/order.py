"""Order: everything that a sender has to know, as JSON between processes."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Keys:
    """AWS credentials that do not change while the run lasts."""

    access_key: str
    secret_key: str
    token: str | None = None


@dataclass(frozen=True, slots=True)
class Signing:
    """Requests are signed with SigV4.

    Args:
        service: The signing name, such as `sagemaker`.
        region: AWS's.
        keys: None takes what the AWS SDKs would find, and takes it anew when it expires.
    """

    service: str
    region: str
    keys: Keys | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """What to send, when, and how much at once.

    Args:
        url: Of every request.
        method: HTTP's.
        headers: As given: each request has them all.
        text: A body; or
        file: the path of one; or
        folder: of many, in turn.
        content_type: Of the body or the bodies; None guesses.
        signing: None does not sign.
        rate: An expression (`traffic/expression.py`); or
        trace: the path of a CSV file.
        duration: Seconds.
        evenly, seed: Of the arrivals.
        slot: Seconds of a stretch that is counted for itself.
        most_in_flight: What is due beyond is not sent.
        timeout: Seconds from when a request was due; then it is given up.
        share, shares: This sender sends every `shares`-th request, from the `share`-th on.
    """

    url: str
    method: str
    headers: list[tuple[str, str]]
    text: str | None
    file: str | None
    folder: str | None
    content_type: str | None
    signing: Signing | None
    rate: str | None
    trace: str | None
    duration: float | None
    evenly: bool
    seed: int
    slot: float
    most_in_flight: int
    timeout: float
    share: int = 0
    shares: int = 1

    def packed(self) -> dict[str, Any]:
        """Return it as JSON can carry it."""
        return asdict(self)

    @classmethod
    def unpacked(cls, packed: dict[str, Any]) -> Order:
        """Return what `packed` has packed."""
        signing = packed["signing"]
        if signing is not None:
            keys = signing["keys"]
            signing = Signing(signing["service"], signing["region"], keys and Keys(**keys))
        headers = [(name, value) for name, value in packed["headers"]]
        return cls(**{**packed, "signing": signing, "headers": headers})
