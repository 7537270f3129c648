"""PipeFailed: what ends a pipe, but for S3's own refusals."""

from __future__ import annotations


class PipeFailed(Exception):
    """An entry cannot be sent, or there can be no pipe; the message is the job's FailureReason."""
