"""Trace: what the logs of requests are told."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(slots=True)
class Trace:
    """What the access log wants to know of a request; steps write it, none reads it."""

    service: str = ""
    operation: str = ""
    principal: str = ""
    bucket: str = ""
    key: str = ""
    error: str = ""
