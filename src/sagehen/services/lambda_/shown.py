"""How Lambda writes times and digests in its answers."""

from __future__ import annotations

import base64
from datetime import datetime


def shown_time(moment: datetime) -> str:
    """Return a time, which is in UTC, as Lambda writes them: `2026-11-22T17:30:00.000+0000` (recorded).

    Events' configurations and destinations' records are written otherwise.
    """
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}+0000"


def shown_sha(sha: str) -> str:
    """Return a hexadecimal SHA-256 as CodeSha256 shows it: in base64."""
    return base64.b64encode(bytes.fromhex(sha)).decode()
