"""Which dates a policy may compare with: epoch seconds, or ISO 8601 with parts left out (recorded)."""

from __future__ import annotations

import re

# `01T`, `2019-07-01T13:20:15Z` and `2016-12-13t2:00:00.593194+23` are dates for IAM.
_DATE = re.compile(
    r"""
    -?\d{1,9} (-(0?[1-9]|1[0-2]) (-(0?[1-9]|[12]\d|3[01]))?)?
    (T (\d{1,2} (:\d{2} (:\d{2} ([.,]\d{1,9})?)?)?)? (Z|[+-]\d{2}(:?\d{2})?)? )?
    """,
    re.VERBOSE | re.IGNORECASE | re.ASCII,
)
_SECONDS = re.compile(r"[+-]?\d{1,19}", re.ASCII)


def is_date(text: str) -> bool:
    """Tell whether IAM takes a text for a date; one with policy variables is not looked at."""
    if "${" in text or _DATE.fullmatch(text):
        return True
    return bool(_SECONDS.fullmatch(text)) and -(2**63) <= int(text) < 2**63
