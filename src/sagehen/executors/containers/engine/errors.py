"""What can go wrong between the platform and an engine, and what becomes of it.

EngineError
├── Unsayable        JSON has no way to say what was to be asked: nobody was
├── EngineGone       nobody listens, or the connection broke off, or no answer in time
└── EngineRefused    it answered, and not what was asked
"""

from __future__ import annotations

import json

_LONGEST = 500


class EngineError(Exception):
    """The engine did not do what it was asked."""


class Unsayable(EngineError):
    """A text of it has bytes that are no UTF-8: a command, a variable or a path may, JSON may not."""


class EngineGone(EngineError):
    """It does not answer; what was asked may have been done."""


class EngineRefused(EngineError):
    """It answered with an error.

    Args:
        status: Of HTTP.
        why: Its own words.
    """

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def refusal(status: int, body: bytes) -> EngineRefused:
    """Return an answer's error: Docker says `message`, Podman `cause` too at times, proxies neither."""
    try:
        told = json.loads(body)
    except ValueError:
        told = body.decode("utf-8", "replace")
    if isinstance(told, dict):
        told = told.get("message") or told.get("cause") or ""
    words = " ".join(str(told).split())[:_LONGEST]
    return EngineRefused(status, words or f"status {status}, without a reason")


def failed_load(body: bytes) -> str | None:
    """Return why an image was not loaded; None where it was.

    The status was sent before the engine had read the image, so an error comes in the body, a JSON document a
    line (Docker Engine API, "Import images").
    """
    for line in body.splitlines():
        try:
            told = json.loads(line)
        except ValueError:
            continue
        if isinstance(told, dict) and (why := told.get("error")):
            return " ".join(str(why).split())[:_LONGEST]
    return None
