"""read_tensors(...): what the hook saved on the job's instances, read by a process of its own."""

from __future__ import annotations

import logging
import math
from collections.abc import Sequence
from pathlib import Path

from sagehen.domain.own_processes import NoAnswer, answer_of
from sagehen.services.sagemaker.training.rules.facts.tensors import Tensor, Tensors

_log = logging.getLogger(__name__)
_READER = Path(__file__).with_name("reading.py")
# The reader stops by itself after 30 s of a processor; on a machine that is busy it waits for that.
_PATIENCE_S = 90.0
_MOST_ANSWER_BYTES = 32 << 20
# So much is read: the first steps, by which a start is judged, and then as many others, evenly chosen.
_FIRST_FILES, _MOST_FILES, _MOST_BYTES = 20, 2_000, 1 << 30


async def read_tensors(files: Sequence[tuple[Path, int]]) -> Tensors:
    """Return the tensors of files of events; none where nothing can be read.

    Args:
        files: (path, size), while nothing of the job runs any more.
    """
    chosen, cut = choose(files)
    if not chosen:
        return Tensors()
    question = {"files": [str(path) for path in chosen]}
    try:
        found = await answer_of(_READER, question, patience_s=_PATIENCE_S, most_bytes=_MOST_ANSWER_BYTES)
        return Tensors([Tensor(*entry) for entry in found["tensors"]], cut or found["cut"])
    except (NoAnswer, KeyError, TypeError) as error:
        _log.info("tensors could not be read: %s", error)
        return Tensors()


def choose(files: Sequence[tuple[Path, int]]) -> tuple[list[Path], bool]:
    """Return the files of events to read, in the order of their steps, and whether others are left out. Pure.

    A name is `<12 digits>_<worker>.tfevents`.
    """
    events = sorted(
        (entry for entry in files if entry[0].name.endswith(".tfevents")), key=lambda e: e[0].name
    )
    first, rest = events[:_FIRST_FILES], events[_FIRST_FILES:]
    size = sum(size for _, size in rest)
    every = max(1, math.ceil(len(rest) / _MOST_FILES), math.ceil(size / _MOST_BYTES))
    return [path for path, _ in (*first, *rest[::every])], every > 1
