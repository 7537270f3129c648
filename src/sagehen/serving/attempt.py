"""Attempt: what one request has behind it when it has to go somewhere else."""

from __future__ import annotations

from dataclasses import dataclass


class Displaced(Exception):
    """Where the request waited there is nobody left to wait for: the router finds it another place."""


@dataclass(slots=True)
class Attempt:
    """One request on its way through one replica set or several.

    Attributes:
        deadline: Monotonic, when there must be an answer; 0 until it entered its first queue. It does
            not move with the request.
        moved: It has waited before, in a queue that was given up.
        sent_on: It was handed to another set because the one it had entered had nobody left; once.
        waited_s: For an environment of a serverless variant.
        resent: An instance that may have begun it is lost; it is sent once more at most.
    """

    deadline: float = 0.0
    moved: bool = False
    sent_on: bool = False
    resent: bool = False
    waited_s: float = 0.0
