"""Refused: what the analyzer cannot do, or cannot read; the sentence becomes the job's ExitMessage."""

from __future__ import annotations


class Refused(Exception):
    """The job ends here; the message says why."""
