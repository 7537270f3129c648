"""What a query's own process says: frames of a kind and a payload. How it comes to say it is in `worker`."""

from __future__ import annotations

import json
import struct
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import IntEnum
from typing import Any

from sagehen.domain.scope import Scope
from sagehen.services.logs.groups.records import Group
from sagehen.services.logs.insights.queries.query import Outcome, Statistics, Status

HEAD = struct.Struct(">BI")
# A page of a result; rows that are larger make the query fail before.
LONGEST = 256 * 1024 * 1024


class Kind(IntEnum):
    """What a frame holds."""

    PROGRESS = 1  # Statistics
    PAGE = 2  # rows, packed
    OUTCOME = 3  # the last one


@dataclass(frozen=True, slots=True)
class Task:
    """What a process is to do.

    Args:
        database: The path of the database file.
        groups: What it looks at.
        longest_s, most_bytes: When it ends as `Timeout`, and as `Failed`.
    """

    database: str
    scope: Scope
    groups: Sequence[Group]
    text: str
    start_ms: int
    end_ms: int
    limit: int
    longest_s: float
    most_bytes: int


def written_task(task: Task) -> bytes:
    """Return a task as a line."""
    members = asdict(task) | {"scope": asdict(task.scope), "groups": [asdict(group) for group in task.groups]}
    return json.dumps(members).encode() + b"\n"


def read_task(line: bytes) -> Task:
    """Return what `written_task` wrote."""
    members = json.loads(line)
    return Task(
        **members
        | {
            "scope": Scope(**members["scope"]),
            "groups": [Group(**group) for group in members["groups"]],
        }
    )


def frame(kind: Kind, payload: bytes) -> bytes:
    """Return a frame."""
    return HEAD.pack(kind, len(payload)) + payload


def written(outcome: Outcome) -> bytes:
    """Return an outcome as a payload."""
    return json.dumps(asdict(outcome)).encode()


def read_outcome(payload: bytes) -> Outcome:
    """Return what `written` wrote."""
    members: dict[str, Any] = json.loads(payload)
    return Outcome(Status(members["status"]), Statistics(**members["statistics"]), members["duration_ms"])
