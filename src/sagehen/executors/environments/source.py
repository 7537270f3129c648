"""Source: what a job's or an endpoint's code wants, as `reading` finds it in a process of its own."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sagehen.domain.own_processes import NoAnswer, answer_of

_log = logging.getLogger(__name__)
_READER = Path(__file__).with_name("reading.py")
# The reader has 3 s of a processor; on a machine that is busy it waits for it. Then nothing is known of the
# source, and its job starts all the same.
_PATIENCE_S = 10.0
_MOST_ANSWER_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Source:
    """What a source imports and installs; empty where nothing is known of it.

    Args:
        certain: Top-level module -> where it is imported in any case (`train.py line 3`).
        perhaps: The same, of imports that may not be reached or whose failure is foreseen.
        installs: It calls an installer itself.
        moves_path: It changes where modules come from.
        requirements: Names in the file of requirements, normalised.
        opaque: It installs something whose name is not known, or not all of it was read.
    """

    certain: Mapping[str, str] = field(default_factory=dict)
    perhaps: Mapping[str, str] = field(default_factory=dict)
    installs: bool = False
    moves_path: bool = False
    requirements: tuple[str, ...] = ()
    opaque: bool = False


async def read_source(folder: Path, entry: str, requirements: str | None = "requirements.txt") -> Source:
    """Read the script `entry` of `folder` and the modules beside it. What is unreadable is empty.

    Args:
        requirements: The file in `folder` whose packages are installed before the start; None: none are.
    """
    question = {"folder": str(folder), "entry": entry, "requirements": requirements}
    try:
        return _source(
            await answer_of(_READER, question, patience_s=_PATIENCE_S, most_bytes=_MOST_ANSWER_BYTES)
        )
    except (NoAnswer, KeyError) as error:
        _log.info("the source %s could not be read: %s", entry, error)
        return Source()


def _source(found: Mapping[str, Any]) -> Source:
    return Source(
        certain=found["certain"],
        perhaps=found["perhaps"],
        installs=found["installs"],
        moves_path=found["moves_path"],
        requirements=tuple(found["requirements"]),
        opaque=found["opaque"],
    )
