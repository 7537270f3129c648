"""An account's limits."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """An account's limits in one region, by default AWS's quotas.

    Args:
        concurrency: Of all its functions together.
        minimum_unreserved: How much of that must stay unreserved.
        code_bytes: Of the packages of all versions and layers, as uploaded: 75 GB.
    """

    # Documented: Lambda quotas (1,000; 75 GB) and "Configuring reserved concurrency" (100). New accounts have
    # less on AWS.
    concurrency: int = 1000
    minimum_unreserved: int = 100
    code_bytes: int = 80_530_636_800
