"""The job around an analysis: its first instance works, and leaves an exit message."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from sagehen.trainingtoolkit.monitoring.hosts import is_first
from sagehen.trainingtoolkit.monitoring.refusals import Refused

# Documented: ExitMessage of DescribeProcessingJob.
_MESSAGE = Path("/opt/ml/output/message")
# AWS's ends so where it fails (recorded: reports of failed monitoring jobs).
_FAILED = 255


def carry_out(analyze: Callable[[], str]) -> None:
    """Carry an analysis out; what cannot be done ends the job with its sentence.

    Args:
        analyze: Writes its reports, and returns the exit message.
    """
    try:
        if not is_first():
            print("The first instance analyzes the dataset; this one has nothing to do.", flush=True)
            return
        _tell(analyze())
    except Refused as error:
        _tell(f"Error: {error}")
        sys.exit(_FAILED)


def _tell(message: str) -> None:
    """Say how it ended, in the log and in the job's description."""
    print(message, flush=True)
    _MESSAGE.parent.mkdir(parents=True, exist_ok=True)
    _MESSAGE.write_text(message)
