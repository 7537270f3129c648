"""`--aws`: AWS itself, and nothing else of that name."""

from __future__ import annotations

import os


def require_aws_itself() -> None:
    """Refuse `--aws` in a shell whose AWS clients lead elsewhere, as that of `sagehen env` does.

    Raises:
        ValueError: It would not be AWS, or AWS would be sent another's keys.
    """
    for name, value in os.environ.items():
        if name.startswith("AWS_ENDPOINT_URL") and value:
            raise ValueError(f"--aws: {name} leads to {value}; use a shell without it, with AWS's own keys")
